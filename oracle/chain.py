"""What a node asks the chain, through an endpoint of its own: meters, zones, oracles, anchored readings and the time.

Selectors and event topics are derived here from the signatures in docs/protocol.md, so that a node needs no compiler's output.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x, unhex
from oracle.contracts import Contracts
from oracle.errors import ChainUnavailableError, NodeError
from oracle.rpc import Reverted, Rpc
from oracle.vee import RegisteredMeter, ZoneTerms

METER_TYPE = "(bytes32,bytes32,bytes,uint64,uint64,uint64)"
ZONE_TYPE = "(uint32,int32,uint32,uint32,uint8)"


@dataclass(frozen=True)
class Head:
    """A block: its number and its time, Unix seconds."""

    number: int
    timestamp: int


@dataclass(frozen=True)
class OracleSet:
    """Who may state readings: the ERC-7913 signers and how many of them may be faulty."""

    signers: tuple[bytes, ...]
    max_faulty: int


class ChainReader:
    """The chain as one node sees it.

    Args:
        rpc: an open endpoint.
        contracts: where the contracts are.
    """

    def __init__(self, rpc: Rpc, contracts: Contracts) -> None:
        self._rpc = rpc
        self._contracts = contracts

    async def check(self) -> None:
        """Makes sure that the endpoint serves the chain the contracts are on, and that they are there.

        Raises:
            NodeError: another chain, or no contract at an address.
            ChainUnavailableError: no answer.
        """
        chain_id = _number(await self._rpc.ask("eth_chainId"))
        if chain_id != self._contracts.chain_id:
            problem = f"the endpoint serves chain {chain_id}, the deployment file is of chain {self._contracts.chain_id}"
            raise NodeError(problem, field="rpc", fix="name the endpoint and the deployment file of one chain")
        named = {
            "MeterRegistry": self._contracts.meter_registry,
            "ReadingAnchor": self._contracts.reading_anchor,
            "Exchange": self._contracts.exchange,
        }
        codes = await self._rpc.ask_all([("eth_getCode", (hex0x(address), "latest")) for address in named.values()])
        for (name, address), code in zip(named.items(), codes, strict=True):
            if code in ("0x", "", None):
                raise NodeError(f"no {name} at {hex0x(address)}", field="deployment", fix="deploy the contracts, or name the right file")

    async def head(self) -> Head:
        """The latest block."""
        return await self._block("latest")

    async def meters(self, meters: Collection[bytes]) -> dict[bytes, RegisteredMeter]:
        """What the MeterRegistry says now about those meters; a meter it does not know is left out."""
        asked = sorted(set(meters))
        calls = [(self._contracts.meter_registry, "meterOf(bytes32)", ("bytes32",), (meter,)) for meter in asked]
        found: dict[bytes, RegisteredMeter] = {}
        for meter, answer in zip(asked, await self._call_all(calls, METER_TYPE), strict=True):
            if answer is not None and answer[0] != bytes(32):
                found[meter] = RegisteredMeter(meter, *answer)
        return found

    async def zones(self, zones: Collection[bytes]) -> dict[bytes, ZoneTerms]:
        """What the Exchange says now about those zones; a zone that is not configured is left out."""
        asked = sorted(set(zones))
        calls = [(self._contracts.exchange, "zoneOf(bytes32)", ("bytes32",), (zone,)) for zone in asked]
        answers = await self._call_all(calls, ZONE_TYPE)
        return {
            zone: ZoneTerms(answer[0], answer[1]) for zone, answer in zip(asked, answers, strict=True) if answer is not None and answer[0]
        }

    async def oracles(self) -> OracleSet:
        """Who may state readings now."""
        anchor = self._contracts.reading_anchor
        signers = (await self._call_all([(anchor, "oracles()", (), ())], "bytes[]"))[0]
        faulty = (await self._call_all([(anchor, "maxFaulty()", (), ())], "uint8"))[0]
        if signers is None or faulty is None:
            raise ChainUnavailableError(
                "the ReadingAnchor refuses to name its oracles", field="deployment", fix="check the deployment file"
            )
        return OracleSet(tuple(signers), faulty)

    async def readings_hashes(self, places: Sequence[tuple[bytes, int, int]]) -> list[bytes]:
        """The anchored hash for each (zone, period start, version); 32 zero bytes where nothing is anchored."""
        signature = "readingsHash(bytes32,uint64,uint32)"
        calls = [(self._contracts.reading_anchor, signature, ("bytes32", "uint64", "uint32"), place) for place in places]
        return [answer or bytes(32) for answer in await self._call_all(calls, "bytes32")]

    async def meters_in_service(self, zone: bytes, period_start: int, period_end: int) -> tuple[bytes, ...]:
        """Meters of a zone valid for a whole period, as the chain's events stood when the period ended.

        What is registered later never changes the set, so every node finds the same one whenever it asks.
        """
        last = await self._last_block_before(period_end)
        address = self._contracts.meter_registry
        installed = await self._logs(address, [INSTALLED, None, None, hex0x(zone)], last)
        retired = await self._logs(address, [RETIRED], last)
        validity: dict[bytes, tuple[int, int]] = {}
        for log in sorted((*installed, *retired), key=_log_place):
            meter = _bytes(log["topics"][1])
            if log["topics"][0] == INSTALLED:
                validity[meter] = _decode("(bytes,uint64,uint64,uint64)", _tupled(_bytes(log["data"])))[2:]
            elif meter in validity:
                validity[meter] = (validity[meter][0], _decode("uint64", _bytes(log["data"])))
        return tuple(sorted(meter for meter, (start, end) in validity.items() if start <= period_start and period_end <= end))

    async def _last_block_before(self, moment: int) -> int:
        """Number of the last block whose time is before a moment; -1 when there is none."""
        low, high = -1, (await self.head()).number
        while low < high:
            middle = (low + high + 1) // 2
            if (await self._block(hex(middle))).timestamp < moment:
                low = middle
            else:
                high = middle - 1
        return low

    async def _block(self, tag: str) -> Head:
        block = await self._rpc.ask("eth_getBlockByNumber", tag, False)
        if not isinstance(block, dict):
            raise ChainUnavailableError(f"knows no block {tag}", field="rpc", fix="wait until the endpoint has caught up")
        return Head(_number(block.get("number")), _number(block.get("timestamp")))

    async def _logs(self, address: bytes, topics: list[str | None], last: int) -> list[dict[str, Any]]:
        if last < self._contracts.first_block:
            return []
        wanted = {"address": hex0x(address), "topics": topics, "fromBlock": hex(self._contracts.first_block), "toBlock": hex(last)}
        logs = await self._rpc.ask("eth_getLogs", wanted)
        if not isinstance(logs, list):
            raise ChainUnavailableError("eth_getLogs answered no list", field="rpc", fix="use an endpoint that serves logs")
        return logs

    async def _call_all(self, calls: Sequence[tuple[bytes, str, Sequence[str], Sequence[object]]], answer_type: str) -> list[Any]:
        questions = [
            ("eth_call", ({"to": hex0x(to), "data": hex0x(keccak(signature.encode())[:4] + encode(types, values))}, "latest"))
            for to, signature, types, values in calls
        ]
        answers = await self._rpc.ask_all(questions)
        return [None if isinstance(answer, Reverted) else _decode(answer_type, _bytes(answer)) for answer in answers]


def _topic(signature: str) -> str:
    return hex0x(keccak(signature.encode()))


INSTALLED = _topic("MeterInstalled(bytes32,bytes32,bytes32,bytes,uint64,uint64,uint64)")
RETIRED = _topic("MeterRetired(bytes32,uint64)")


def _log_place(log: dict[str, Any]) -> tuple[int, int]:
    return _number(log["blockNumber"]), _number(log["logIndex"])


def _tupled(data: bytes) -> bytes:
    """Event data are a sequence; with this head in front they read as one tuple."""
    return (32).to_bytes(32, "big") + data


def _decode(answer_type: str, data: bytes) -> Any:
    try:
        return decode([answer_type], data)[0]
    except (DecodingError, OverflowError, ValueError):
        problem = f"the answer is no {answer_type}: {hex0x(data[:40])}"
        raise ChainUnavailableError(problem, field="deployment", fix="check that the deployment file is of this chain") from None


def _bytes(value: object) -> bytes:
    try:
        return unhex(value, "answer")
    except ProtocolError as wrong:
        raise ChainUnavailableError(wrong.problem, field="rpc", fix="use an endpoint that speaks Ethereum's JSON-RPC") from None


def _number(value: object) -> int:
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return int(value, 16)
        except ValueError:
            pass
    raise ChainUnavailableError(f"no number: {str(value)[:40]}", field="rpc", fix="use an endpoint that speaks Ethereum's JSON-RPC")
