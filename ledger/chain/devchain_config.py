"""`devchain.toml` read once and checked: what the local chain is, in units a person can read."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ledger.errors import SettingsError
from ledger.settings import MARKER, find_project_root

__all__ = ["DEVCHAIN_ID", "DevchainConfig", "load_devchain_config"]

DEVCHAIN_ID = 31_337
"""The only chain id on which anvil's published keys are ever used."""


class DevchainConfig(BaseModel):
    """The devchain's settings; every field is documented beside its value in `devchain.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    chain_id: Annotated[int, Field(ge=DEVCHAIN_ID, le=DEVCHAIN_ID)] = DEVCHAIN_ID
    hardfork: Annotated[str, Field(pattern=r"^[a-z]+$")] = "osaka"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8545
    block_time_s: Annotated[int, Field(ge=0, le=3600)] = 0
    clock_step_s: Annotated[int, Field(ge=0, le=3600)] = 0
    accounts: Annotated[int, Field(ge=2, le=1000)] = 10
    balance_ether: Annotated[int, Field(ge=1, le=10**12)] = 1_000_000
    gas_limit: Annotated[int, Field(ge=1_000_000, le=2**40)] = 60_000_000
    confirmations: Annotated[int, Field(ge=0, le=1000)] = 2
    genesis_time: datetime.datetime = datetime.datetime(2016, 1, 1, tzinfo=datetime.UTC)
    state_file: Annotated[str, Field(min_length=1)] = "devchain/state.json"
    state_interval_s: Annotated[int, Field(ge=0, le=3600)] = 5

    @field_validator("genesis_time")
    @classmethod
    def _zoned(cls, value: datetime.datetime) -> datetime.datetime:
        if value.tzinfo is None or value.timestamp() < 1:
            raise ValueError("must be a moment after 1970 with a time zone, for example 2016-01-01T00:00:00Z")
        return value

    @property
    def genesis_timestamp(self) -> int:
        """The first block's time in Unix seconds, UTC."""
        return int(self.genesis_time.timestamp())


def load_devchain_config(project_root: Path | None = None) -> DevchainConfig:
    """Reads `devchain.toml` of the project; without a project the same values are built in.

    Raises:
        SettingsError: the file is not TOML, or a value is unknown or out of range; `field` is `devchain.toml: <name>`.
    """
    root = project_root or find_project_root()
    if root is None:
        return DevchainConfig()
    file = root / MARKER
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise SettingsError(f"cannot be read: {wrong}", field=str(file), fix="restore it from the repository") from None
    try:
        return DevchainConfig.model_validate(values)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        known = ", ".join(DevchainConfig.model_fields)
        raise SettingsError(first["msg"].removeprefix("Value error, "), field=f"{MARKER}: {name}", fix=f"known names are {known}") from None
