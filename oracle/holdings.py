"""What a node holds: accepted profiles, its own statements and the refusals, found again through its journal.

Memory keeps places and hashes; the contents stay in the journal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.typed_data import hash_struct
from oracle.errors import RefusedError
from oracle.journal import Journal, Record, open_journal
from oracle.profiles import SignedProfile, parse_profile
from oracle.quorum import SignedStatement, parse_statement
from oracle.vee import Flag, ZoneTerms

REFUSALS_KEPT = 10_000
"""In memory, to be asked for and to be told apart from repetitions; the journal keeps all."""

Place = tuple[bytes, int]
"""A zone and the start of its period."""


@dataclass(frozen=True)
class Held:
    """An accepted profile: where it stands in the journal, the hash of its content, and its salt."""

    offset: int
    content: bytes
    salt: bytes


@dataclass(frozen=True)
class Stated:
    """A statement of this node, the meters that were in service, and the zone's terms: enough to build every leaf again."""

    statement: SignedStatement
    meters: tuple[bytes, ...]
    terms: ZoneTerms

    def to_json(self) -> Record:
        """The form it is kept in."""
        return {
            "statement": self.statement.to_json(),
            "meters": [hex0x(meter) for meter in self.meters],
            "interval_s": self.terms.interval_s,
            "utc_offset_s": self.terms.utc_offset_s,
        }


class Holdings:
    """Everything one node holds.

    Args:
        directory: where its journal is.
        header: whose journal it is.

    Raises:
        NodeError: the journal is damaged, held by another process, or another node's.
    """

    def __init__(self, directory: Path, header: Mapping[str, object]) -> None:
        self._profiles: dict[Place, dict[bytes, dict[int, Held]]] = {}
        self._statements: dict[Place, dict[int, int]] = {}
        self._refusals: dict[tuple[str, str], Record] = {}
        self.profile_count = self.statement_count = self.refusal_count = 0
        self._journal: Journal = open_journal(directory, dict(header), self._take)

    def close(self) -> None:
        """Lets go of the journal."""
        self._journal.close()

    def held(self, zone: bytes, period_start: int, meter: bytes) -> Mapping[int, Held]:
        """The accepted versions of a meter's profile."""
        return self._profiles.get((zone, period_start), {}).get(meter, {})

    def last_stated(self, zone: bytes, period_start: int) -> int:
        """The highest version of a period this node has signed; 0 for none."""
        return max(self._statements.get((zone, period_start), {0: 0}))

    def stated(self, zone: bytes, period_start: int, version: int) -> Stated | None:
        """This node's statement for a version, when it has signed one."""
        offset = self._statements.get((zone, period_start), {}).get(version)
        return None if offset is None else _stated(self._journal.read(offset))

    def statements(self) -> Iterator[SignedStatement]:
        """Every statement of this node."""
        for versions in self._statements.values():
            for offset in versions.values():
                yield _stated(self._journal.read(offset)).statement

    def profiles(self, zone: bytes, period_start: int, version: int) -> dict[bytes, SignedProfile]:
        """The profile of every meter that counts for a version of the readings: its newest one up to that version."""
        found: dict[bytes, SignedProfile] = {}
        for meter, versions in self._profiles.get((zone, period_start), {}).items():
            usable = [one for one in versions if one <= version]
            if usable:
                found[meter] = parse_profile(self._journal.read(versions[max(usable)].offset)["profile"])
        return found

    def refusals(self, limit: int) -> list[Record]:
        """The latest refusals, newest first."""
        return list(islice(reversed(self._refusals.values()), limit))

    def keep(self, records: list[Record]) -> None:
        """Writes records and returns when the disk holds them.

        Raises:
            NodeError: the disk failed.
        """
        for offset, record in zip(self._journal.append(records), records, strict=True):
            self._take(offset, record)

    def is_new_refusal(self, record: Record) -> bool:
        """Whether the same thing has not been refused for the same reason lately: repetitions are answered, not kept."""
        return _refusal_key(record) not in self._refusals

    def _take(self, offset: int, record: Record) -> None:
        match record["kind"]:
            case "profile":
                self._take_profile(offset, record)
            case "statement":
                readings = _stated(record).statement.readings
                self._statements.setdefault((readings.zone, readings.period_start), {})[readings.version] = offset
                self.statement_count += 1
            case "refusal":
                self._refusals[_refusal_key(record)] = record
                self.refusal_count += 1
                if len(self._refusals) > REFUSALS_KEPT:
                    del self._refusals[next(iter(self._refusals))]

    def _take_profile(self, offset: int, record: Record) -> None:
        signed = parse_profile(record["profile"])
        zone, profile = unhex(record["zone"], "zone", 32), signed.profile
        meters = self._profiles.setdefault((zone, profile.period_start), {})
        meters.setdefault(profile.meter, {})[profile.version] = Held(offset, hash_struct(profile), signed.profile_salt)
        self.profile_count += 1


def profile_record(zone: bytes, signed: SignedProfile, flags: tuple[Flag, ...], at: int) -> Record:
    """An accepted profile as the journal keeps it; `at` is the chain's time."""
    odd = [{"code": flag.code.value, "interval": flag.interval, "register": flag.register} for flag in flags]
    return {"kind": "profile", "at": at, "zone": hex0x(zone), "profile": signed.to_json(), "flags": odd}


def statement_record(stated: Stated) -> Record:
    """A statement as the journal keeps it."""
    return {"kind": "statement", **stated.to_json()}


def refusal_record(refused: RefusedError, payload: str, about: Mapping[str, object], at: int) -> Record:
    """A refusal as the journal keeps it.

    Args:
        payload: SHA-256 of what was brought, in hex.
        about: meter, period and version when they could be read; of a conflict the whole signed profile, which is evidence.
        at: the chain's time.
    """
    reason = {"code": refused.code.value, "problem": refused.problem, "field": refused.field, "fix": refused.fix}
    return {"kind": "refusal", "at": at, "payload": payload, **reason, **about}


def _refusal_key(record: Record) -> tuple[str, str]:
    return record["payload"], record["code"]


def _stated(record: Mapping[str, Any]) -> Stated:
    return Stated(
        statement=parse_statement(record["statement"]),
        meters=tuple(unhex(meter, "meter", 32) for meter in record["meters"]),
        terms=ZoneTerms(record["interval_s"], record["utc_offset_s"]),
    )
