"""Whether a node takes a load profile: signature first, then what it holds already, then the validation rules."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.protocol.errors import ProtocolError
from ledger.protocol.signers import Verifiers, verify
from ledger.protocol.typed_data import Domain, hash_struct
from oracle.errors import Reason, RefusedError
from oracle.holdings import Held, Holdings
from oracle.profiles import SignedProfile
from oracle.vee import RegisteredMeter, ZoneTerms, check_profile


@dataclass(frozen=True)
class Facts:
    """What the chain said about a batch of profiles.

    Attributes:
        now: time of the latest block, Unix seconds.
        meters, zones: what is registered, by id.
        anchored: the (zone, period start, version) places at which readings are anchored, among those that matter.
    """

    now: int
    meters: dict[bytes, RegisteredMeter]
    zones: dict[bytes, ZoneTerms]
    anchored: frozenset[tuple[bytes, int, int]]


def check_acceptable(signed: SignedProfile, facts: Facts, holdings: Holdings, domain: Domain, verifiers: Verifiers) -> bytes:
    """Applies every rule in a fixed order and returns the zone the profile belongs to.

    Raises:
        RefusedError: the first rule broken.
    """
    meter = facts.meters.get(signed.profile.meter)
    if meter is None:
        raise RefusedError(Reason.UNKNOWN_METER, "the MeterRegistry knows no such meter", field="meter", fix="install the meter first")
    check_signature(signed, meter, domain, verifiers)
    check_new(signed, meter.zone, holdings)
    terms = facts.zones.get(meter.zone)
    if terms is None:
        raise RefusedError(Reason.WRONG_PERIOD, "the meter's zone is not configured", field="meter", fix="configure the zone first")
    check_profile(signed.profile, meter, terms, facts.now)
    profile = signed.profile
    if profile.version > 1 and (meter.zone, profile.period_start, profile.version - 1) not in facts.anchored:
        problem = f"version {profile.version - 1} of the readings it corrects is not anchored"
        raise RefusedError(Reason.VERSION_AHEAD, problem, field="version", fix="anchor the readings before it, then send it again")
    return meter.zone


def check_signature(signed: SignedProfile, meter: RegisteredMeter, domain: Domain, verifiers: Verifiers) -> None:
    """The profile is signed by the key the chain holds for the meter.

    Raises:
        RefusedError: `forged`.
    """
    try:
        verify(meter.signer, signed.digest(domain), signed.signature, verifiers)
    except ProtocolError as wrong:
        raise RefusedError(Reason.FORGED, wrong.problem[:200], field="signature", fix="the meter must sign exactly these bytes") from None


def check_new(signed: SignedProfile, zone: bytes, holdings: Holdings) -> None:
    """Nothing held or signed already is repeated, contradicted or reopened.

    Raises:
        RefusedError: `duplicate`, `salt-changed`, `conflicting` or `replayed`.
    """
    profile = signed.profile
    versions = holdings.held(zone, profile.period_start, profile.meter)
    same = versions.get(profile.version)
    if same is not None:
        raise _repeated(signed, same)
    stated = holdings.last_stated(zone, profile.period_start)
    if profile.version <= stated:
        problem = f"version {stated} of the period's readings is stated already"
        raise RefusedError(Reason.REPLAYED, problem, field="version", fix=f"send a correction as version {stated + 1}")
    if versions and profile.version < max(versions):
        raise RefusedError(
            Reason.REPLAYED, f"version {max(versions)} is held already", field="version", fix="nothing to do: the newer one counts"
        )


def _repeated(signed: SignedProfile, held: Held) -> RefusedError:
    if held.content != hash_struct(signed.profile):
        problem = f"version {signed.profile.version} is held with other contents, signed by the same meter"
        return RefusedError(Reason.CONFLICTING, problem, field="version", fix="look at the meter; a correction is its next version")
    if held.salt != signed.profile_salt:
        return RefusedError(Reason.SALT_CHANGED, "held with another salt", field="profile_salt", fix="send the salt it was first sent with")
    return RefusedError(Reason.DUPLICATE, "held already", field="version", fix="nothing to do")
