"""Simulated meters: interval data become the load profile a real meter would send, signed with the meter's own P-256 key.

One signature covers one meter and one local day. Nothing is invented: an interval without data is marked as not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ec

from ledger.protocol.signers import sign_p256
from ledger.protocol.typed_data import Domain, LoadProfile, digest
from oracle.profiles import UNRECORDED_WH, SignedProfile
from oracle.vee import DAY_S

Energies = Mapping[int, tuple[int, int]]
"""Import and export in Wh by the interval's start, Unix seconds."""


def sign_day(
    meter: bytes,
    period_start: int,
    interval_s: int,
    energies: Energies,
    *,
    key: ec.EllipticCurvePrivateKey,
    profile_salt: bytes,
    domain: Domain,
    version: int = 1,
) -> SignedProfile:
    """The signed profile of a meter's day.

    Args:
        period_start: local midnight, Unix seconds.
        interval_s: length of an interval; divides a day.
        energies: what was recorded; intervals that are absent count as not recorded.
        key: the meter's own key.
        profile_salt: 32 bytes; every leaf salt of the day is derived from it.
        domain: the MeterRegistry's.
        version: 1, or the next number for a correction.
    """
    profile = _day_profile(meter, period_start, interval_s, energies, version)
    return SignedProfile(profile, profile_salt, sign_p256(key, digest(domain, profile)))


def _day_profile(meter: bytes, period_start: int, interval_s: int, energies: Energies, version: int) -> LoadProfile:
    starts = range(period_start, period_start + DAY_S, interval_s)
    assert set(energies) <= set(starts), "an interval of another day or grid"
    recorded = [energies.get(start, (UNRECORDED_WH, UNRECORDED_WH)) for start in starts]
    return LoadProfile(
        meter=meter,
        period_start=period_start,
        interval_s=interval_s,
        version=version,
        import_wh=tuple(import_wh for import_wh, _ in recorded),
        export_wh=tuple(export_wh for _, export_wh in recorded),
    )
