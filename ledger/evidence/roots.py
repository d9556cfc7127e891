"""Which roots this installation itself trusts for the utility's signatures, and whose seal it expects; an auditor brings their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.evidence.sealer import ExpectedSeal, certificates_in, expected_seal
from ledger.settings import PREFIX, Settings
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


def sealed_by_here(settings: Settings) -> ExpectedSeal | None:
    """Whose seal this installation expects: what is configured, or the test authority's certificate where that seals; else None.

    Raises:
        SettingsError: the configured file holds no certificate.
    """
    if settings.seal_name is not None:
        return expected_seal(settings.seal_name, f"{PREFIX}SEAL_NAME")
    elsewhere = (settings.seal_pkcs12, settings.seal_pkcs11_lib, settings.seal_csc_url, settings.seal_trust_roots)
    files = AuthorityFiles.of(settings.state_dir)
    if any(one is not None for one in elsewhere) or not files.exists:
        return None
    return ExpectedSeal(NAMES["seal"], certificates_in(files.certificate("seal"), f"{PREFIX}SEAL_NAME"))
