"""Times WeasyPrint on a contract, HTML and CSS to PDF, in an environment of its own (requirements/bench.txt).

Usage: python weasyprint_peer.py COUNT < CONTRACT.json – prints one JSON object: processor seconds for COUNT documents with other names
each, pages of the last one. The contract: title, rows of label and value, clauses of two languages, foot. It needs Pango on the machine;
without, the object says what is `missing`.
"""

from __future__ import annotations

import html
import json
import sys
import time
from typing import Any

try:
    from weasyprint import CSS as STYLE
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
except OSError as away:  # a library of the machine, not a package: Pango or what it stands on
    print(json.dumps({"missing": f"Pango (apt: libpango-1.0-0 libpangoft2-1.0-0): {str(away).splitlines()[0]}"}))
    sys.exit()

LOOKS = """@page { size: A4; margin: 17mm 17mm 25mm; @bottom-left { content: FOOT; font-size: 8pt }
@bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt } }
body { font-family: "DejaVu Serif", serif; font-size: 9.5pt; line-height: 1.28 } h1 { font-size: 14pt; text-align: center }
table { width: 100%; border-collapse: collapse } td { width: 50%; vertical-align: top; padding: 1.5pt 6pt 1.5pt 0 }
.general { break-before: page; font-size: 9.9pt }"""
FONTS = FontConfiguration()


def render(contract: dict[str, Any]) -> int:
    """Renders it; returns its pages."""
    body = f"<h1>{html.escape(contract['title'])}</h1>{table(contract['rows'], 'own')}{table(contract['clauses'], 'general')}"
    sheet = STYLE(string=LOOKS.replace("FOOT", json.dumps(contract["foot"])), font_config=FONTS)
    document = HTML(string=body).render(stylesheets=[sheet], font_config=FONTS)
    document.write_pdf()
    return len(document.pages)


def table(rows: list[list[str]], kind: str) -> str:
    """Rows of two cells."""
    cells = "".join(f"<tr><td>{html.escape(left)}</td><td>{html.escape(right)}</td></tr>" for left, right in rows)
    return f"<table class={kind}>{cells}</table>"


if __name__ == "__main__":
    given, count = json.load(sys.stdin), int(sys.argv[1])
    pages = render(given)
    begun = time.process_time()
    for number in range(count):
        pages = render({**given, "rows": [["Tên / Name", f"Nguyễn Văn {number}"], *given["rows"]]})
    print(json.dumps({"seconds": time.process_time() - begun, "pages": pages}))
