"""A chain's node, knowing no contract of ours: blocks, proofs, receipts, transactions, and the devchain's clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.fees import Fees, market_fees
from ledger.chain.header import assemble_header, raw_bytes
from ledger.chain.rpc import NodeError, Rpc
from ledger.chain.transactions import TransactionSigner
from ledger.errors import ChainError, NotFoundError, RuleError, UnavailableError
from ledger.protocol.quantities import hex0x

__all__ = ["Block", "Node", "Proof", "Receipt", "Tag", "raw_bytes", "tag_name"]

RECEIPT_TIMEOUT_S = 120.0
TRANSACTION_GAS_CAP = 1 << 24
"""No transaction may ask for more since the `osaka` fork (EIP-7825)."""
Tag = str | int
"""A block: its number, or `latest`, `earliest`, `pending`, `safe`, `finalized`."""


@dataclass(frozen=True)
class Block:
    """What orders blocks and gives them their time (Unix seconds)."""

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction; `contract` is the address it created, when it did."""

    tx_hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    gas_used: int
    contract: bytes | None


@dataclass(frozen=True)
class Proof:
    """Merkle-Patricia proof of an account and of some of its storage slots, as `ledger.protocol.chain_proof` takes it."""

    account: tuple[bytes, ...]
    slots: dict[bytes, tuple[bytes, ...]]


