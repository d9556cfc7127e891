"""A position: what a party sold, bought and is owed in a settlement run."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.evidence.claims.anchored import is_anchored
from ledger.evidence.findings import Answer, BrokenRuleError, Status, Trail, UnknownError, require
from ledger.evidence.state import State
from ledger.protocol.leaves import PositionLeaf
from ledger.protocol.merkle import verify_proof
from ledger.protocol.quantities import hex0x
from ledger.protocol.slots import last_run, last_run_slot, run_slot
from ledger.protocol.typed_data import SettlementRun, hash_struct

SETTLEMENT = "Settlement"


@dataclass(frozen=True)
class PositionClaim:
    """One party's line of a settlement run."""

    run: SettlementRun
    leaf: PositionLeaf
    proof: tuple[bytes, ...]

    def check(self, trail: Trail, state: State, document: bytes) -> Status:
        """Makes every check; what fails ends it."""
        run, leaf = self.run, self.leaf
        with trail.step("run"):
            word = state.word(SETTLEMENT, run_slot(run.zone, run.period_start, run.run))
            require(word != 0, "the chain has no such run", "run", UnknownError)
            require(word.to_bytes(32, "big") == hash_struct(run), "the chain holds another run", "run")
        with trail.step("position-leaf"):
            require(verify_proof(run.positions_root, leaf.leaf_hash(), self.proof), "the position does not lead to the run's root", "leaf")
            place = (leaf.zone, leaf.period_start, leaf.run)
            require(place == (run.zone, run.period_start, run.run), "a position of another run", "leaf")
        with trail.step("status"):
            status = self._status(state)
        with trail.step("conserved"):
            paid = run.buyers_pay_mvnd + run.utility_pays_mvnd
            require(paid == run.sellers_get_mvnd + run.utility_gets_mvnd, "money is lost or made", "run", BrokenRuleError)
        trail.facts.update(
            zone=hex0x(leaf.zone),
            party=hex0x(leaf.party),
            period_start=leaf.period_start,
            run=leaf.run,
            sold_wh=leaf.sold_wh,
            bought_wh=leaf.bought_wh,
            net_mvnd=leaf.net_mvnd,
        )
        trail.unchecked.append("sum-of-fills")
        return status

    def _status(self, state: State) -> Status:
        run = self.run
        newest, _ = last_run(state.word(SETTLEMENT, last_run_slot(run.zone, run.period_start)))
        if newest > run.run:
            return Status("superseded", Answer.SUPERSEDED, by=f"run {newest}")
        corrected = is_anchored(state, run.zone, run.period_start, run.readings_version + 1)
        return Status("current", remarks=("newer-readings",) if corrected else ())
