"""What a queue of calls would do, one after the other, if it were mined now; nothing is sent.

Calls later in the queue may depend on earlier ones that are not mined yet, so they are tried in one simulated block (`eth_simulateV1`),
behind the calls already under way. A node that cannot do that is asked about each call alone; then a call that needs an earlier one looks
refused and simply waits until the earlier one is mined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.chain.gateway import Gateway
from ledger.chain.rpc import NodeError

__all__ = ["TX_GAS_CAP", "Call", "Forecast", "decide", "foresee"]

TX_GAS_CAP = 2**24
"""The most gas one transaction may use (EIP-7825)."""

_ROOMY = hex(2**50)


@dataclass(frozen=True)
class Call:
    """A call from our account."""

    sender: bytes
    to: bytes
    data: bytes

    def as_json(self) -> dict[str, str]:
        """As nodes want it."""
        return {"from": "0x" + self.sender.hex(), "to": "0x" + self.to.hex(), "data": "0x" + self.data.hex(), "gas": hex(TX_GAS_CAP)}


@dataclass(frozen=True)
class Forecast:
    """How a call would go: the gas limit to send it with, or why it is refused."""

    gas_limit: int
    refusal: NodeError | None = None


def foresee(gateway: Gateway, ahead: Sequence[Call], queue: Sequence[Call]) -> list[Forecast | None]:
    """For each call of the queue its forecast behind the calls ahead; None where only `decide` can tell, once nothing is ahead."""
    calls = [call.as_json() for call in (*ahead, *queue)]
    block = {"blockOverrides": {"gasLimit": _ROOMY}, "calls": calls}
    try:
        (simulated,) = gateway.rpc.ask("eth_simulateV1", {"blockStateCalls": [block], "validation": False}, "latest")
    except NodeError:
        answers = gateway.rpc.try_many([("eth_estimateGas", [call.as_json(), "pending"]) for call in queue])
        return [None if isinstance(each, NodeError) else Forecast(with_margin(int(each, 16))) for each in answers]
    outcomes = simulated["calls"][len(ahead) :]
    return [Forecast(with_margin(int(each["gasUsed"], 16))) if int(each["status"], 16) else None for each in outcomes]


def decide(gateway: Gateway, call: Call) -> Forecast:
    """The chain's word on one call with nothing ahead of it: its gas limit, or the decoded refusal."""
    try:
        return Forecast(with_margin(int(gateway.rpc.ask("eth_estimateGas", call.as_json(), "pending"), 16)))
    except NodeError as refusal:
        if refusal.kind not in ("reverted", "gas"):
            raise
        return Forecast(0, gateway.calls.errors.explain(refusal, ""))


def with_margin(gas_used: int) -> int:
    """A limit with room for refunds (a fifth of the gas at most), for the sixty-fourth each inner call leaves behind, and for change."""
    return min(gas_used + gas_used // 2 + 20_000, TX_GAS_CAP)
