"""A signed load profile as it travels from a meter to a node: one meter, one local day, every interval of both registers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_bytes32, check_time, check_uint, check_wh, hex0x, unhex
from ledger.protocol.typed_data import Domain, LoadProfile, digest
from oracle.errors import Reason, RefusedError

UNRECORDED_WH = 2**64 - 1
"""What a meter writes for an interval it did not record (docs/oracle.md); such a reading has no energy and quality 3."""
ENERGY_LIMIT_WH = 2**63 - 1
INTERVALS_LIMIT = 1440
SIGNATURE_LIMIT = 4096
FIELDS = frozenset({"meter", "period_start", "interval_s", "version", "import_wh", "export_wh", "profile_salt", "signature"})


@dataclass(frozen=True)
class SignedProfile:
    """A load profile, the salt its leaves are made with, and the meter's signature over the profile's digest."""

    profile: LoadProfile
    profile_salt: bytes
    signature: bytes

    def digest(self, domain: Domain) -> bytes:
        """The EIP-712 digest the meter signed, in the MeterRegistry's domain."""
        return digest(domain, self.profile)

    def to_json(self) -> dict[str, object]:
        """The form it travels and is kept in."""
        return {
            "meter": hex0x(self.profile.meter),
            "period_start": self.profile.period_start,
            "interval_s": self.profile.interval_s,
            "version": self.profile.version,
            "import_wh": list(self.profile.import_wh),
            "export_wh": list(self.profile.export_wh),
            "profile_salt": hex0x(self.profile_salt),
            "signature": hex0x(self.signature),
        }


def parse_profile(value: object) -> SignedProfile:
    """Reads a signed profile from parsed JSON.

    Raises:
        RefusedError: `malformed`, or `negative` for an energy below zero; names the field.
    """
    if not isinstance(value, Mapping):
        raise RefusedError(Reason.MALFORMED, "a profile must be an object", fix="see docs/oracle.md")
    names = set(value)
    if names != FIELDS:
        odd = ", ".join(sorted(str(name)[:40] for name in names ^ FIELDS))
        raise RefusedError(Reason.MALFORMED, f"fields missing or unknown: {odd}"[:300], fix=f"give exactly {', '.join(sorted(FIELDS))}")
    try:
        profile = LoadProfile(
            meter=unhex(_text(value, "meter"), "meter", 32),
            period_start=check_time(value["period_start"], "period_start"),
            interval_s=check_uint(value["interval_s"], 32, "interval_s"),
            version=check_uint(value["version"], 32, "version"),
            import_wh=_energies(value["import_wh"], "import_wh"),
            export_wh=_energies(value["export_wh"], "export_wh"),
        )
        salt = check_bytes32(unhex(_text(value, "profile_salt"), "profile_salt", 32), "profile_salt")
        signature = unhex(_text(value, "signature"), "signature")
    except ProtocolError as wrong:
        raise RefusedError(Reason.MALFORMED, wrong.problem[:300], field=wrong.field, fix=wrong.fix) from None
    if len(signature) > SIGNATURE_LIMIT:
        raise RefusedError(Reason.MALFORMED, f"longer than {SIGNATURE_LIMIT} bytes", field="signature")
    if profile.version < 1:
        raise RefusedError(Reason.MALFORMED, "versions begin at 1", field="version")
    return SignedProfile(profile, salt, signature)


def _text(value: Mapping[str, object], field: str) -> str:
    text = value[field]
    if not isinstance(text, str):
        raise RefusedError(Reason.MALFORMED, "must be 0x and hex digits", field=field)
    return text


def _energies(value: object, field: str) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > INTERVALS_LIMIT:
        raise RefusedError(Reason.MALFORMED, f"must be a list of at most {INTERVALS_LIMIT} integers", field=field)
    return tuple(_energy(entry, f"{field}[{place}]") for place, entry in enumerate(value))


def _energy(entry: object, field: str) -> int:
    if isinstance(entry, int) and not isinstance(entry, bool) and entry < 0:
        raise RefusedError(
            Reason.NEGATIVE, f"negative energy {str(entry)[:24]} Wh", field=field, fix="import and export each count upwards"
        )
    wh = check_wh(entry, field)
    if ENERGY_LIMIT_WH < wh != UNRECORDED_WH:
        raise RefusedError(Reason.MALFORMED, f"{wh} Wh is too large for one interval", field=field)
    return wh
