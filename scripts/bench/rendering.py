"""The seven-page household contract rendered, a second and a core: cast in its mould, and set by a kept typst, beside other renderers.

The peers get the words of the same contract as a title, a table of its particulars and a table of its clauses in both languages: less to do
than ours, which also draws the QR code, tags every part for screen readers and embeds what PDF/A asks for. Everything is timed in processor
seconds of one process, fonts and templates loaded before.

Usage: python -m scripts.bench.rendering
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

from ledger.agreements import casting
from ledger.agreements.kinds import facts_from, kind_named
from ledger.agreements.kinds.templates import template_bytes
from ledger.agreements.render import typeset
from ledger.agreements.rules import lookup_code
from scripts.bench.clearing import peers_python
from scripts.bench.rows import Row, answer_of
from scripts.sample import FACTS, KIND, frame

HERE = Path(__file__).parent
CAST, SET, ROUNDS = 1_000, 60, 3
COUNTS = {"reportlab": 15, "weasyprint": 3}
TITLES = {"reportlab": "reportlab", "weasyprint": "WeasyPrint"}


def run() -> list[Row]:
    """Contracts a second; ours are taken between the peers' so that a busy machine slows all alike. A peer that cannot run is left out."""
    form = kind_named(KIND)
    words = form.wording(form.terms(frame(), facts_from(KIND, FACTS)))
    paper = json.dumps(contract(words))
    theirs, ours = dict.fromkeys(COUNTS, 0.0), {"cast": 0.0, "set": 0.0}
    pages: dict[str, int] = {}
    for _ in range(ROUNDS):
        for peer in list(theirs):
            said = asked(peer, paper)
            if said is None:
                del theirs[peer]
            else:
                theirs[peer], pages[peer] = max(theirs[peer], COUNTS[peer] / said["seconds"]), said["pages"]
            ours["cast"] = max(ours["cast"], rate(lambda own: casting.cast(form.template, own), words, CAST))
            ours["set"] = max(ours["set"], rate(lambda own: typeset(form.template, own), words, SET))
    return rows_of(ours, theirs, pages)


def asked(peer: str, paper: str, python: Path | None = None) -> Any:
    """What a peer's program measured; None, said on standard error, where this machine lacks what it needs.

    Args:
        python: whose packages it finds; the peers' own environment when not given.
    """
    said = answer_of([str(python or peers_python()), str(HERE / f"{peer}_peer.py"), str(COUNTS[peer])], paper)
    if "missing" in said:
        print(f"bench: the rows beside {TITLES[peer]} are left out: this machine lacks {said['missing']}", file=sys.stderr)
        return None
    return said


def rows_of(ours: Mapping[str, float], theirs: Mapping[str, float], pages: Mapping[str, int]) -> list[Row]:
    """The comparisons with the peers that ran."""
    what = "contract of 7 pages, cast"
    rows = [
        Row(what, ours["cast"], "files/s", TITLES[peer], theirs[peer], aim=50, note=f"{pages[peer]} pages")
        for peer in ("weasyprint", "reportlab")
        if peer in theirs
    ]
    rows.append(Row(what, ours["cast"], "files/s", "typst, compiler kept", ours["set"], aim=20, note="same glyphs at the same places"))
    if "weasyprint" in theirs:
        typeset_too = Row(
            "contract of 7 pages, typeset", ours["set"], "files/s", "WeasyPrint", theirs["weasyprint"], aim=0, note="single documents"
        )
        rows.append(typeset_too)
    return rows


def contract(words: Mapping[str, str]) -> dict[str, object]:
    """What a peer prints: the contract's words and the general terms of its template, in both languages."""
    terms = template_bytes("general_terms.typ").decode().split("#let enterprises")[0]
    clauses = re.findall(r"\(\[(.*?)\],\s*\[(.*?)\]\)", terms, re.DOTALL)
    own = [[name, value] for name, value in sorted(words.items()) if value and not name.startswith(("document.", "title."))]
    return {"title": words["title.vi"], "rows": own, "clauses": clauses, "foot": words["document.lookup_code"]}


_numbers = count()


def rate(render: Callable[[Mapping[str, str]], object], words: Mapping[str, str], documents: int) -> float:
    """Documents a processor second, each for another customer with another code; one is made before the clock runs."""
    own = []
    for _ in range(documents + 1):
        number = next(_numbers)
        code = lookup_code(number.to_bytes(32, "big"), bytes(32))
        own.append({**words, "customer.name": f"Nguyễn Văn {number}", "document.lookup_code": code})
    if render(own.pop()) is None:
        raise RuntimeError("the contract does not fit its mould; shorten a word or look at the template")
    begun = process_time()
    for one in own:
        render(one)
    return documents / (process_time() - begun)


if __name__ == "__main__":
    for row in run():
        print(row)
