"""Each of the ten services carried to its end by what people have at hand: commands, the API, a telephone, the office, a real chain."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import agreement_by_lookup_code, standings
from ledger.cli.program import run
from ledger.life.queries import version_in_force
from ledger.parties.queries import party_by_label
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer
from ledger.services.annexes import versions_of
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.queries import is_logged
from tests.conftest import World
from tests.ledger.agreements.kind_samples import given as sample
from tests.ledger.agreements.supply_samples import GIVEN
from tests.ledger.services.conftest import HOUSEHOLD
from tests.ledger.services.test_supply_story import CONTRACT, METER, PLAN, UTILITY
from tests.stories.branch import Branch, branch_at_work

CODE = str(CONTRACT["customer_code"])
ME = {name: HOUSEHOLD[name] for name in ("customer_name", "identity_number", "phone")}
HERE = ME | {"supply_address": HOUSEHOLD["supply_address"]}
TERMINATED = 3
"""Status on chain."""


def day(ahead: int = 0) -> str:
    """A day by Vietnam's calendar, so many days from now."""
    zone = datetime.timezone(datetime.timedelta(hours=7))
    return str(datetime.datetime.now(zone).date() + datetime.timedelta(days=ahead))


DONE = {"done_on": day(), "done_by": "Tổ 2"}
REMOVED = METER | {"seals": [{"place": "nắp boóc", "code": "TT 126-0031", "state": "intact"}]}
HOMES = [
    {"name": HOUSEHOLD["customer_name"], "kind": "resident", "people": 4},
    {"name": "Lê Thị Mai", "kind": "tenants", "people": 4},
]
HUNG = {"meter-minutes": {"removed": REMOVED, "installed": METER | {"serial": "2600847113"}, "metering": "direct"}}
READ = {"meter_serial": "2600847112", "registers": [{"obis": "1.8.0", "reading_wh": 184_000}]}
PAID = {"final_bill_vnd": 410_000, "paid_vnd": 410_000}

COMPANY = {"tax_code": "0312345678", "representative": "Bà Hợp", "representative_title": "Giám đốc", "load_list": "02 máy xeo 400 kW"}
FACTORY = {name: HOUSEHOLD[name] for name in ("identity_number", "phone", "supply_address", "place_title")}
FACTORY |= COMPANY | {
    "customer_name": "Công ty Bao bì",
    "purpose": "production",
    "capacity_w": 980_000,
    "voltage_kv": 22,
    "investor": "utility",
}


def record(**given: object) -> dict[str, Any]:
    """Writes down what a step asks for."""
    return {"verb": "record", "given": given}


def told(facts: Mapping[str, object], *known: str) -> dict[str, object]:
    """Facts of a sample that staff give: not what the request or its fields tell."""
    return {name: value for name, value in facts.items() if name not in known}


@pytest.fixture
def branch(  # noqa: PLR0917 - fixtures are named by pytest
    world: World,
    settings: Settings,
    sessions: sessionmaker[Session],
    authority: AuthorityFiles,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Branch]:
    settings = settings.model_copy(update={"mailbox": True})
    for name in ("state_dir", "rpc_url", "deployment_file", "database_url", "mailbox"):
        monkeypatch.setenv(f"SONANG_{name.upper()}", str(getattr(settings, name)))

    def sonang(*words: str, facts: object = None) -> Any:
        file = tmp_path / "facts.json"
        file.write_text(json.dumps(facts))
        more = () if facts is None else (str(file),) if words[-1] == "submit" else ("--facts", str(file))
        with pytest.raises(SystemExit) as ended:
            run([*words, *more, "--json"])
        said = capfd.readouterr()
        assert not ended.value.code, said.err
        return json.loads(said.out)

    with capture_logs(), branch_at_work(world, settings, sessions, authority, sonang) as found:
        sonang("party", "add", "utility", "--role", "utility", "--name", "Công ty Điện lực Hồng Hà")
        yield found


