"""What the program is told from outside: environment variables with the prefix `SONANG_`, checked once, wrong ones named.

Nothing here has a secret default. Keys that are not given fall back to the devchain's published keys only on the devchain
(`ledger.chain.keys`), so a forgotten setting can never sign on a real chain.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.errors import SettingsError

PREFIX = "SONANG_"
MARKER = "devchain.toml"
STATE = ".sonang"
API_PORT = 8000


def find_project_root(start: Path | None = None) -> Path | None:
    """The folder that holds `devchain.toml`: looked for from `start` (default: the current folder) upwards, then beside this package.

    Returns None when there is none, for example when only the verifier is installed.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parent.parent):
        if (folder / MARKER).is_file():
            return folder
    return None


class Settings(BaseSettings):
    """Every setting, each read from `SONANG_<NAME>`; `load_settings` is the way to build it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True)

    project_root: Path | None = Field(default_factory=find_project_root, description="Folder with devchain.toml and contracts/.")
    state_dir: Path = Field(default=Path(), validate_default=True, description="Everything this installation stores; default .sonang.")
    database_url: str | None = Field(
        default=None, repr=False, description="PostgreSQL URL; without it one is embedded in the state folder."
    )
    rpc_url: str | None = Field(default=None, description="Any EVM chain's JSON-RPC; without it the devchain.")
    rpc_timeout_s: float = Field(default=30.0, gt=0, le=600, description="How long one answer of the chain may take.")
    deployment_file: Path | None = Field(default=None, description="Contract addresses; default deployments/<chain id>.json.")
    confirmations: int | None = Field(
        default=None, ge=0, le=10_000, description="Blocks on top before final; default devchain.toml, else 12."
    )
    operator_key: SecretStr | None = Field(
        default=None, description="Private key that sends the operator's transactions, 0x and 64 hex digits."
    )
    deployer_key: SecretStr | None = Field(default=None, description="Private key that deploys the contracts, 0x and 64 hex digits.")
    guardian_key: SecretStr | None = Field(default=None, description="Private key that pauses, voids and revokes, 0x and 64 hex digits.")
    seal_pkcs12: Path | None = Field(default=None, description="PKCS#12 file that seals; on the devchain the test authority's.")
    seal_passphrase: SecretStr | None = Field(default=None, description="What opens SONANG_SEAL_PKCS12.")
    approvals_pkcs12: Path | None = Field(default=None, description="PKCS#12 file that certifies approvals; default the one that seals.")
    approvals_passphrase: SecretStr | None = Field(default=None, description="What opens SONANG_APPROVALS_PKCS12.")
    seal_pkcs11_lib: Path | None = Field(default=None, description="PKCS#11 module of the token that seals, instead of a file.")
    seal_pkcs11_token: str | None = Field(default=None, description="Label of that token.")
    seal_pkcs11_pin: SecretStr | None = Field(default=None, description="PIN of that token.")
    seal_csc_url: str | None = Field(default=None, description="Remote signing service (CSC API v1) that seals, instead of a file.")
    seal_csc_token: SecretStr | None = Field(default=None, description="Bearer token of that service.")
    seal_csc_pin: SecretStr | None = Field(default=None, description="PIN that releases the key there, where one is needed.")
    seal_key: str | None = Field(default=None, description="Which key seals: its label in the token, or its credential at the service.")
    approvals_key: str | None = Field(default=None, description="Which key there certifies approvals; default the one that seals.")
    seal_trust_roots: Path | None = Field(default=None, description="PEM file with the root certificates the seal must lead to.")
    seal_name: str | None = Field(default=None, description="Whose seal counts: file or SHA-256 of its certificate, or only its name.")
    tsa_url: str | None = Field(default=None, description="RFC 3161 time-stamp authority; on the devchain the test authority's.")
    tsa_user: str | None = Field(default=None, description="Account at the time-stamp authority, where it wants one.")
    tsa_password: SecretStr | None = Field(default=None, description="Password of that account.")
    seal_at_once: int = Field(default=4, ge=1, le=32, description="Files sealed at once by keys in files; more where the stamps are far.")
    api_host: str = Field(default="127.0.0.1", description="Where the HTTP API listens.")
    api_port: int = Field(default=API_PORT, ge=0, le=65_535, description="Port of the HTTP API; 0 takes a free one.")
    mailbox: bool | None = Field(
        default=None, description="Messages no carrier is set for go to the state folder's mailbox; default: without SONANG_RPC_URL."
    )
    message_key_file: Path | None = Field(default=None, description="Private key queued messages open with; default message.key.")
    smtp_url: SecretStr | None = Field(default=None, description="smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://…, for e-mail.")
    mail_from: str | None = Field(default=None, description="Address e-mail comes from; needed with SONANG_SMTP_URL.")
    sms_url: str | None = Field(default=None, description="Gateway that takes SMS by POST.")
    sms_secret: SecretStr | None = Field(default=None, min_length=32, description="Signs requests to and reports from the SMS gateway.")
    zalo_url: str | None = Field(default=None, description="Gateway that takes Zalo messages by POST.")
    zalo_secret: SecretStr | None = Field(default=None, min_length=32, description="Signs requests to and reports from the Zalo gateway.")
    utility_key: SecretStr | None = Field(
        default=None, description="Private key the utility signs documents and attests codes with, 0x and 64 hex digits."
    )
    otp_key: SecretStr | None = Field(default=None, min_length=32, description="Keys the hashes of one-time codes; 32 characters or more.")
    contact_cooling_off_s: int = Field(default=259_200, ge=0, le=31_536_000, description="How long a changed contact gets no signing code.")
    request_retention_days: int = Field(
        default=365,
        ge=1,
        le=36_500,
        description="Days after which a rejected or withdrawn request is emptied of what it holds of a person.",
    )
    request_patience_days: int = Field(
        default=90, ge=1, le=36_500, description="Days after the last reminder in which a request that was handed back may be answered."
    )
    public_url: str = Field(
        default_factory=lambda given: f"http://localhost:{given.get('api_port') or API_PORT}",
        description="Where people reach the pages; passkeys are bound to its host; default localhost at SONANG_API_PORT.",
    )
    company_trust_roots: Path | None = Field(
        default=None, description="PEM file with the roots company certificates must lead to; devchain: the test authority's."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="What is logged.")

    @property
    def in_default_state(self) -> bool:
        """Whether the state folder is the project's own `.sonang`."""
        return self.state_dir == ((self.project_root or Path.cwd()) / STATE).resolve()

    @property
    def uses_mailbox(self) -> bool:
        """Whether messages no carrier is set for go to a folder that can be read."""
        return self.rpc_url is None if self.mailbox is None else self.mailbox

    @field_validator("state_dir")
    @classmethod
    def _state_dir(cls, value: Path) -> Path:
        return value.expanduser().resolve() if value != Path() else (find_project_root() or Path.cwd()) / STATE

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("rpc_url", "seal_csc_url", "tsa_url", "sms_url", "zalo_url", "public_url")
    @classmethod
    def _rpc_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("operator_key", "deployer_key", "guardian_key", "utility_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_private_key(value.get_secret_value()):
            raise ValueError("must be 0x and 64 hex digits")
        return value


def load_settings() -> Settings:
    """Reads the environment.

    Raises:
        SettingsError: a variable with our prefix is unknown or malformed; `field` is its full name and the value is never repeated
            (it may be a secret).
    """
    _refuse_unknown_names()
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else PREFIX
        described = Settings.model_fields[str(first["loc"][0])].description if first["loc"] else None
        raise SettingsError(
            f"cannot be used: {first['msg'].removeprefix('Value error, ')}",
            field=name,
            fix=f"set it again or unset it ({described})",
        ) from None


def _refuse_unknown_names() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        ours = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and ours not in known:
            near = difflib.get_close_matches(ours, known, n=1)
            fix = (
                f"did you mean {PREFIX}{near[0]}?" if near else f"unset it; known are {', '.join(PREFIX + each for each in sorted(known))}"
            )
            raise SettingsError("no such setting", field=name, fix=fix)


def _is_private_key(text: str) -> bool:
    digits = text.removeprefix("0x")
    if len(digits) != 64:
        return False
    try:
        number = int.from_bytes(bytes.fromhex(digits), "big")
    except ValueError:
        return False
    return 0 < number < 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
