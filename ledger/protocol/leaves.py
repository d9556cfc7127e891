"""What the Merkle trees hold: one dataclass a kind of leaf, and the salts that keep a leaf from being guessed.

A leaf hash is keccak256(keccak256(abi.encode(fields…))), fields in the order of docs/protocol.md. Salts derive from a party's 32-byte
key; when the key is destroyed, nobody can link the party to its leaves any more.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from ledger.protocol.keccak import keccak, lanes_for
from ledger.protocol.quantities import check_bytes32, check_int, check_text, check_uint, uint_word


@dataclass(frozen=True, slots=True)
class ReadingLeaf:
    """One meter's validated reading of one market time unit; energies in Wh, quality as docs/protocol.md numbers it."""

    zone: bytes
    meter: bytes
    start: int
    version: int
    import_wh: int
    export_wh: int
    quality: int
    salt: bytes

    def leaf_hash(self) -> bytes:
        """The leaf's hash.

        Raises:
            ProtocolError: a field is out of range.
        """
        return _double_hash(
            check_bytes32(self.zone, "zone"),
            check_bytes32(self.meter, "meter"),
            uint_word(self.start, 64, "start"),
            uint_word(self.version, 32, "version"),
            uint_word(self.import_wh, 64, "import_wh"),
            uint_word(self.export_wh, 64, "export_wh"),
            uint_word(self.quality, 8, "quality"),
            check_bytes32(self.salt, "salt"),
        )


@dataclass(frozen=True, slots=True)
class OrderLeaf:
    """One order committed for one market time unit; `index` is its place among the orders sorted by digest."""

    zone: bytes
    index: int
    party: bytes
    order_digest: bytes

    def leaf_hash(self) -> bytes:
        """The leaf's hash.

        Raises:
            ProtocolError: a field is out of range.
        """
        return _double_hash(
            check_bytes32(self.zone, "zone"),
            uint_word(self.index, 32, "index"),
            check_bytes32(self.party, "party"),
            check_bytes32(self.order_digest, "order_digest"),
        )


@dataclass(frozen=True, slots=True)
class FillLeaf:
    """One fill of a clearing, or a residual leg with the utility (`order_digest` zero); side 0 sells, 1 buys."""

    zone: bytes
    start: int
    index: int
    party: bytes
    meter: bytes
    order_digest: bytes
    side: int
    quantity_wh: int
    price_vnd_per_kwh: int
    salt: bytes

    def leaf_hash(self) -> bytes:
        """The leaf's hash.

        Raises:
            ProtocolError: a field is out of range.
        """
        return _double_hash(
            check_bytes32(self.zone, "zone"),
            uint_word(self.start, 64, "start"),
            uint_word(self.index, 32, "index"),
            check_bytes32(self.party, "party"),
            check_bytes32(self.meter, "meter"),
            check_bytes32(self.order_digest, "order_digest"),
            uint_word(self.side, 8, "side"),
            uint_word(self.quantity_wh, 64, "quantity_wh"),
            uint_word(self.price_vnd_per_kwh, 32, "price_vnd_per_kwh"),
            check_bytes32(self.salt, "salt"),
        )


@dataclass(frozen=True, slots=True)
class PositionLeaf:
    """A party's energy in Wh and net money in milli-đồng over a settled period; positive is what the party is paid."""

    zone: bytes
    period_start: int
    run: int
    party: bytes
    sold_wh: int
    bought_wh: int
    net_mvnd: int
    salt: bytes

    def leaf_hash(self) -> bytes:
        """The leaf's hash.

        Raises:
            ProtocolError: a field is out of range.
        """
        return _double_hash(
            check_bytes32(self.zone, "zone"),
            uint_word(self.period_start, 64, "period_start"),
            uint_word(self.run, 32, "run"),
            check_bytes32(self.party, "party"),
            uint_word(self.sold_wh, 64, "sold_wh"),
            uint_word(self.bought_wh, 64, "bought_wh"),
            check_int(self.net_mvnd, 256, "net_mvnd").to_bytes(32, "big", signed=True),
            check_bytes32(self.salt, "salt"),
        )


@dataclass(frozen=True, slots=True)
class TermLeaf:
    """One term of an agreement: its path and its value as canonical JSON."""

    agreement: bytes
    path: str
    value: str
    salt: bytes

    def leaf_hash(self) -> bytes:
        """The leaf's hash.

        Raises:
            ProtocolError: a field is out of range or text UTF-8 cannot hold.
        """
        path, value = _tail(check_text(self.path, "path")), _tail(check_text(self.value, "value"))
        return _double_hash(
            check_bytes32(self.agreement, "agreement"),
            uint_word(0x80, 64, "path"),
            uint_word(0x80 + len(path), 64, "value"),
            check_bytes32(self.salt, "salt"),
            path,
            value,
        )


def profile_salt(party_key: bytes, meter: bytes, period_start: int) -> bytes:
    """The salt all leaves of one meter's day derive from; a meter's head-end gives it to the oracles.

    Raises:
        ProtocolError: a part is malformed.
    """
    return _hmac(party_key, b"profile", check_bytes32(meter, "meter"), _be(period_start, 64, "period_start"))


def reading_salt(profile_salt: bytes, start: int) -> bytes:
    """The salt of one reading of that day.

    Raises:
        ProtocolError: a part is malformed.
    """
    return keccak(check_bytes32(profile_salt, "profile_salt") + _be(start, 64, "start"))


def fill_salt(party_key: bytes, meter: bytes, start: int, order_digest: bytes, side: int) -> bytes:
    """The salt of a fill.

    Raises:
        ProtocolError: a part is malformed.
    """
    parts = (check_bytes32(meter, "meter"), _be(start, 64, "start"), check_bytes32(order_digest, "order_digest"), _be(side, 8, "side"))
    return _hmac(party_key, b"fill", *parts)


def position_salt(party_key: bytes, zone: bytes, period_start: int, run: int) -> bytes:
    """The salt of a position.

    Raises:
        ProtocolError: a part is malformed.
    """
    return _hmac(party_key, b"position", check_bytes32(zone, "zone"), _be(period_start, 64, "period_start"), _be(run, 32, "run"))


def term_salt(party_key: bytes, agreement: bytes, path: str) -> bytes:
    """The salt of an agreement's term.

    Raises:
        ProtocolError: a part is malformed.
    """
    return _hmac(party_key, b"term", check_bytes32(agreement, "agreement"), check_text(path, "path"))


def _double_hash(*words: bytes) -> bytes:
    return keccak(keccak(b"".join(words)))


def _be(value: int, bits: int, field: str) -> bytes:
    return check_uint(value, bits, field).to_bytes(bits // 8, "big")


def _hmac(party_key: bytes, kind: bytes, *parts: bytes) -> bytes:
    return hmac.digest(check_bytes32(party_key, "party_key"), kind + b"".join(parts), "sha256")


def _tail(data: bytes) -> bytes:
    """A dynamic value in the ABI's form: its length, then its bytes padded to whole words."""
    return len(data).to_bytes(32, "big") + data.ljust(-(-len(data) // 32) * 32, b"\0")


def reading_leaf_hashes(leaves: Sequence[ReadingLeaf]) -> list[bytes]:
    """The hashes of many reading leaves, in their order.

    Raises:
        ProtocolError: a field is out of range.
    """
    lanes = lanes_for(len(leaves))
    if lanes is not None:
        hashes: list[bytes] | None = import_module("ledger.protocol.reading_rows").hash_readings(leaves)
        if hashes is not None:
            return hashes
    return [leaf.leaf_hash() for leaf in leaves]
