"""Verification from nothing but bytes: no network, no database, no clock.

From the block hash the auditor trusts: header → state root → accounts → storage → the record's hash → leaf → signatures. Every proof node,
every slot and every field is used; the first check that fails ends it, names what broke, and what stands on it is reported as not checked.
"""

from __future__ import annotations

from ledger.evidence.bundle import Bundle, parse_bundle, read_members
from ledger.evidence.findings import Answer, Moment, Report, Result, SeenBlock, Status, StoppedError, Trail, UnknownError, require
from ledger.evidence.same_document import check_same_document
from ledger.evidence.state import ProvenState, prove_words
from ledger.evidence.trust import PASSKEYS, VERIFIERS, Contracts, Trust
from ledger.evidence.words import PLANS
from ledger.protocol.chain_proof import verify_account, verify_header
from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x


def verify_bundle(data: bytes, trust: Trust, document: bytes | None = None) -> Report:
    """Checks a bundle.

    Args:
        data: the bundle's file.
        trust: what the auditor brought; with less than both parts the answer is at best `Answer.UNANCHORED`.
        document: a PDF that should be the agreement the bundle proves.

    Returns:
        What was found; malformed and hostile files are an answer, never an exception.
    """
    trail, found = Trail(), _Found()
    try:
        status = _check(data, trust, document, trail, found)
        answer = status.answer
    except StoppedError as stopped:
        status, answer = None, stopped.answer
    anchored = trust.block_hash is not None and trust.contracts is not None
    if not anchored and answer not in (Answer.ALTERED, Answer.UNRECOGNISED):
        answer = Answer.UNANCHORED  # whatever it says, of whatever chain
    _list_unreached(trail, found.kind)
    return Report(
        answer, found.kind, found.block, status, tuple(trail.checks), trail.facts, tuple(trail.unchecked), times=_times(answer, found.block)
    )


def _times(answer: Answer, block: SeenBlock | None) -> tuple[Moment, ...]:
    """What the chain itself says of time: all this was there when the block was made."""
    good = block is not None and answer not in (Answer.ALTERED, Answer.UNRECOGNISED)
    return (Moment("recorded-by", block.timestamp, "chain"),) if good and block is not None else ()


class _Found:
    """What became known on the way."""

    kind: str | None = None
    block: SeenBlock | None = None


def _check(data: bytes, trust: Trust, document: bytes | None, trail: Trail, found: _Found) -> Status:
    with trail.step("container"):
        members = read_members(data)
    with trail.step("format"):
        bundle = parse_bundle(members)
    found.kind = bundle.kind
    if document is not None:
        with trail.step("same-document"):
            check_same_document(document, bundle)
    state = _proven_state(bundle, trust, trail, found)
    status = bundle.claim.check(trail, state, bundle.document)
    with trail.step("nothing-spare"):
        state.finish()
    return status


def _proven_state(bundle: Bundle, trust: Trust, trail: Trail, found: _Found) -> ProvenState:
    contracts = Contracts(bundle.chain_id, bundle.contracts)
    if trust.contracts is None:
        trail.skip("contracts", "no deployment record was given")
    else:
        with trail.step("contracts"):
            _check_contracts(contracts, trust.contracts)
            contracts = trust.contracts
    if trust.block_hash is None:
        trail.skip("block", "no block hash was given")
    else:
        with trail.step("block", hex0x(trust.block_hash)):
            _check_block(bundle.header, trust.block_hash)
    with trail.step("header"):
        header = verify_header(bundle.header, keccak(bundle.header))
    found.block = SeenBlock(header.number, keccak(bundle.header), header.timestamp)
    proven: dict[tuple[str, bytes], int] = {}
    with trail.step("accounts"):
        roots = _storage_roots(bundle, header.state_root, contracts)
    with trail.step("storage", f"{sum(len(proof.storage) for proof in bundle.proofs.values())} slots"):
        for name, proof in bundle.proofs.items():
            proven |= prove_words(name, roots[name], proof.storage)
    return ProvenState(contracts, header.timestamp, proven)


def _check_block(header: bytes, trusted: bytes) -> None:
    """The bundle is of the trusted block. When it is not, its bytes cannot tell a mistyped hash from a forged block."""
    seen = keccak(header)
    if seen == trusted:
        return
    number, own, given = verify_header(header, seen).number, hex0x(seen), hex0x(trusted)
    vi = f"gói thuộc khối {number}, mã khối {own}; mã được tin cậy là {given}"
    en = f"the bundle is of block {number}, whose hash is {own}; the hash you trust is {given}"
    fix = f"hãy tra khối {number} trên nút của chính bạn; gõ nhầm mã cũng trông như khối giả · look up block {number} on your own node; "
    raise ProtocolError(f"{vi} · {en}", field="header", fix=f"{fix}a mistyped hash looks the same as a forged block")


def _check_contracts(named: Contracts, trusted: Contracts) -> None:
    """The bundle speaks of the published contracts."""
    require(named.chain_id == trusted.chain_id, f"of chain {named.chain_id}, not {trusted.chain_id}", "chain_id", UnknownError)
    same = (PASSKEYS in named.addresses) == (PASSKEYS in trusted.addresses)
    require(same, "names a verifier for passkeys where none is published, or none where one is", f"contracts.{PASSKEYS}", UnknownError)
    for name, address in named.addresses.items():
        require(address == trusted.address(name), f"not the published address of {name}", f"contracts.{name}", UnknownError)


def _storage_roots(bundle: Bundle, state_root: bytes, contracts: Contracts) -> dict[str, bytes]:
    """The storage root of every contract the bundle proves something of."""
    expected = {*bundle.proofs, *VERIFIERS} - {PASSKEYS}
    require(bundle.contracts.keys() - {PASSKEYS} == expected, "names contracts it proves nothing of", "contracts")
    roots = {}
    for name, proof in bundle.proofs.items():
        require(len(proof.storage) > 0, "proves nothing of this contract", f"proofs.{name}.storage")
        try:
            account = verify_account(state_root, contracts.address(name), proof.account)
        except ProtocolError as wrong:
            raise ProtocolError(wrong.problem, field=f"proofs.{name}.account", fix=wrong.fix) from None
        published = contracts.code_hashes.get(name, account.code_hash)
        require(account.code_hash == published, f"{name} runs other code than published", f"proofs.{name}.account")
        roots[name] = account.storage_root
    return roots


def _list_unreached(trail: Trail, kind: str | None) -> None:
    """Lists the checks that a failure kept from being made."""
    made = {check.code for check in trail.checks}
    if any(check.result == Result.FAILED for check in trail.checks):
        for code in PLANS.get(kind or "", ()):
            if code not in made:
                trail.skip(code, "not reached")
