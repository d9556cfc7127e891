"""The folder of a test authority: its keys and certificates, made once and kept, readable by this user only.

The certificates name the address where their revocation answers are, so the port is chosen once too and kept with them.
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from asn1crypto import pem
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ledger.listening import HOST
from ledger.test_authority.errors import AuthorityError
from ledger.test_authority.hierarchy import ARCHITECTURE, INTERMEDIATE, LABELS, LEAVES, ROOT, RSA_LABELS, STAMPS, configuration
from ledger.whole_files import create

RECORD = "authority.json"


@dataclass(frozen=True)
class AuthorityFiles:
    """What a test authority wrote, for whoever signs with its certificates or trusts them.

    Attributes:
        directory: `test-authority` in the state folder.
    """

    directory: Path

    @classmethod
    def of(cls, state_dir: Path) -> AuthorityFiles:
        """The authority of a state folder; its files are there once it was started (`exists`)."""
        return cls(state_dir / "test-authority")

    @property
    def exists(self) -> bool:
        """Whether it was ever started here."""
        return (self.directory / RECORD).is_file()

    @cached_property
    def record(self) -> dict[str, Any]:
        """Its address and birth.

        Raises:
            AuthorityError: it was never started here.
        """
        try:
            found = orjson.loads((self.directory / RECORD).read_bytes())
        except (OSError, ValueError):
            raise AuthorityError("was never started here", field=str(self.directory), fix="run `sonang test-authority`") from None
        return dict(found)

    @property
    def url(self) -> str:
        """Where it answers while it runs."""
        return f"http://{HOST}:{self.record['port']}"

    @property
    def tsa_url(self) -> str:
        """Where it stamps time (RFC 3161)."""
        return f"{self.url}/{ARCHITECTURE}/tsa/{STAMPS}"

    @property
    def root(self) -> Path:
        """The one certificate to trust, PEM."""
        return self.certificate(ROOT)

    def certificate(self, label: str) -> Path:
        """A certificate, PEM; labels are `hierarchy.LABELS`."""
        return self.directory / f"{label}.crt"

    def key(self, label: str) -> Path:
        """Its private key, PKCS#8 PEM without a passphrase, mode 0600."""
        return self.directory / "keys" / f"{label}.key.pem"

    def pkcs12(self, label: str) -> Path:
        """Key and chain of a certificate that signs documents, locked with `passphrase`."""
        return self.directory / f"{label}.p12"

    def passphrase(self) -> str:
        """What unlocks the PKCS#12 files; random, in a file of mode 0600."""
        return (self.directory / "passphrase").read_text().strip()

    def architecture(self) -> PKIArchitecture:
        """The hierarchy, ready to answer; the certificates are those issued at its birth."""
        born = datetime.date.fromisoformat(self.record["born"])
        return _architecture(self.directory, self.url, born, {label: f"{label}.crt" for label in LABELS})


def prepare(files: AuthorityFiles, port: int) -> AuthorityFiles:
    """Makes keys and certificates where there are none: all of them, or nothing when it is interrupted.

    Args:
        port: where it will answer; 0 takes a free one. What exists keeps its own.

    Raises:
        AuthorityError: the authority that exists answers on another port.
    """
    if files.exists:
        if port not in (0, files.record["port"]):
            problem = f"its certificates name port {files.record['port']}"
            raise AuthorityError(problem, field="port", fix="leave the port out, or remove the folder to make a new authority")
        return files
    files.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = files.directory.with_name(f"{files.directory.name}.{os.getpid()}.new")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "keys").mkdir(mode=0o700, parents=True)
    draft.chmod(0o700)
    chosen = port or _free_port()
    for label in LABELS:
        create(draft / "keys" / f"{label}.key.pem", _new_key(label in RSA_LABELS))
    born = datetime.datetime.now(datetime.UTC).date()
    architecture = _architecture(draft, f"http://{HOST}:{chosen}", born)
    passphrase = secrets.token_urlsafe(32)
    create(draft / "passphrase", passphrase.encode())
    for label in LABELS:
        create(draft / f"{label}.crt", pem.armor("certificate", architecture.get_cert(CertLabel(label)).dump()))
    for label in LEAVES:
        chain = [CertLabel(INTERMEDIATE)]
        packed = architecture.package_pkcs12(CertLabel(label), certs_to_embed=chain, password=passphrase.encode())
        create(draft / f"{label}.p12", packed)
    create(draft / RECORD, orjson.dumps({"port": chosen, "born": born.isoformat()}))
    if files.directory.exists():  # a folder without its record was never complete
        shutil.rmtree(files.directory)
    draft.rename(files.directory)
    return files


def _architecture(directory: Path, url: str, born: datetime.date, kept: dict[str, str] | None = None) -> PKIArchitecture:
    config = CertomancerConfig(
        configuration(url, born, kept), key_search_dir=str(directory), config_search_dir=str(directory), external_url_prefix=url
    )
    return config.get_pki_arch(ArchLabel(ARCHITECTURE))


def _new_key(is_rsa: bool) -> bytes:
    key = rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