class Node:
    """A node of one chain.

    Attributes:
        rpc: the raw questions, for those who ask many at once.
        chain_id: the chain's id.
    """

    def __init__(self, rpc: Rpc, chain_id: int) -> None:
        self.rpc = rpc
        self.chain_id = chain_id

    @property
    def is_devchain(self) -> bool:
        """Whether this is the local chain, whose clock may be moved."""
        return self.chain_id == DEVCHAIN_ID

    @property
    def host(self) -> str:
        """The node's host and port, safe to show."""
        return self.rpc.host

    def close(self) -> None:
        """Closes the connections."""
        self.rpc.close()

    def ask(self, method: str, *params: object) -> Any:
        """One JSON-RPC question as it is.

        Raises:
            NodeError: refused; a revert is in the contract's own words.
            UnavailableError: no answer.
        """
        try:
            return self.rpc.ask(method, *params)
        except NodeError as refusal:
            raise self.explained(refusal, method) from None

    def client(self) -> str:
        """The node's name and version."""
        return str(self.ask("web3_clientVersion"))

    def block(self, tag: Tag) -> Block:
        """A block by number, or `latest`, `earliest`, `safe`, `finalized`.

        Raises:
            NotFoundError: the chain has no such block (yet).
        """
        return _block(self.raw_block(tag))

    def raw_block(self, tag: Tag) -> dict[str, Any]:
        """A block as the node tells it, with transaction hashes; errors as `block`."""
        found: dict[str, Any] | None = self.ask("eth_getBlockByNumber", tag_name(tag), False)
        if found is None:
            raise NotFoundError(f"the chain has no block {tag}", field="block", fix="wait for it, or ask for an older one")
        return found

    def header_rlp(self, number: int) -> bytes:
        """The RLP of a block's header, whose keccak is the block's hash (checked)."""
        return assemble_header(self.raw_block(number))

    def proof(self, address: bytes, slots: Sequence[bytes], block: Tag) -> Proof:
        """The proof of an account and its slots (32 bytes each) in a block's state.

        Raises:
            NodeError: `kind` is `not-kept` when the node no longer has that state; anvil keeps few.
        """
        found = self.ask("eth_getProof", hex0x(address), [hex0x(slot) for slot in slots], tag_name(block))
        proofs = [tuple(raw_bytes(node) for node in each["proof"]) for each in found["storageProof"]]
        return Proof(tuple(raw_bytes(node) for node in found["accountProof"]), dict(zip(slots, proofs, strict=True)))

    def nonce(self, account: bytes, tag: Tag = "latest") -> int:
        """How many transactions of an account the chain has; with `pending`, the pool's too."""
        return int(self.ask("eth_getTransactionCount", hex0x(account), tag_name(tag)), 16)

    def fees(self) -> Fees:
        """What the market asks now."""
        block, tip = self.rpc.ask_many([("eth_getBlockByNumber", ["latest", False]), ("eth_maxPriorityFeePerGas", [])])
        return market_fees(int(block["baseFeePerGas"], 16), int(tip, 16))

    def estimate_gas(self, sender: bytes, to: bytes | None, data: bytes, field: str = "transaction") -> int:
        """Gas a transaction needs, with a quarter on top, within what one transaction may ask.

        Raises:
            NodeError: it would revert; `error` names why.
        """
        question = {"from": hex0x(sender), "data": hex0x(data), **({"to": hex0x(to)} if to else {})}
        try:
            needed = int(self.rpc.ask("eth_estimateGas", question), 16)
        except NodeError as refusal:
            raise self.explained(refusal, field) from None
        return max(needed, min(needed * 5 // 4, TRANSACTION_GAS_CAP))

    def send_raw(self, raw: bytes) -> bytes:
        """Hands signed bytes to the node and returns their hash.

        Raises:
            NodeError: refused; `kind` tells a duplicate or a used nonce from the rest.
        """
        return raw_bytes(self.ask("eth_sendRawTransaction", hex0x(raw)))

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """What became of a transaction, None while it is not in a block."""
        found = self.ask("eth_getTransactionReceipt", hex0x(tx_hash))
        return None if found is None else _receipt(found)

    def transact(self, key: bytes, to: bytes | None, data: bytes, field: str) -> Receipt:
        """Signs, sends and waits until it is in a block; `to` None creates a contract, `field` names the call in errors.

        Raises:
            NodeError: it would revert, or the node refused.
            UnavailableError: it is not in a block after two minutes.
        """
        signer = TransactionSigner(key, self.chain_id)
        gas = self.estimate_gas(signer.address, to, data, field)
        signed = signer.sign(nonce=self.nonce(signer.address, "pending"), to=to or b"", data=data, gas=gas, fees=self.fees())
        self.send_raw(signed.raw)
        receipt = self.wait(signed.tx_hash)
        if not receipt.succeeded:
            raise ChainError(f"transaction {hex0x(signed.tx_hash)} was refused after all", field=field, fix="run it again")
        return receipt

    def wait(self, tx_hash: bytes, timeout_s: float = RECEIPT_TIMEOUT_S) -> Receipt:
        """Waits for a transaction's receipt.

        Raises:
            UnavailableError: there is none in time.
        """
        deadline = time.monotonic() + timeout_s
        pause = 0.005
        while (receipt := self.receipt(tx_hash)) is None:
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"transaction {hex0x(tx_hash)} is in no block after {timeout_s:.0f} s", fix="look at the node, then run it again"
                )
            time.sleep(pause)
            pause = min(pause * 2, 1.0)
        return receipt

    def set_next_block_time(self, timestamp: int) -> None:
        """The next block of the devchain gets this time (Unix seconds), which must not lie before the last block's.

        Raises:
            RuleError: this is no devchain.
            NodeError: the moment has passed.
        """
        self._only_the_devchain()
        self.ask("evm_setNextBlockTimestamp", hex(timestamp))

    def mine(self, blocks: int = 1) -> None:
        """Adds blocks to the devchain; errors as `set_next_block_time`."""
        self._only_the_devchain()
        self.ask("anvil_mine", hex(blocks))

    def _only_the_devchain(self) -> None:
        if not self.is_devchain:
            raise RuleError(f"the clock of chain {self.chain_id} cannot be moved", fix="replays run on the devchain: unset SONANG_RPC_URL")

    def explained(self, refusal: NodeError, field: str) -> NodeError:
        """The refusal in words; a node alone has only its own."""
        refusal.field = field
        return refusal


def tag_name(tag: Tag) -> str:
    """The tag as JSON-RPC has it."""
    return hex(tag) if isinstance(tag, int) else tag


def _block(raw: dict[str, Any]) -> Block:
    return Block(int(raw["number"], 16), raw_bytes(raw["hash"]), raw_bytes(raw["parentHash"]), int(raw["timestamp"], 16))


def _receipt(raw: dict[str, Any]) -> Receipt:
    created = raw.get("contractAddress")
    return Receipt(
        raw_bytes(raw["transactionHash"]),
        int(raw["blockNumber"], 16),
        raw_bytes(raw["blockHash"]),
        int(raw["status"], 16) == 1,
        int(raw["gasUsed"], 16),
        raw_bytes(created) if created else None,
    )
