"""From accepted profiles to the leaves of one zone's day and their root: the same input gives every honest node the same root."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ledger.protocol.leaves import ReadingLeaf, reading_salt
from ledger.protocol.merkle import merkle_root
from ledger.protocol.typed_data import Readings
from oracle.errors import StatementError
from oracle.profiles import SignedProfile
from oracle.vee import DAY_S, Quality, ZoneTerms, readings

NO_SALT = bytes(32)
"""Salt of the readings of a silent meter: they hold no energy, so there is nothing to hide, and no node could know another salt."""


def build_leaves(
    zone: bytes, period_start: int, version: int, terms: ZoneTerms, *, meters: Collection[bytes], profiles: Mapping[bytes, SignedProfile]
) -> list[ReadingLeaf]:
    """Every reading of every meter in service, sorted by meter and start.

    Args:
        version: version of the readings; it stands in every leaf, also where the meter's own profile is an older one.
        meters: the meters in service for the whole period.
        profiles: the accepted profile of each meter; a meter without one is silent and gets zero readings of quality 3.

    Raises:
        StatementError: no meter is in service.
    """
    if not meters:
        raise StatementError("no meter of the zone is in service for the whole period", field="zone", fix="install its meters first")
    leaves: list[ReadingLeaf] = []
    for meter in sorted(set(meters)):
        signed = profiles.get(meter)
        if signed is None:
            leaves.extend(_silent(zone, meter, period_start, version, terms))
        else:
            leaves.extend(_recorded(zone, signed, version))
    return leaves


def build_readings(zone: bytes, period_start: int, version: int, leaves: Sequence[ReadingLeaf]) -> Readings:
    """The statement over those leaves that oracles sign."""
    return Readings(
        zone=zone,
        period_start=period_start,
        period_end=period_start + DAY_S,
        version=version,
        root=merkle_root([leaf.leaf_hash() for leaf in leaves]),
        count=len(leaves),
    )


def _recorded(zone: bytes, signed: SignedProfile, version: int) -> list[ReadingLeaf]:
    profile = signed.profile
    return [
        ReadingLeaf(
            zone=zone,
            meter=profile.meter,
            start=start,
            version=version,
            import_wh=import_wh,
            export_wh=export_wh,
            quality=int(quality),
            salt=reading_salt(signed.profile_salt, start),
        )
        for start, (import_wh, export_wh, quality) in zip(_starts(profile.period_start, profile.interval_s), readings(profile), strict=True)
    ]


def _silent(zone: bytes, meter: bytes, period_start: int, version: int, terms: ZoneTerms) -> list[ReadingLeaf]:
    return [
        ReadingLeaf(
            zone=zone, meter=meter, start=start, version=version, import_wh=0, export_wh=0, quality=int(Quality.MISSING), salt=NO_SALT
        )
        for start in _starts(period_start, terms.interval_s)
    ]


def _starts(period_start: int, interval_s: int) -> range:
    return range(period_start, period_start + DAY_S, interval_s)
