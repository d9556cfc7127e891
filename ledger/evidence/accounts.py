"""Smart accounts' signatures, asked of a node: no bundle can prove what a contract would say (ERC-1271)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.agreements.sealed import SealedContent, read_sealed
from ledger.errors import InputError
from ledger.evidence.bundle import parse_bundle, read_members
from ledger.evidence.findings import Answer, Check, Report, Result
from ledger.evidence.trust import Contracts
from ledger.protocol.quantities import hex0x

if TYPE_CHECKING:
    from ledger.chain.accounts import Ask

CODE = "smart-accounts"
"""What a report lists as not checked while nobody asked."""


def with_accounts(report: Report, bundle: bytes | None, ask: Ask) -> Report:
    """The report, with what those signers say whose signatures are no wallet's: contracts, asked at the report's block.

    A signer that is no contract can only have signed as a wallet, so its signature is none: the file is altered. A contract that says no
    may have said yes when the chain recorded the agreement, since its owners change; that stays unchecked, and says so.

    Args:
        bundle: what the report is about; None changes nothing.

    Raises:
        NodeError, UnavailableError: the node does not answer, or does not keep the block's state.
    """
    if bundle is None or report.block is None or CODE not in report.unchecked:
        return report
    parsed = parse_bundle(read_members(bundle))
    content = read_sealed(parsed.document).content
    places = content.check_signatures(Contracts(parsed.chain_id, parsed.contracts).verifiers, asked_on_chain=True)
    told = list(_told(content, places, ask, report.block.number))
    worst = next((one for one in (Result.FAILED, Result.NOT_CHECKED) if any(result == one for result, _ in told)), Result.PASSED)
    signed = Check("signatures", worst, "; ".join(words for _, words in told))
    checks = tuple(signed if one.code == "signatures" else one for one in report.checks)
    if worst == Result.FAILED:
        return replace(report, answer=Answer.ALTERED, status=None, checks=checks)
    unchecked = tuple(one for one in report.unchecked if one != CODE or worst == Result.NOT_CHECKED)
    return replace(report, checks=checks, unchecked=unchecked)


def ask_node(report: Report, bundle: bytes | None, url: str, timeout_s: float) -> Report:
    """`with_accounts`, for who verifies offline and has a node at hand.

    Raises:
        InputError: the node's block of that number is another one.
        NotFoundError, NodeError, UnavailableError: the node does not have it, does not answer, or does not keep its state.
    """
    from ledger.chain.node import Node  # noqa: PLC0415
    from ledger.chain.rpc import Rpc  # noqa: PLC0415

    if report.block is None or CODE not in report.unchecked:
        return report
    with contextlib.closing(Rpc(url, timeout_s)) as rpc:
        node = Node(rpc, int(rpc.ask("eth_chainId"), 16))
        if node.block(report.block.number).hash != report.block.hash:
            raise InputError(f"its block {report.block.number} is another one", field="--rpc", fix="name a node of the bundle's chain")
        return with_accounts(report, bundle, node.ask)


def _told(content: SealedContent, places: tuple[int, ...], ask: Ask, block: int) -> Iterator[tuple[Result, str]]:
    from ledger.chain.accounts import has_code, says_yes  # noqa: PLC0415 - offline, no chain client is imported

    for place in places:
        signer = content.signers[place]
        named = f"signatures[{place}] of {hex0x(signer)}"
        if not has_code(ask, signer, block):
            yield Result.FAILED, f"{named}: no contract is there, so a wallet must have signed, and this is no wallet's signature over this"
        elif says_yes(ask, signer, content.digest_at(place), content.signatures[place], block):
            yield Result.PASSED, f"{named}: its contract says at block {block} that it signed"
        else:
            yield Result.NOT_CHECKED, f"{named}: its contract says no at block {block}; it may have said yes when this was recorded"
