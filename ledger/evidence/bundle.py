"""A bundle taken apart and put together: `bundle.json`, and for an agreement `agreement.pdf`, in the canonical container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.evidence.claims import CLAIMS, Claim
from ledger.evidence.codec import from_json, to_json
from ledger.evidence.container import is_bundle, read_container, write_container
from ledger.evidence.findings import UnknownError
from ledger.evidence.foreign import what_else
from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.errors import ProtocolError

FORMAT = "sonang-bundle/1"
FILE, DOCUMENT = "bundle.json", "agreement.pdf"
JSON_LIMIT = 4 * 1024 * 1024
_KEYS = frozenset({"chain_id", "claim", "contracts", "format", "header", "kind", "proofs"})
_FIX = "obtain the bundle again from where it was issued"


@dataclass(frozen=True)
class ContractProof:
    """Proof of a contract's account, and of its slots by their 32 bytes: trie nodes from the root down."""

    account: tuple[bytes, ...]
    storage: Mapping[bytes, tuple[bytes, ...]]


@dataclass(frozen=True)
class Bundle:
    """What a bundle says.

    Attributes:
        contracts: addresses it speaks of: every contract it proves something of, and the two verifiers.
        header: RLP of the block's header.
        document: the sealed PDF of an agreement; empty for the other kinds.
    """

    kind: str
    chain_id: int
    contracts: Mapping[str, bytes]
    header: bytes
    proofs: Mapping[str, ContractProof]
    claim: Claim
    document: bytes = b""


@dataclass(frozen=True)
class _Envelope:
    """The members of `bundle.json` that every kind has."""

    chain_id: int
    contracts: Mapping[str, bytes]
    header: bytes
    proofs: Mapping[str, ContractProof]


def write_bundle(bundle: Bundle) -> bytes:
    """The bundle's file."""
    envelope = to_json(_Envelope(bundle.chain_id, bundle.contracts, bundle.header, bundle.proofs))
    members = {FILE: canonical_json({**envelope, "claim": to_json(bundle.claim), "format": FORMAT, "kind": bundle.kind})}
    if bundle.kind == "agreement":
        members[DOCUMENT] = bundle.document
    return write_container(members)


def read_members(data: bytes) -> dict[str, bytes]:
    """The members of a bundle's file.

    Raises:
        UnknownError: it never was one.
        ProtocolError: not the canonical container.
    """
    if not is_bundle(data):
        raise UnknownError("not an evidence bundle", field="container")
    try:
        members = read_container(data, frozenset({FILE, DOCUMENT}))
    except ProtocolError:
        other = what_else(data)
        if other is None:
            raise
        raise UnknownError(other[0], field="container", fix=other[1]) from None
    if FILE not in members:
        raise ProtocolError(f"has no {FILE}", field="container", fix=_FIX)
    return members


def parse_bundle(members: Mapping[str, bytes]) -> Bundle:
    """What the members say.

    Raises:
        ProtocolError: `field` is the path of what is malformed.
    """
    if len(members[FILE]) > JSON_LIMIT:
        raise ProtocolError(f"more than {JSON_LIMIT} bytes", field=FILE, fix=_FIX)
    top = _top(parse_canonical(members[FILE]))
    kind = top["kind"]
    if top["format"] != FORMAT or not isinstance(kind, str) or kind not in CLAIMS:
        raise ProtocolError("another format or kind", field="format", fix=f"this program reads {FORMAT} of {', '.join(CLAIMS)}")
    if (DOCUMENT in members) != (kind == "agreement"):
        raise ProtocolError(f"an agreement has {DOCUMENT}, the other kinds have none", field="container", fix=_FIX)
    shared = from_json(_Envelope, {name: top[name] for name in ("chain_id", "contracts", "header", "proofs")}, FILE)
    claim: Claim = from_json(CLAIMS[kind], top["claim"], "claim")
    document = members.get(DOCUMENT, b"")
    return Bundle(kind, shared.chain_id, shared.contracts, shared.header, shared.proofs, claim, document)


def _top(value: object) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != _KEYS:
        raise ProtocolError(f"must have exactly {', '.join(sorted(_KEYS))}", field=FILE, fix=_FIX)
    return value


def chain_id_of(data: bytes) -> int | None:
    """The chain a bundle says it is of, to look for that chain's deployment record; None when it cannot be read."""
    try:
        return parse_bundle(read_members(data)).chain_id
    except ProtocolError:
        return None
