"""`sonang retention`: what may be erased, what is held and why, and erasing it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import agreement_by_id
from ledger.agreements.rules import local_date
from ledger.chain.gateway import Gateway
from ledger.cli.answers import JsonOption, tell
from ledger.cli.retention_told import all_shown, due_json, due_lines, erasure_json, hold_json, hold_lines, shown_json
from ledger.db import database
from ledger.errors import InputError, NotFoundError, RuleError
from ledger.life import commands
from ledger.life.model import Erasure, LegalHold
from ledger.life.queries import document_with_code, erased_before, erasures_of
from ledger.life.retention import holds
from ledger.life.rules import TIME_ZONE
from ledger.office.erasing import Finished, due_now, erase_family, erase_person, finish
from ledger.parties.model import Party
from ledger.parties.queries import party_by_label
from ledger.protocol.quantities import unhex
from ledger.services.holding import hold_request
from ledger.services.queries import number_of, request_by_number
from ledger.settings import Settings, load_settings

AgreementOption = Annotated[str | None, typer.Option(metavar="ID", help="A document's id, 0x and 64 hex digits; its family is meant.")]
CodeOption = Annotated[str | None, typer.Option(metavar="CODE", help="The look-up code on its pages, instead of the id.")]
PartyOption = Annotated[str | None, typer.Option(metavar="LABEL", help="Everything of this party.")]
RequestOption = Annotated[str | None, typer.Option(metavar="REQUEST", help="A service request, by its code or number.")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides this; kept for ever.")]
ReasonOption = Annotated[str, typer.Option(metavar="WORDS", help="Which case or order, without personal data; kept for ever.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask again. What is erased cannot be brought back.")]
DueOption = Annotated[bool, typer.Option("--due", help="Everything whose time is over.")]

GONE = "Đã xoá từ trước · It was erased already"
NOTHING = "Không có gì để xoá · Nothing is to be erased"

retention = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Lists documents whose time is over, places and lifts legal holds, and erases.\n\n[bold]Example:[/bold] sonang retention list",
)


@dataclass(frozen=True)
class _Open:
    """The ledger, its documents and exports, and the present moment by the chain's clock."""

    sessions: sessionmaker[Session]
    settings: Settings
    at: int

    def finish(self) -> Finished:
        """Destroys the files of what is erased, and what else is still to do after erasures."""
        with self.sessions.begin() as session:
            return finish(session, self.settings)


@retention.command(name="list")
def show(*, as_json: JsonOption = False) -> None:
    """Says what may be erased and what is held; finishes erasures that a crash cut short, and empties requests that led to nothing.

    [bold]Example:[/bold] sonang retention list --json
    """
    with _opened() as opened:
        finished = opened.finish()
        with opened.sessions() as session:
            due, held = due_now(session, opened.at), holds(session)
            answer = {
                "at": opened.at,
                "due": [due_json(session, one) for one in due],
                "holds": [hold_json(one) for one in held],
                "finished": finished.destroyed,
                "emptied": finished.emptied,
            }
            words = [
                f"Ngày · On {local_date(opened.at, TIME_ZONE)}, giờ của chuỗi · by the chain's clock",
                *due_lines(session, due),
                *hold_lines(session, held),
            ]
            words += (
                [f"Đã làm xong việc xoá bị dở dang · Erasures that were cut short, finished now: {finished.destroyed}"]
                if finished.destroyed
                else []
            )
            words += (
                [f"Đã xoá nội dung yêu cầu không thành · Requests that led to nothing, emptied now: {finished.emptied}"]
                if finished.emptied
                else []
            )
            tell(answer, "\n".join(words), as_json)


