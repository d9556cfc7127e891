"""`sonang party`: who signs for the utility, and customers and owners with the addresses they are reached at."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.gateway import Gateway
from ledger.cli.answers import JsonOption
from ledger.cli.service_tables import opened, say
from ledger.cli.tables import Code, listing, show_table
from ledger.errors import ConflictError, InputError
from ledger.messages.rules import masked
from ledger.parties.commands import draft_party, enter_party, revoke_signer
from ledger.parties.contacts import contacts_of, give_contacts, normalised
from ledger.parties.model import Contact, ContactChannel, Party, Role
from ledger.parties.queries import parties_with_role, party_by_label
from ledger.protocol.quantities import hex0x
from ledger.settings import Settings
from ledger.signing.desk import wall_clock
from ledger.signing.utility import utility_key

SHOWN: tuple[Role, ...] = ("utility", "customer", "owner")
WORDS: Mapping[str, str] = {"key": "khoá · a key", "revoked-key": "khoá đã thu hồi · a revoked key", "codes": "mã · codes"}
"""What a party signs by, for people."""
YEAR_S = 366 * 86_400

LabelArgument = Annotated[str, typer.Argument(metavar="LABEL", help="How it is called here: `utility`, or a customer's code.")]
RoleOption = Annotated[str, typer.Option(metavar="ROLE", help="utility, customer or owner.")]
NameOption = Annotated[str, typer.Option(help="The name as written in documents.")]
EmailOption = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where a customer or owner gets letters and codes.")]
PhoneOption = Annotated[str | None, typer.Option(metavar="NUMBER", help="A mobile number, as people write it.")]

YesOption = Annotated[bool, typer.Option("--yes", help="Yes, for good: it cannot be taken back.")]

party = typer.Typer(
    help="Adds and lists parties, and revokes lost keys: the utility signs with this installation's key, customers by codes or keys.\n\n"
    "[bold]Example:[/bold] sonang party add utility --role utility --name 'Công ty Điện lực Hồng Hà'",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@party.command()
def add(
    label: LabelArgument,
    *,
    role: RoleOption,
    name: NameOption,
    email: EmailOption = None,
    phone: PhoneOption = None,
    as_json: JsonOption = False,
) -> None:
    """Adds a party; again, it changes nothing. The utility's registration is queued for the chain, which the worker sends it to.

    [bold]Example:[/bold] sonang party add PA01HH0000001 --role customer --name "Nguyễn Thị A" --phone "0912 345 678"
    """
    if role not in SHOWN:
        raise InputError(f"no role {role!r}", field="--role", fix=f"give one of {', '.join(SHOWN)}")
    given: dict[ContactChannel, str] = {}
    if email is not None:
        given["email"] = email
    if phone is not None:
        given["sms"] = phone
    label, name = label.strip(), name.strip()
    with opened() as held:
        _check_known(held.session, label, role, name)
        if role == "utility":
            made = _utility(held.session, held.settings, label, name, given)
        else:
            made = _customer(held.session, label, cast(Role, role), name, given)
        answer = _answer(held.session, made)
    say(answer, lambda console: _show(console, [answer]), as_json)


@party.command()
def revoke(label: LabelArgument, *, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Revokes a key that is lost or stolen, for good: whoever lost it becomes a party anew, and what the key signed stays proven.

    Queued for the chain, which the worker sends it to; from now on nothing is signed with that key here.

    [bold]Example:[/bold] sonang party revoke PA01HH0000001 --yes
    """
    with opened() as held:
        known = party_by_label(held.session, label.strip())
        if not yes:
            fix = "repeat it with --yes: nobody will ever sign as this party again"
            raise InputError(f"the key of {known.label} would end for good", field="--yes", fix=fix)
        with contextlib.closing(Gateway.connect(held.settings)) as gateway:
            revoke_signer(held.session, gateway.calls, known)
        answer = _answer(held.session, known)
    say(answer, lambda console: _show(console, [answer]), as_json)


