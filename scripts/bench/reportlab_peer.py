"""Times reportlab on a contract, paragraphs in tables, in an environment of its own (requirements/bench.txt).

Usage: python reportlab_peer.py COUNT < CONTRACT.json – prints one JSON object: processor seconds for COUNT documents with other names
each, pages of the last one. The contract: title, rows of label and value, clauses of two languages, foot. Its own font knows no Vietnamese
marks, which costs it nothing.
"""

from __future__ import annotations

import html
import io
import json
import sys
import time
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

pdfmetrics.registerFont(TTFont("Text", "Vera.ttf"))
PLAIN = ParagraphStyle("p", fontName="Text", fontSize=9.5, leading=12)
HEAD = ParagraphStyle("h", fontName="Text", fontSize=14, leading=18)


def render(contract: dict[str, Any]) -> int:
    """Renders it; returns its pages."""
    drawn: list[int] = []

    def foot(canvas: Any, document: Any) -> None:
        drawn.append(document.page)
        canvas.setFont("Text", 8)
        canvas.drawString(48, 40, contract["foot"])
        canvas.drawRightString(547, 40, str(document.page))

    story = [Paragraph(html.escape(contract["title"]), HEAD), table(contract["rows"]), PageBreak(), table(contract["clauses"])]
    SimpleDocTemplate(io.BytesIO(), pagesize=A4, leftMargin=48, rightMargin=48, topMargin=48, bottomMargin=70).build(story, foot, foot)
    return max(drawn)


def table(rows: list[list[str]]) -> Any:
    """Rows of two cells."""
    return Table([[Paragraph(html.escape(cell), PLAIN) for cell in row] for row in rows], colWidths=(250, 250))


if __name__ == "__main__":
    given, count = json.load(sys.stdin), int(sys.argv[1])
    pages = render(given)
    begun = time.process_time()
    for number in range(count):
        pages = render({**given, "rows": [["Tên / Name", f"Nguyễn Văn {number}"], *given["rows"]]})
    print(json.dumps({"seconds": time.process_time() - begun, "pages": pages}))
