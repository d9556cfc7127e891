"""Every file is PDF/A-3a to the end. PDFBox knows PDF/A-1b: what it finds beyond what only that part forbids would be a fault of ours."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from ledger.agreements.casting import render_fast
from ledger.agreements.sealed import read_sealed, seal
from ledger.evidence.presented import present
from ledger.sealing.batch import BatchSealer
from ledger.sealing.sealer import Sealer
from tests.ledger.agreements.samples import sample
from tests.ledger.agreements.test_supply_contracts import terms_of
from tests.ledger.sealing.office import APPROVALS, Issued

JARS = [
    Path("/usr/share/java", f"{name}.jar")
    for name in ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation", "jaxb-api")
]
"""Debian's libpdfbox2-java with libactivation-java and libjaxb-api-java."""
MISSING = shutil.which("java") is None or not all(jar.is_file() for jar in JARS)
ALLOWED = {
    r"1\.4\.7 : .*EmbeddedFile entry is present in the Names": "PDF/A-3 is there for embedded files",
    r"1\.2\.9 : .*EmbeddedFile entry is present in a FileSpecification": "the same",
    r"2\.1\.6 : .*Invalid version of the ICCProfile": "PDF/A-1 knows profiles of version 2 only",
    r"7\.11\.2 : .*part must be 1": "it is 3",
    r"5\.3\.1 : .*widget annotation lacks an appearance": "PDF/A-3 asks for none where a widget has no size",
    r"1\.2\.3 : .*can't convert to Destination": "it does not follow a reference, which ISO 32000-1 lets an outline's destination be",
}


def complaints(folder: Path, **files: bytes) -> dict[str, set[str]]:
    """What PDFBox says of each file that only a later part allows."""
    classes = ":".join(map(str, JARS))
    command = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes, "org.apache.pdfbox.preflight.Validator_A1b"]
    running, found = {}, {}
    for name, pdf in files.items():
        path = folder / f"{name}.pdf"
        path.write_bytes(pdf)
        running[name] = subprocess.Popen([*command, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for name, one in running.items():
        said = one.communicate(timeout=60)[0]
        assert "is not a valid PDF/A-1b file" in said, "it read the file"
        lines = {line for line in said.splitlines() if re.match(r"\d+(\.\d+)+ : ", line)}
        found[name] = {line for line in lines if not any(re.match(allowed, line) for allowed in ALLOWED)}
    return found


@pytest.mark.skipif(
    MISSING, reason="Java or PDFBox's preflight is not installed (apt: libpdfbox2-java libactivation-java libjaxb-api-java)"
)
def test_another_programs_validator_finds_nothing_but_what_an_older_part_forbids(sealer: Sealer, issued: Issued, tmp_path: Path) -> None:
    batch = BatchSealer(sealer)
    batch.learn_from(issued.pdf, issued.levels)
    fast = batch.issue_and_read(issued.sealed, APPROVALS)[0]
    unembedded = sample().base.replace(b"/FontFile2", b"/FontFileX")
    cast = render_fast("supply-residential", terms_of("supply-residential"))
    found = complaints(tmp_path, issued=issued.pdf, fast=fast, cast=cast, spoiled=unembedded)
    assert any("font" in line.lower() for line in found.pop("spoiled")), "it would have found a font that is not embedded"
    assert found == {"issued": set(), "fast": set(), "cast": set()}


def test_the_embedded_signatures_bear_what_the_third_part_asks_for_and_nothing_visible_was_added(issued: Issued) -> None:
    with pikepdf.open(BytesIO(issued.pdf)) as opened:
        (spec,) = opened.Root.AF
        file = spec.EF.UF
        assert (str(file.Subtype), str(spec.AFRelationship), str(spec.F)) == ("/application/json", "/Data", "signatures.json")
        assert str(file.Params.ModDate) == "D:20260701000000Z"
        assert str(spec.Desc)
        metadata = opened.Root.Metadata.read_bytes()
        with pikepdf.open(BytesIO(issued.sealed)) as before:
            assert (metadata, opened.docinfo) == (before.Root.Metadata.read_bytes(), before.docinfo), "what was approved stays as it is"
        assert all(word in metadata for word in (b"pdfaid:part", b"pdfaid:conformance"))
        widgets = [note for page in opened.pages for note in page.get("/Annots", []) if note.Subtype == "/Widget"]
        assert len(widgets) == 3
        assert all([float(edge) for edge in note.Rect] == [0, 0, 0, 0] for note in widgets)


def test_a_file_sealed_before_what_it_embeds_bore_a_date_reads_as_before() -> None:
    now = read_sealed(sample().pdf)
    before = seal(now.base, now.content, dated=False)
    assert (before == sample().pdf, b"/ModDate" in before[len(now.base) :]) == (False, False)
    assert read_sealed(before).content == now.content
    assert present(before + b"\n%%EOF\n").sealed == before