@party.command("list")
def listed(*, as_json: JsonOption = False) -> None:
    """Lists parties; addresses only in part.

    [bold]Example:[/bold] sonang party list
    """
    with opened() as held:
        rows = [_answer(held.session, one) for role in SHOWN for one in parties_with_role(held.session, role)]
    say(rows, lambda console: _show(console, rows), as_json)


def _check_known(session: Session, label: str, role: str, name: str) -> None:
    known = session.scalars(select(Party).where(Party.label == label)).one_or_none()
    if known is not None and (known.role, known.name) != (role, name):
        problem = f"{label!r} is known already under another name or role"
        raise ConflictError(problem, field="label", fix="`sonang party list` shows it; use it as it is, or give another label")


def _utility(session: Session, settings: Settings, label: str, name: str, given: Mapping[ContactChannel, str]) -> Party:
    if given:
        raise InputError("the utility needs no address", field="--email", fix="leave it out; `sonang service unit add` names a unit's desk")
    others = [one.label for one in parties_with_role(session, "utility") if one.label != label]
    if others:
        problem = f"{others[0]!r} signs with this installation's key already"
        raise ConflictError(problem, field="label", fix="use that one; an installation has one utility")
    with contextlib.closing(Gateway.connect(settings)) as gateway:
        key = utility_key(settings, gateway.chain_id)
        deadline = max(wall_clock(), gateway.block("latest").timestamp) + YEAR_S
        made, _ = enter_party(
            session, gateway.calls, label=label, role="utility", name=name, signer=key.signer, sign=key.sign, deadline=deadline
        )
    if made.signer != key.signer:
        fix = "set SONANG_UTILITY_KEY to the key that stands for the utility"
        raise ConflictError(f"{label} signs with another key than this installation has", field="signer", fix=fix)
    return made


def _customer(session: Session, label: str, role: Role, name: str, given: Mapping[ContactChannel, str]) -> Party:
    known = session.scalars(select(Party).where(Party.label == label)).one_or_none()
    made = known or draft_party(session, label=label, role=role, name=name, signer=None)
    if _is_new(contacts_of(session, made), given):
        give_contacts(session, made, given, by=f"staff:{getpass.getuser()}", now_s=wall_clock())
    return made


def _is_new(before: Sequence[Contact], given: Mapping[ContactChannel, str]) -> bool:
    """Whether these are a party's first addresses; later ones are changes, which the party is told of."""
    wanted = {(channel, normalised(channel, address)) for channel, address in given.items()}
    if before and not wanted <= {(one.channel, one.address) for one in before if one.ended_s is None}:
        fix = "change it by `sonang signing contact LABEL CHANNEL ADDRESS --staff NAME`"
        raise ConflictError("it has other contacts already", field="contact", fix=fix)
    return bool(given) and not before


def _answer(session: Session, one: Party) -> dict[str, Any]:
    standing = [{"channel": each.channel, "address": masked(each.address)} for each in contacts_of(session, one) if each.ended_s is None]
    standing_changes = [each for each in one.changes if each.intent.state != "failed"]
    ended = bool(standing_changes) and standing_changes[-1].change == "revoke"
    by = "revoked-key" if ended else "key" if one.signer is not None else "codes"
    return {
        "label": one.label,
        "role": one.role,
        "name": one.name or None,
        "id": hex0x(one.id),
        "signs_by": by,
        "registration": one.changes[-1].intent.state if one.changes else None,
        "contacts": standing,
    }


def _show(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        console.print('Chưa có bên nào · No parties yet: sonang party add utility --role utility --name "…"', markup=False)
        return
    titles = (Code("Nhãn · Label"), "Vai trò · Role", "Tên · Name", "Ký bằng · Signs by", "Trên chuỗi · On chain", "Liên hệ · Contacts")
    table = listing(*titles)
    for row in rows:
        contacts = ", ".join(f"{each['channel']} {each['address']}" for each in row["contacts"])
        plain = row["label"], row["role"], row["name"] or "–", WORDS[row["signs_by"]], row["registration"] or "–"
        table.add_row(*plain, contacts)
    show_table(console, table)
