"""A reading: a leaf under the root oracles anchored, and the profile its meter signed for that day."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.evidence.claims.anchored import AnchoredReading
from ledger.evidence.claims.metered import prove_meter
from ledger.evidence.findings import Answer, BrokenRuleError, Status, Trail, require
from ledger.evidence.state import State
from ledger.protocol.leaves import reading_salt
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import verify
from ledger.protocol.typed_data import LoadProfile, Meter, Readings, digest

MEASURED, MISSING = 0, 3
NO_SALT = bytes(32)
UNRECORDED_WH = 2**64 - 1


@dataclass(frozen=True)
class SignedDay:
    """What a meter signed for its day, and the salt all readings of that day are made with."""

    profile: LoadProfile
    salt: bytes
    signature: bytes


@dataclass(frozen=True)
class ReadingClaim:
    """One reading.

    Attributes:
        signed: None for a meter that was silent; its readings hold no energy.
    """

    reading: AnchoredReading
    meter: Meter
    signed: SignedDay | None

    def check(self, trail: Trail, state: State, document: bytes) -> Status:
        """Makes every check; what fails ends it."""
        readings, leaf = self.reading.readings, self.reading.leaf
        self.reading.check(trail, state)
        with trail.step("meter"):
            require((self.meter.meter, self.meter.zone) == (leaf.meter, leaf.zone), "another meter, or of another zone", "meter")
            prove_meter(state, self.meter, readings.period_start, readings.period_end)
        with trail.step("status"):
            newer = next(self.reading.newer_versions(state), None)
        self._check_signed(trail, state)
        trail.facts.update(self._facts())
        trail.unchecked.append("instrument")
        return Status("current") if newer is None else Status("superseded", Answer.SUPERSEDED, by=f"version {newer}")

    def _check_signed(self, trail: Trail, state: State) -> None:
        leaf, signed = self.reading.leaf, self.signed
        if signed is None:
            with trail.step("silent"):
                require(leaf.salt == NO_SALT, "a reading with a salt and no signed profile", "signed")
                silent = (leaf.import_wh, leaf.export_wh, leaf.quality) == (0, 0, MISSING)
                require(silent, "energy nobody signed for", "leaf", BrokenRuleError)
            trail.skip("profile", "the meter was silent that day")
            return
        with trail.step("profile"):
            profile = signed.profile
            require(profile.meter == leaf.meter, "another meter's profile", "profile")
            require(profile.version <= leaf.version, "a profile newer than the reading", "profile")
            verify(self.meter.signer, digest(state.contracts.domain("MeterRegistry"), profile), signed.signature, state.contracts.verifiers)
            require(reading_salt(signed.salt, leaf.start) == leaf.salt, "the reading's salt is not of this day", "salt")
        with trail.step("energy"):
            expected = _expected(profile, self.reading.readings, leaf.start)
            require((leaf.import_wh, leaf.export_wh, leaf.quality) == expected, "not what the meter signed", "leaf", BrokenRuleError)

    def _facts(self) -> dict[str, object]:
        leaf = self.reading.leaf
        return {
            "zone": hex0x(leaf.zone),
            "meter": hex0x(leaf.meter),
            "party": hex0x(self.meter.party),
            "start": leaf.start,
            "version": leaf.version,
            "import_wh": leaf.import_wh,
            "export_wh": leaf.export_wh,
            "quality": leaf.quality,
        }


def _expected(profile: LoadProfile, readings: Readings, start: int) -> tuple[int, int, int]:
    """Import Wh, export Wh and quality that follow from what the meter signed.

    Raises:
        ProtocolError: the profile has another day or other intervals.
    """
    count, interval = len(profile.import_wh), profile.interval_s
    whole = profile.period_start == readings.period_start and count * interval == readings.period_end - readings.period_start
    require(whole and count == len(profile.export_wh), "a profile of another day, or with intervals missing", "profile")
    place, rest = divmod(start - profile.period_start, interval)
    require(rest == 0, "no interval of the profile begins then", "profile")
    energies = (profile.import_wh[place], profile.export_wh[place])
    return (0, 0, MISSING) if UNRECORDED_WH in energies else (*energies, MEASURED)
