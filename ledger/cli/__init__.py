"""`sonang`, the one command-line program: every verb a utility, a developer or an auditor types.

One file a command. This file is all that is imported before Ctrl-C is answered in words; `program` wires the commands.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

TYPE_CHECKING = False  # as typing has it: importing that takes longer than everything else here
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

COMMANDS = {
    "devchain": "Starts, stops and describes the local chain.",
    "deploy": "Puts the contracts on the chain and writes where they are; does nothing when they are there already.",
    "import-readings": "Imports a file of interval readings into a zone: every row, or none when one is wrong.",
    "day": "Runs a day of trade in one zone: agreements, readings, clearing, settlement, proofs and a report.",
    "party": "Adds and lists parties, and revokes lost keys: the utility signs with this installation's key, customers by codes or keys.",
    "service": "Takes requests for the electronic services and internal reviews, moves them on step by step, and reminds of what is late.",
    "signing": "Records contacts, sends links to sign by, and shows how far a signing is, what was tried and what the chain refused.",
    "verify": "Checks an agreement, a reading or a trade: authentic, altered, unrecognised, superseded, terminated or revoked.",
    "seal": "Issues sealed agreements: approvals and the utility's seal to PAdES B-LTA, stored, logged; then shows the queue.",
    "checkpoint": "Signs the log of documents as it stands, has witnesses cosign it, and queues its size and root for the chain.",
    "audit-log": "Downloads the whole log of documents, rebuilds it, and holds it against the chain and the witnesses.",
    "staff": "Adds, lists and removes members of staff; a token is shown once, when it is made.",
    "messages": "Delivers queued messages and lists what is stuck and why; texts are never shown, addresses only in part.",
    "campaign": "Drafts, sends, seals and issues one document for each customer of a segment, and says who is stuck and why.",
    "evidence": "Writes all evidence of an issued agreement into one file an auditor checks offline, or with --show some terms of it only.",
    "retention": "Lists documents whose time is over, places and lifts legal holds, and erases.",
    "office": "Runs the back office until Ctrl-C or SIGTERM: it signs for the utility, seals, sends, reminds, and signs the log.",
    "serve": "Serves the HTTP API and the report page on this machine.",
    "worker": "Sends queued transactions and follows the chain until Ctrl-C or SIGTERM; logs are JSON lines on standard error.",
    "oracle": "Runs one oracle node until Ctrl-C or SIGTERM: "
    "it takes signed load profiles, validates them, and signs each day's root once.",
    "test-authority": "Runs the devchain's test authority until Ctrl-C or SIGTERM: certificates, OCSP, CRLs and stamps nobody else trusts.",
    "witness": "Runs one witness until Ctrl-C or SIGTERM: it cosigns a log's checkpoints after checking that the log only grew.",
}
"""Every command with its summary, in the order of a day; the summary is the first sentence of the command's own help."""

LASTING = ("day", "campaign", "office", "messages", "serve", "worker", "oracle", "witness", "seal", "test-authority")
"""Commands that run on; `make clean` finds them by the record they keep meanwhile."""

STOPPED = 130
AGAIN = "stopped – run the same command again to go on"
ENDINGS = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
"""Asked to end, or the terminal was closed: either way everything is put away first."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the program; exit code 0 only on success, an error is one line on standard error that says what to do."""
    with loading("sonang"):
        from ledger.cli.program import run  # noqa: PLC0415 - seconds of imports, during which Ctrl-C must not show a traceback
    run(list(sys.argv[1:] if arguments is None else arguments))


@contextmanager
def loading(program: str) -> Iterator[None]:
    """Ends the process at once, in one line, when it is asked to while modules are imported: nothing is under way that must be put away.

    An exception would not do, since some importers show or swallow it. A signal that is ignored, or handled already, stays so.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        os.write(2, f"{program}: {AGAIN}\n".encode())
        os._exit(128 + number)

    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDINGS)}
    taken = {number: handler for number, handler in usual.items() if handler in (signal.default_int_handler, signal.SIG_DFL)}
    for number in taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def end_in_order() -> None:
    """Lets SIGTERM and SIGHUP unwind the program as an error would; what `nohup` ignores stays ignored."""
    for ending in ENDINGS:
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, lambda number, _frame: sys.exit(128 + number))