@retention.command()
def hold(
    *,
    reason: ReasonOption,
    by: ByOption,
    agreement: AgreementOption = None,
    code: CodeOption = None,
    party: PartyOption = None,
    request: RequestOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forbids erasing a document's family, everything of a party, or a request with the documents drafted in it and the contract it is
    about, until the hold is lifted. The same hold, typed twice, is placed once.

    [bold]Example:[/bold] sonang retention hold --code 7K3M-… --reason 'Vụ án 12/2031' --by 'Pháp chế'
    """
    with _opened() as opened, opened.sessions.begin() as session:
        before = {one.id for one in holds(session)}
        if request is not None:
            if (agreement, code, party) != (None, None, None):
                raise InputError("name one thing to hold", field="--request", fix="give the request, or else a document or a party")
            asked = request_by_number(session, number_of(request))
            placed = hold_request(session, asked, reason=reason, by=by, at=opened.at)
        else:
            named = None if party is None else _party(session, party)
            document = None if party is not None else _named(session, agreement, code)
            placed = commands.place_hold(session, agreement=document, party=named, reason=reason, by=by, at=opened.at)
        vi, en = ("đã có từ trước, vẫn có hiệu lực", "stands already") if placed.id in before else ("có hiệu lực", "stands")
        words = [f"Lệnh giữ {placed.id} {vi} · Hold {placed.id} {en}", *hold_lines(session, [placed])[1:]]
    tell(hold_json(placed), "\n".join(words), as_json)


@retention.command()
def lift(
    number: Annotated[int, typer.Argument(metavar="HOLD", help="The hold's number, as `list` shows it.")],
    *,
    reason: ReasonOption,
    by: ByOption,
    as_json: JsonOption = False,
) -> None:
    """Ends a hold.

    [bold]Example:[/bold] sonang retention lift 3 --reason 'án đã tuyên' --by 'Pháp chế'
    """
    with _opened() as opened, opened.sessions.begin() as session:
        found = session.get(LegalHold, number)
        if found is None:
            raise NotFoundError(f"no hold {number}", field="hold", fix="`sonang retention list` shows those that stand")
        commands.lift_hold(session, found, reason=reason, by=by, at=opened.at)
    tell(hold_json(found), f"Đã gỡ lệnh giữ {number} · Hold {number} is lifted", as_json)


@retention.command()
def erase(
    *,
    by: ByOption,
    agreement: AgreementOption = None,
    code: CodeOption = None,
    party: PartyOption = None,
    due: DueOption = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Erases a family whose time is over, all of them (--due), or everything of a person who asked for it (--party).

    Refused in force, on hold, or inside the law's years, with the date. What is erased cannot be brought back.

    [bold]Example:[/bold] sonang retention erase --due --by 'Lưu trữ'
    """
    if sum((due, party is not None, agreement is not None or code is not None)) != 1:
        raise InputError("name one thing to erase", field="erase", fix="give --due, --party, or --agreement or --code")
    with _opened() as opened:
        with opened.sessions.begin() as session:
            named = None if due or party is not None else _named(session, agreement, code).family
            already = erased_before(session, named) if named is not None else []
            told = [] if already else [erasure_json(one) for one in _erase(session, opened.at, by, yes, party=party, family=named)]
        finished = opened.finish().destroyed
        if already:
            with opened.sessions() as session:
                before = [shown_json(session, one) for one in already]
            tell({"erased": [], "already": before, "finished": finished}, "\n".join([GONE, *all_shown(before)]), as_json)
            return
        gone = f"đã huỷ tệp và ghi nhật ký · files destroyed, and the log says so, of {finished}"
        words = f"Đã xoá · Erased: {len(told)}; {gone}"
        tell({"erased": told, "finished": finished}, words if told or finished else NOTHING, as_json)


@retention.command(name="show")
def show_erased(*, agreement: AgreementOption = None, code: CodeOption = None, as_json: JsonOption = False) -> None:
    """Says again what is kept for ever of an erased family: of each document the public record whose SHA-256 the log holds.

    [bold]Example:[/bold] sonang retention show --code 7K3M-… --json
    """
    with database(load_settings()) as sessions, sessions() as session:
        found = erasures_of(session, _named(session, agreement, code).family)
        if not found:
            raise RuleError("nothing of it was erased", field="show", fix="`sonang retention list` shows what is due")
        told = [shown_json(session, one) for one in found]
    tell({"erased": told}, "\n".join(all_shown(told)), as_json)


def _erase(session: Session, at: int, by: str, yes: bool, *, party: str | None, family: bytes | None) -> list[Erasure]:
    """Everything of a party, a family, or all that is due."""
    if party is not None:
        person = _party(session, party)
        what = f"mọi thứ của {person.label}", f"everything of {person.label}"
        _confirm(session, what, yes, lambda: erase_person(session, person, by=by, at=at))
        return erase_person(session, person, by=by, at=at)
    wanted = [one.family for one in due_now(session, at)] if family is None else [family]

    def work() -> list[Erasure]:
        found = [session.get_one(AgreementRow, family) for family in wanted]
        return [each for row in found for each in erase_family(session, row, reason="retention-ended", by=by, at=at)]

    if wanted:
        many = len(wanted)
        _confirm(session, (f"{many} họ văn bản", f"{many} {'family' if many == 1 else 'families'} of documents"), yes, work)
    return work()


def _confirm(session: Session, what: tuple[str, str], yes: bool, work: Callable[[], object]) -> None:
    """Asks, in Vietnamese and English, unless `yes`, and only about what is allowed: it is done and taken back first, which also frees
    every row until the answer.
    """
    if yes:
        return
    with session.begin_nested() as trial:
        work()
        trial.rollback()
    if not _at_a_terminal():
        raise InputError(
            f"needs --yes to erase {what[1]}", field="erase", fix="nobody can be asked here: type it at a terminal, or give --yes"
        )
    if not typer.confirm(f"Xoá vĩnh viễn · Erase for good: {' · '.join(what)}?"):
        raise typer.Exit(1)


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _party(session: Session, label: str) -> Party:
    try:
        return party_by_label(session, label)
    except NotFoundError as unknown:
        raise NotFoundError(unknown.problem, field="party", fix="take a name from `sonang party list`; who was erased has none") from None


def _named(session: Session, agreement: str | None, code: str | None) -> AgreementRow:
    if (agreement is None) == (code is None):
        raise InputError("name one document", field="--agreement", fix="give its id or its look-up code, or --party")
    if agreement is not None:
        return agreement_by_id(session, unhex(agreement, "--agreement", 32))
    return document_with_code(session, code or "")


@contextlib.contextmanager
def _opened() -> Iterator[_Open]:
    settings = load_settings()
    with contextlib.closing(Gateway.connect(settings)) as gateway, database(settings) as sessions:
        yield _Open(sessions, settings, gateway.block("latest").timestamp)
