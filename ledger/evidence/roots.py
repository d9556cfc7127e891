"""Which roots this installation itself trusts for the utility's signatures, and whose seal it expects; an auditor brings their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import NAMES

if TYPE_CHECKING:
    from asn1crypto import x509


def roots_here(settings: Settings) -> tuple[x509.Certificate, ...] | None:
    """The roots that are configured, or those of the test authority in the state folder; None when there are neither.

    Raises:
        SettingsError: the configured file holds no certificate.
    """
    files = AuthorityFiles.of(settings.state_dir)
    path = settings.seal_trust_roots or (files.root if files.exists else None)
    if path is None:
        return None
    from ledger.sealing.levels import load_trust_roots  # noqa: PLC0415 - a PDF library nobody waits for who checks a trade

    return load_trust_roots(path)


def sealed_by_here(settings: Settings) -> str | None:
    """The name in the certificate of this installation's seal: the configured one, or the test authority's where that seals; else None."""
    elsewhere = (settings.seal_pkcs12, settings.seal_pkcs11_lib, settings.seal_csc_url, settings.seal_trust_roots)
    tested = all(one is None for one in elsewhere) and AuthorityFiles.of(settings.state_dir).exists
    return settings.seal_name or (NAMES["seal"] if tested else None)
