"""What the chain holds of the log: its anchors, and the document events the log must have. Read from the node, not from our own index."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from ledger.chain import events
from ledger.chain.events import EventDecoder
from ledger.chain.gateway import Gateway
from ledger.protocol.quantities import unhex
from ledger.transparency.audit import Anchored
from ledger.transparency.queries import CONTRACT
from ledger.transparency.rules import Event

REGISTRY = "AgreementRegistry"
PAGE_BLOCKS = 2_000
FOREVER: Final = 2**64 - 1
SAID: Mapping[str, Event] = {
    "AgreementRecorded": "sealed",
    "AgreementSuperseded": "superseded",
    "AgreementTerminated": "terminated",
    "AgreementRevoked": "revoked",
}
"""The log's word for an event of the registry."""

Documents = list[tuple[bytes, str, bytes | None]]


class OnChain(NamedTuple):
    """Every anchor of the log and every document event, in the chain's order; and the ids of documents whose term ends later, if ever."""

    anchors: list[Anchored]
    documents: Documents
    in_force: frozenset[bytes]


def read_chain(gateway: Gateway, termless: Collection[bytes]) -> OnChain:
    """Reads all of it from the node, up to its latest block.

    Args:
        termless: kinds, as the chain knows them, that say what happened once: they are over with the contract they stand beside, whatever
            end the chain has of them.

    Raises:
        UnavailableError, ChainError: as `Gateway.logs`.
    """
    decoder = EventDecoder({name: (each.address, each.abi) for name, each in gateway.deployment.contracts.items()})
    anchors: list[Anchored] = []
    documents: Documents = []
    until: dict[bytes, int] = {}
    head = gateway.block("latest")
    for start in range(gateway.deployment.first_block, head.number + 1, PAGE_BLOCKS):
        logs = gateway.logs(start, min(start + PAGE_BLOCKS - 1, head.number), (CONTRACT, REGISTRY))
        for event in decoder.decode(logs):
            if event.contract == CONTRACT and event.event == "LogAnchored":
                anchors.append(Anchored(int(event.args["size"]), unhex(event.args["root"], "root", 32), event.block_number))
            elif event.contract == REGISTRY and event.event in SAID:
                documents.append(_document(event))
                document = documents[-1][0]
                if document in until or (event.event == "AgreementRecorded" and unhex(event.args["kind"], "kind", 32) not in termless):
                    end = int(event.args["validTo" if "validTo" in event.args else "endedAt"])
                    until[document] = min(until.get(document, FOREVER), end)
    return OnChain(anchors, documents, frozenset(document for document, end in until.items() if end > head.timestamp))


def _document(event: events.Event) -> tuple[bytes, str, bytes | None]:
    args: dict[str, Any] = event.args
    digest = unhex(args["sealedDigest"], "sealedDigest", 32) if event.event == "AgreementRecorded" else None
    return unhex(args["id"], "id", 32), SAID[event.event], digest
