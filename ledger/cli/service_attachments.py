"""`sonang service attach`: files given with a request, kept, listed, taken out again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.acting import acting
from ledger.cli.answers import JsonOption
from ledger.cli.service_acts import ActorOption, AtOption
from ledger.cli.service_tables import opened, say
from ledger.errors import InputError
from ledger.protocol.quantities import hex0x, unhex
from ledger.services.attachments import SIZE_LIMIT, Vault, attach, attachment_of, attachments_of, content_of
from ledger.services.queries import number_of, request_by_number
from ledger.services.serving import check_handled

__all__ = ["attach_files"]


def attach_files(
    number: Annotated[str, typer.Argument(metavar="REQUEST", help="Its code or number.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]…", exists=True, dir_okay=False, help="PDF, JPEG or PNG.")] = None,
    *,
    take_out: Annotated[str | None, typer.Option(metavar="ID", help="Write this file of the request to --to instead.")] = None,
    to: Annotated[Path | None, typer.Option(dir_okay=False, help="Where to; never over a file that is there.")] = None,
    actor: ActorOption = None,
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keeps files with a request, each checked first, and lists what the request has; without FILE only lists.

    [bold]Example:[/bold] sonang service attach 12 so-hong.pdf mat-bang.jpg
    """
    with opened() as held:
        session, vault = held.session, Vault.of(held.settings)
        giver, staff = acting(session, actor, "counter")
        request = check_handled(staff, request_by_number(session, number_of(number)))
        if take_out is not None:
            if to is None or to.exists():
                raise InputError("no place to write to, or something is there", field="--to", fix="name a file that does not exist yet")
            to.write_bytes(content_of(vault, attachment_of(session, request, unhex(take_out, "take-out", 32))))
        for path in files or []:
            with path.open("rb") as opened_file:
                data = opened_file.read(SIZE_LIMIT + 1)
            attach(session, vault, request, name=path.name, data=data, actor=giver, at=held.moment(at))
        told = [
            {"id": hex0x(one.id), "name": one.name, "media": one.media, "size": one.size, "sha256": hex0x(one.digest), "at_s": one.at_s}
            for one in attachments_of(session, request)
        ]
        lines = [f"{one['id']}  {one['media']}  {one['size']} B  {one['name']}" for one in told] or ["Chưa có tệp nào · No files"]
    say(told, lambda console: console.print("\n".join(lines), markup=False), as_json)
