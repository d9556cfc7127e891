"""`sonang signing`: contacts and who vouched for them, links to sign by, and how far a signing is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.orm import Session

from ledger.access.model import Staff
from ledger.agreements.model import AgreementRow
from ledger.chain.gateway import Gateway
from ledger.cli.acting import member
from ledger.cli.answers import say
from ledger.cli.moments import ZONE, moment
from ledger.cli.signing_refused import again, list_refused
from ledger.cli.signing_words import ACTS, HELD, OUTCOMES, ROLES, STATES, VOUCHED, WAYS, both
from ledger.cli.tables import Code, listing, show_table
from ledger.db import database, open_sessions
from ledger.life.queries import check_kept, document_with_code
from ledger.messages.rules import masked
from ledger.messages.sealing import prepare
from ledger.parties.contacts import contact_by_id, contacts_of
from ledger.parties.model import Contact, ContactChannel, Party
from ledger.parties.queries import party_by_label
from ledger.sealing.model import IssueJob
from ledger.sealing.queries import job_of
from ledger.services.serving import check_served
from ledger.settings import Settings, load_settings
from ledger.signing.changed import changed
from ledger.signing.contacting import STAFF, change_contact, vouch_by_staff
from ledger.signing.desk import open_desk, wall_clock
from ledger.signing.links import send_by_hand
from ledger.signing.queries import Progress, events_of, progress_of

LabelArgument = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's code, as the operator calls it.")]
ChannelArgument = Annotated[str, typer.Argument(metavar="CHANNEL", help="email, sms or zalo.")]
AddressArgument = Annotated[str, typer.Argument(metavar="ADDRESS", help="As people write it, such as '0912 345 678'.")]
ContactArgument = Annotated[int, typer.Argument(metavar="CONTACT", help="The number `sonang signing contacts` shows.")]
CodeArgument = Annotated[str, typer.Argument(metavar="CODE", help="The look-up code on the document's pages.")]
StaffOption = Annotated[
    str, typer.Option("--staff", metavar="NAME", help="Who of the staff (`sonang staff list`) does this; it stands in the evidence.")
]

DESKS = ("agent", "counter")
"""Who records a contact; only the counter vouches, which sees an identity card."""

signing = typer.Typer(
    help="Records contacts, sends links to sign by, and shows how far a signing is, what was tried and what the chain refused.\n\n"
    "[bold]Example:[/bold] sonang signing link 4Q7X-9D2K-M3PA-7RTB-0WZ5 PE15000123456 email",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@signing.command("contacts")
def contacts(customer: LabelArgument) -> None:
    """Shows every contact a customer has or had; addresses only in part."""
    with _session() as (session, _):
        rows = [_row(one) for one in contacts_of(session, party_by_label(session, customer))]
    titles = (Code("Số · No."), "Kênh · Channel", Code("Địa chỉ · Address"), "Từ · Since", "Đến · Until", "Ghi bởi · By")
    table = listing(*titles, "Xác nhận · Vouched")
    for row in rows:
        table.add_row(*map(escape, row))
    show_table(Console(highlight=False), table)
    say(ZONE)


@signing.command("contact")
def contact(customer: LabelArgument, channel: ChannelArgument, address: AddressArgument, *, staff: StaffOption) -> None:
    """Records a customer's new contact; it gets no code for signing until it has cooled off or a colleague vouches for it.

    [bold]Example:[/bold] sonang signing contact PA01HH0000101 sms "0912 345 678" --staff an.nguyen
    """
    with _session() as (session, _):
        party = party_by_label(session, customer)
        by = STAFF + _acting(session, staff, party, *DESKS).name
        made = change_contact(session, party, cast(ContactChannel, channel), address, by=by, now_s=wall_clock())
        line = f"{made.id}: {made.channel} {masked(made.address)}"
    say(line)


@signing.command("vouch")
def vouch(customer: LabelArgument, number: ContactArgument, *, staff: StaffOption) -> None:
    """Says that a member of staff saw the customer's identity card; who recorded the contact cannot.

    [bold]Example:[/bold] sonang signing vouch PA01HH0000101 7 --staff binh.tran
    """
    with _session() as (session, _):
        party = party_by_label(session, customer)
        who = _acting(session, staff, party, "counter").name
        vouch_by_staff(session, contact_by_id(session, party, number), staff=who, now_s=wall_clock())
    say(f"{number}: {who} đã xác nhận · has vouched")


@signing.command("link")
def link(code: CodeArgument, customer: LabelArgument, channel: ChannelArgument) -> None:
    """Sends a party a link to read and sign a document; an earlier link is good no more."""
    with _session() as (session, settings):
        gateway = Gateway.connect(settings)
        try:
            desk = open_desk(settings, open_sessions(session.get_bind().engine), gateway)
            sent = send_by_hand(
                session, desk, check_kept(session, document_with_code(session, code)), party_by_label(session, customer), channel
            )
            line = f"{sent.channel} {masked(sent.address)}: đang gửi · queued"
        finally:
            gateway.close()
    say(line)


@signing.command("progress")
def progress(code: CodeArgument) -> None:
    """Shows whose turn it is, how each party signed, everything tried, and whether the issued file is there."""
    with _session() as (session, _):
        row = check_kept(session, document_with_code(session, code))
        found = progress_of(session, row)
        held = found.state == "open" and session.scalar(changed().where(AgreementRow.id == row.id).limit(1)) is not None
        stands = HELD if held else _stands(found, job_of(session, row.id))
        steps = [
            (both(ROLES, one.role), "đã ký · signed" if one.signed else "–", both(WAYS, one.way), moment(one.signed_s))
            for one in found.steps
        ]
        tried = [
            (moment(one.at_s), both(ACTS, one.act), both(WAYS, one.way), both(OUTCOMES, one.outcome), one.reason or "–")
            for one in events_of(session, row.id)
        ]
    say(stands)
    for titles, rows in (
        (("Bên · Party", "Ký · Signed", "Cách · Way", "Lúc · At"), steps),
        (("Lúc · At", "Việc · Act", "Cách · Way", "Kết quả · Outcome", "Lý do · Reason"), tried),
    ):
        table = listing(*titles)
        for one in rows:
            table.add_row(*map(escape, one))
        show_table(Console(highlight=False), table)
    say(ZONE)


signing.command("refused")(list_refused)
signing.command("again")(again)


def _stands(found: Progress, job: IssueJob | None) -> str:
    """How a document stands in both languages: its signing, and once it is sealed its issued file."""
    if found.state != "sealed" or job is None:
        return f"{both(STATES, found.state)}{f': {found.reason}' if found.reason else ''}"
    if job.state == "issued":
        return f"{both(STATES, 'issued')}: {moment(job.issued_s)}, {job.level}"
    return f"{both(STATES, 'waiting')}{f': {job.reason}' if job.reason else ''}"


def _acting(session: Session, name: str, party: Party, *roles: str) -> Staff:
    """The member of staff of that name, who has one of these roles and whose unit serves the customer."""
    who = member(session, name, "--staff", *roles)
    check_served(session, who, party)
    return who


@contextmanager
def _session() -> Iterator[tuple[Session, Settings]]:
    settings = load_settings()
    with database(settings) as sessions, sessions.begin() as session:
        if settings.uses_mailbox:
            prepare(session, settings)
        yield session, settings


def _row(one: Contact) -> tuple[str, ...]:
    vouched = f"{both(VOUCHED, one.vouched_how)} {one.vouched_by or ''}".strip()
    until = moment(one.ended_s) if one.ended_s is not None else "nay · now"
    return str(one.id), one.channel, masked(one.address), moment(one.since_s), until, one.given_by, vouched