Acts = tuple[dict[str, Any] | int, ...]
"""What staff do at each step; a number is how many documents the customer signs then."""
ACCEPT, DRAFT = {"verb": "accept"}, {"verb": "draft"}
CHANGES: tuple[tuple[str, Mapping[str, object], Acts], ...] = (
    (
        "capacity-change",
        HERE | {"capacity_w": 9_900, "phases": 1},
        (ACCEPT, record(plan_note="đủ"), DRAFT, 1, record(**DONE, meter_changed=True) | {"facts": HUNG}, 1),
    ),
    (
        "meter-position",
        HERE | {"position_now": "Cột 12", "position_wanted": "Tường rào"},
        (ACCEPT, record(), 1, record(**DONE) | {"facts": HUNG}, 1),
    ),
    (
        "purpose-change",
        HERE | {"mixed": False, "purpose": "business", "tax_code": "0101234567"},
        (ACCEPT, record(**DONE, findings="quán cà phê"), DRAFT, 1, record(**DONE)),
    ),
    (
        "household-norm",
        HERE | {"households": 2},
        (ACCEPT, DRAFT | {"facts": {"shared-meter-minutes": {"households": HOMES}}}, 2, record(**DONE)),
    ),
    ("registered-details", ME | {"detail": "phone", "phone_new": "0912 345 679"}, (ACCEPT, DRAFT, 1, record(**DONE))),
    ("renewal", ME | {"contract_until": "2040-12-31"}, (ACCEPT, DRAFT, 1)),
)
SITE = told(
    sample("connection-agreement"), "request_code", "address", "purpose", "capacity_w", "line_investor", "connection_point", "energise_by"
)
WORKS = told(
    sample("works-investment", start_on=day(), utility_vnd=645_000_000, customer_vnd=0, instalments=[]),
    "request_code",
    "place",
    "works",
    "owner",
    "finish_by",
)
SALE = told(
    GIVEN["supply-non-residential"], "address", "line_investor", *COMPANY, "purpose", "capacity_w", "identity_number", "phone", "email"
)
MEDIUM: Acts = (
    ACCEPT,
    record(supply_point="Cột 471/38", works_scope="Nhánh rẽ 22 kV") | {"facts": {"connection-agreement": SITE, "works-investment": WORKS}},
    2,
    record(works_done_on=day()),
    DRAFT | {"facts": {"*": UTILITY, "supply-non-residential": SALE | {"customer_code": "PA01HH0000009"}}},
    1,
    record(**DONE) | {"facts": {"meter-minutes": {"installed": METER | {"serial": "2600847119"}, "metering": "ct-vt"}}},
    1,
)


@pytest.mark.slow
def test_each_of_the_ten_services_comes_to_its_end(branch: Branch, world: World, sealer: Sealer) -> None:
    contract = a_household_is_supplied(branch)
    with branch.sessions() as session:
        row = agreement_by_lookup_code(session, contract)
        check_issued(branch.town.store.read_issued(row.id), branch.town.store.read(row.id), sealer.trust_roots)  # B-LTA, read back
        assert world.gateway.call("AgreementRegistry", "recordOf", row.id)[1] == row.sealed_digest
        assert is_logged(session, row.id, "issued")
    for service, given, acts in CHANGES:
        carried(branch, service, acts, metering_point=CODE, given=given)
    assert "+84912345679" in {path.parent.name for path in branch.read}, "the new telephone takes codes at once: the old one signed for it"
    successor = it_passes_to_a_new_holder(branch)
    factory = contract_of(carried(branch, "medium-voltage-supply", MEDIUM, unit="PA01HH", given=FACTORY))
    it_is_ended(branch, factory)
    branch.turn("checkpoints")
    with branch.sessions() as session:
        for code in (contract, factory):
            assert ended(session, world, agreement_by_lookup_code(session, code))
        old, new = (agreement_by_lookup_code(session, code) for code in (contract, successor))
        newest = versions_of(session, old)[-1].id
        assert standings(session, [newest])[newest].end == new.valid_from, "one contract begins with the second the other ends"
        assert world.gateway.call("AgreementRegistry", "versionAt", new.id, new.valid_from) == new.id
    world.reach(int(time.time()) + 1)  # the chain's clock is behind, and the end lies ahead of it
    branch.town.observe()
    last = branch.http.post("/api/v1/look-up", data={"code": factory}, files={"file": ("contract.pdf", pdf_of(branch, factory))}).json()
    assert (last["state"], last["file"]) == ("terminated", "authentic")


def carried(branch: Branch, service: str, acts: Acts, **body: object) -> Any:
    """A request taken in over HTTP and brought to its end."""
    request = branch.ask(service, **body)
    for act in acts:
        if isinstance(act, int):
            assert branch.sign() == act, f"{service}: who was asked to sign"
        else:
            branch.act(request, **act)
    closed = branch.act(request, "close")
    assert (closed["state"], {one["sealed"] for one in closed["documents"]}) == ("closed", {True}), service
    return closed


def contract_of(closed: Any) -> str:
    """The look-up code of the contract a request made."""
    return str(next(one["lookup_code"] for one in closed["documents"] if one["kind"].startswith("supply-")))


