"""Contracts sealed to PAdES B-LTA and written into the log, beside the libraries other people would use.

Usage: python -m scripts.bench.sealing
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

from ledger.agreements.kinds import Frame, Named, facts_from, kind_named
from ledger.agreements.render import render
from ledger.agreements.rules import canonical_values, kind_id, lookup_code, term_leaves, terms_root
from ledger.agreements.sealed import SealedContent, seal
from ledger.db import connect, open_sessions, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import Agreement, Domain, digest
from ledger.sealing.batch import BatchSealer
from ledger.sealing.levels import check_issued
from ledger.sealing.rules import Approval
from ledger.sealing.sealer import open_sealer
from ledger.settings import Settings
from ledger.test_authority.running import running_test_authority
from ledger.transparency.commands import DocumentEvent, log_events
from ledger.transparency.queries import root_at
from scripts.bench.clearing import peers_python
from scripts.bench.rows import Row, answer_of

KIND = "supply-residential"
START = 1_782_838_800
APPROVALS = (Approval("Khách hàng / Customer", "OTP"), Approval("Điện lực / Utility", "ví điện tử / wallet"))
FAST, STOCK, CHECKED = 300, 12, 12
EVENTS = 5_000
PEER = Path(__file__).with_name("log_peer.py")
FACTS = {
    "contract_number": "26/015432/PE1500",
    "customer_code": "PE15000123456",
    "address": "12 đường số 7, phường Tân Thuận, Thành phố Hồ Chí Minh",
    "identity_number": "079185001234",
    "phone": "+84901234567",
    "capacity_w": 5_000,
    "phases": 1,
    "voltage_v": 220,
    "supply_point": "trụ T15/7, lộ 471 Tân Thuận",
    "boundary": "đầu ra công tơ",
    "meter_place": "trụ T15/7",
    "meter_serial": "2600012345",
    "meter_rating": "5(80) A",
    "utility_address": "1 đường Nguyễn Văn Linh, Thành phố Hồ Chí Minh",
    "utility_tax_code": "0300951119",
    "utility_phone": "19001006",
    "utility_representative": "Trần Thị Bình",
}


def run() -> list[Row]:
    """Every row."""
    return [*contracts_sealed(), *events_logged()]


def contract() -> bytes:
    """A seven-page supply contract, signed by two wallets and sealed."""
    owner, agreement = bytes(range(32)), b"\xcc" * 32
    parties = (Named(b"\xaa" * 32, "Nguyễn Thị Hoà"), Named(b"\xbb" * 32, "Công ty Điện lực Tân Thuận"))
    frame = Frame(agreement, lookup_code(owner, agreement), parties, START, START, None, "Asia/Ho_Chi_Minh")
    kind = kind_named(KIND)
    terms = kind.terms(frame, facts_from(KIND, FACTS))
    base = render(KIND, terms)
    leaves = term_leaves(owner, agreement, canonical_values(terms))
    typed = Agreement(
        id=agreement,
        kind=kind_id(KIND),
        base_length=len(base),
        base_digest=sha256(base).digest(),
        terms_root=terms_root(leaves),
        parties=tuple(party.id for party in parties),
        valid_from=START,
        valid_to=START + 157_766_400,
        supersedes=bytes(32),
        deadline=START,
    )
    domain, wallets = Domain(31337, b"\x11" * 20), (b"\x01" * 32, b"\x02" * 32)
    signatures = tuple(sign_eoa(key, digest(domain, typed)) for key in wallets)
    return seal(base, SealedContent(domain, typed, tuple(eoa_signer(key) for key in wallets), signatures, leaves))


def contracts_sealed() -> list[Row]:
    """Two signatures, three time stamps and the validation data: by the fixed layout, and by pyHanko as it is; one authority for both.

    Processor time is what one core seals; the authority is another process. Wall time waits for its stamps one by one.
    """
    pdf = contract()
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder, running_test_authority(Path(folder)):
        sealer = open_sealer(Settings(state_dir=Path(folder)))
        batch = BatchSealer(sealer)
        for _ in range(2):
            batch.issue_and_read(pdf, APPROVALS)
            asyncio.run(sealer._issue(pdf, list(APPROVALS)))
        begun, used = perf_counter(), process_time()
        made = [batch.issue_and_read(pdf, APPROVALS)[0] for _ in range(FAST)]
        wall, core = (perf_counter() - begun) / FAST, (process_time() - used) / FAST
        begun, used = perf_counter(), process_time()
        for _ in range(STOCK):
            asyncio.run(sealer._issue(pdf, list(APPROVALS)))
        their_wall, their_core = (perf_counter() - begun) / STOCK, (process_time() - used) / STOCK
        for issued in made[:: FAST // CHECKED]:
            check_issued(issued, pdf, sealer.trust_roots)
    told = "B-LTA, two signatures and three stamps each; ours read back too, theirs not"
    return [
        Row("contracts sealed, per core", 1 / core, "files/s", "pyHanko as it is", 1 / their_core, aim=20, note=told),
        Row("contracts sealed, stamps awaited", 1 / wall, "files/s", "pyHanko as it is", 1 / their_wall, aim=20, note="one connection"),
    ]


def events_logged() -> list[Row]:
    """Events appended to the log with their tree and root: ours durably in PostgreSQL, with numbers without gaps."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        engine = connect(server.url())
        try:
            upgrade(engine)
            sessions, unit, best = open_sessions(engine), os.urandom(32), float("inf")
            for _ in range(4):
                events = [DocumentEvent(unit, "sealed", os.urandom(32), os.urandom(32)) for _ in range(EVENTS)]
                begun = perf_counter()
                with sessions.begin() as session:
                    size = log_events(session, events)
                    root_at(session, size)
                best = min(best, perf_counter() - begun)
        finally:
            engine.dispose()
            server.close()
    theirs = answer_of([str(peers_python()), str(PEER), str(EVENTS)])
    ours, what = EVENTS / best, "document events logged"
    return [
        Row(what, ours, "events/s", "pymerkle, each with its root", theirs["singly"], aim=5, note="ours durable in PostgreSQL"),
        Row(what, ours, "events/s", "pymerkle, bytes in bulk", theirs["in_bulk"], aim=0, note="for scale; no aim"),
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
