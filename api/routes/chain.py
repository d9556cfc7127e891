"""The chain and its contracts, and how this process stands: alive, ready, and in figures."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from sqlalchemy import func, select

from api.answers import Answer, Bytes, Bytes32, Count, Time
from api.deps import ChainAsked, PartsAsked, SessionAsked
from api.metrics import Metrics
from api.standing import standing_of
from ledger.chain.model import IndexedBlock
from ledger.errors import UnavailableError
from ledger.protocol.quantities import hex0x

router = APIRouter(tags=["state"])
FIGURES: dict[int | str, dict[str, object]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format."}
}


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"] = Field(examples=["alive"])


class Ready(Answer):
    """Every part answers and the answers are fresh."""

    status: Literal["ready"] = Field(examples=["ready"])
    chain_id: int = Field(examples=[31337])
    head_block: int = Field(ge=0, examples=[120])
    indexed_block: int = Field(ge=0, examples=[118])
    lag_blocks: int = Field(description="Blocks the indexer is behind.", ge=0, examples=[2])


class BlockAnswer(Answer):
    """A block; an auditor compares its hash with one from their own node."""

    number: Count
    hash: Bytes32
    timestamp: Time


class ContractAnswer(Answer):
    """A contract of the deployment."""

    name: str = Field(examples=["ReadingAnchor"])
    address: Bytes
    block: Count = Field(description="Where it was deployed.")
    code_hash: Bytes32


class ChainAnswer(Answer):
    """The chain this installation writes to."""

    chain_id: int = Field(examples=[31337])
    client: str = Field(examples=["anvil/v1.7.0"])
    head: BlockAnswer
    confirmations: Count = Field(description="Blocks on top before a transaction is final.")
    indexed_block: int | None = Field(description="Newest block taken in; null before the first.", examples=[118])
    contracts: list[ContractAnswer]


@router.get("/health")
def health() -> Alive:
    """Whether the process answers; it looks at nothing else."""
    return Alive(status="alive")


@router.get("/ready")
def ready(parts: PartsAsked) -> Ready:
    """Whether the database, the chain and the indexer are there; 503 names what is away."""
    standing = standing_of(parts)
    if standing.errors or standing.head is None or standing.indexed is None or standing.chain_id is None:
        problem = "; ".join(f"{part}: {error.problem}" for part, error in standing.errors.items())
        part, first = next(iter(standing.errors.items()))
        raise UnavailableError(problem, field=part, fix=first.fix)
    return Ready(
        status="ready",
        chain_id=standing.chain_id,
        head_block=standing.head.number,
        indexed_block=standing.indexed,
        lag_blocks=standing.head.number - standing.indexed,
    )


@router.get("/metrics", response_class=Response, responses=FIGURES)
def metrics(request: Request) -> Response:
    """Requests, outbox intents by state, head block and indexer lag, for Prometheus."""
    figures: Metrics = request.app.state.metrics
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/v1/chain")
def chain(session: SessionAsked, gateway: ChainAsked) -> ChainAnswer:
    """The chain, its newest block, and the contracts on it."""
    return ChainAnswer(
        chain_id=gateway.chain_id,
        client=gateway.client(),
        head=BlockAnswer.model_validate(gateway.block("latest")),
        confirmations=gateway.confirmations,
        indexed_block=session.scalar(select(func.max(IndexedBlock.number))),
        contracts=[
            ContractAnswer(name=name, address=hex0x(each.address), block=each.block, code_hash=hex0x(each.code_hash))
            for name, each in gateway.deployment.contracts.items()
        ],
    )