def a_household_is_supplied(branch: Branch) -> str:
    """A stranger's request at the counter up to a contract in force, every step of it timed; the contract's look-up code."""
    supply = branch.sonang("service", "submit", facts={"service": "low-voltage-supply", "unit": "PA01HH", "given": HOUSEHOLD})
    act = ("service", "act", supply["code"])
    branch.sonang(*act, "accept")
    survey = ("--value", "needs_works=no", "--value", "supply_point=T15")
    branch.sonang(*act, "record", *survey, facts={"connection-plan": PLAN | {"lapses_on": day(180)}})
    assert branch.sign() == 1
    branch.sonang(*act, "draft", facts={"*": UTILITY, "supply-residential": CONTRACT})
    assert branch.sign() == 1
    hung = ("--value", f"done_on={day()}", "--value", "done_by=Tổ 2")
    branch.sonang(*act, "record", *hung, facts={"meter-minutes": {"installed": METER}})
    assert branch.sign() == 1
    closed = branch.sonang(*act, "close")
    assert (closed["state"], closed["time"]["late"]) == ("closed", False)
    lanes = [(one["step"], one["ended_as"], one["time"]["late"]) for one in closed["steps"]]
    assert lanes == [
        *(("route", "route", False), ("check", "accept", False), ("survey", "record", False), ("sign-plan", "signed", False)),
        *(("draft", "draft", False), ("sign", "signed", False), ("hang-meter", "record", False), ("sign-minutes", "signed", False)),
        ("close", "close", False),
    ]
    assert [one["why"] for one in closed["pauses"]] == ["customer-signs"] * 3
    branch.turn("seals", "checkpoints")
    return str(closed["documents"][1]["lookup_code"])


def it_passes_to_a_new_holder(branch: Branch) -> str:
    """The contract is wound up with its holder and made anew with another; the new one's look-up code."""
    given = {name: HOUSEHOLD[name] for name in ("supply_address", "place_title", "purpose", "phases", "capacity_w")}
    given |= {"holder_new": "Trần Thị B", "holder_new_identity": "001080000002", "holder_consent": "giấy đồng ý", "phone": "0987654321"}
    asked = branch.sonang("service", "submit", facts={"service": "contract-holder", "metering_point": CODE, "given": given})
    act = ("service", "act", asked["code"])
    branch.sonang(*act, "accept")
    done = ("--value", f"done_on={day()}", "--value", "done_by=Tổ 2")
    branch.sonang(*act, "record", *done, facts={"termination-minutes": READ | PAID | {"read_at": int(time.time())}})
    former = str(asked["contract_code"])
    assert (branch.sign(), lasts(branch, former)) == (1, True), "one leaves, and the place keeps a contract until there is another"
    facts = {"*": UTILITY, "supply-residential": {"contract_number": "26/015433/PA01HH", "meter_rating": CONTRACT["meter_rating"]}}
    lacking = branch.sonang("service", "show", asked["code"])["facts_missing"]["supply-residential"]
    assert set(lacking) == facts["*"].keys() | facts["supply-residential"].keys(), "the rest stands in the former contract"
    branch.sonang(*act, "draft", facts=facts)
    assert (branch.sign(), lasts(branch, former)) == (1, False), "one comes"
    closed = branch.sonang(*act, "close")
    with branch.sessions() as session:
        holders = [party_by_label(session, label).name for label in (CODE, f"{CODE}/{asked['number']}")]
    assert holders == ["Trần Thị B", HOUSEHOLD["customer_name"]], "the code passes on, and the former holder is called by the request"
    return str(closed["documents"][1]["lookup_code"])


def lasts(branch: Branch, contract: str) -> bool:
    """Whether nobody has asked the chain to end a contract."""
    with branch.sessions() as session:
        return not any(one.act == "terminate" for one in versions_of(session, agreement_by_lookup_code(session, contract))[-1].acts)


def it_is_ended(branch: Branch, contract: str) -> None:
    """Its holder no longer needs it: the meter comes down and the contract is wound up."""
    given = ME | {"supply_address": HOUSEHOLD["supply_address"], "ends_on": day(), "end_reason": "no-longer-used"}
    asked = branch.sonang("service", "submit", facts={"service": "termination", "contract": contract, "given": given})
    act = ("service", "act", asked["code"])
    branch.sonang(*act, "accept")
    facts = {
        "termination-minutes": READ | PAID | {"read_at": int(time.time())},
        "meter-minutes": {"removed": REMOVED, "metering": "direct"},
    }
    branch.sonang(*act, "record", "--value", f"done_on={day()}", "--value", "done_by=Tổ 2", facts=facts)
    assert branch.sign() == 2
    assert branch.sonang(*act, "close")["state"] == "closed"


def ended(session: Session, world: World, contract: AgreementRow) -> bool:
    """Whether a contract's newest version is terminated on chain, in the log and here, and nothing of it in force from its end on."""
    newest = versions_of(session, contract)[-1]
    found, record = standings(session, [newest.id])[newest.id], world.gateway.call("AgreementRegistry", "recordOf", newest.id)
    assert (found.status, record[5], is_logged(session, newest.id, "terminated")) == ("terminated", TERMINATED, True)
    assert world.gateway.call("AgreementRegistry", "versionAt", contract.id, found.end) == bytes(32)
    return version_in_force(session, contract.id, found.end) is None


def pdf_of(branch: Branch, contract: str) -> bytes:
    with branch.sessions() as session:
        return branch.town.store.read(agreement_by_lookup_code(session, contract).id)
