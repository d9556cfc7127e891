"""A tree of pages in a circle and a second seal of one name were refused by functions alone: here by the command and by the intake."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ledger.cli.verify import verify
from ledger.evidence.container import write_container
from ledger.evidence.presented import package_members
from ledger.sealing.errors import IntakeError
from ledger.sealing.intake import check_upload
from tests.ledger.evidence.test_package import package

__all__ = ["package"]


def circling(pdf: bytes) -> bytes:
    """The file with a further revision, in which its tree of pages is its own child."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    pages = writer.root["/Pages"]
    pages["/Kids"] = ArrayObject([writer.root.raw_get("/Pages"), *pages["/Kids"]])
    writer.update_container(pages)
    return written(writer)


def sealed_twice(pdf: bytes) -> bytes:
    """The file with a further revision, in which a second field bears the seal's name and a signature."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    form, seal = writer.root["/AcroForm"], writer.prev.embedded_regular_signatures[-1]
    field = {"/FT": pdf_name("/Sig"), "/T": pdf_string("SoNangSeal"), "/V": writer.add_object(DictionaryObject(seal.sig_object))}
    again = DictionaryObject({pdf_name(key): value for key, value in field.items()})
    form["/Fields"] = ArrayObject([*form["/Fields"], writer.add_object(again)])
    writer.update_root()
    writer.update_container(form)
    return written(writer)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("spoil", [circling, sealed_twice])
def test_the_command_calls_it_altered_and_names_the_check(
    spoil: Callable[[bytes], bytes], package: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = package_members(package)
    document, bundle, packed = (tmp_path / name for name in ("agreement.pdf", "agreement.zip", "evidence.zip"))
    bundle.write_bytes(members["agreement.zip"])
    document.write_bytes(members["agreement.pdf"])
    assert verify([document, bundle], bundle=True) == 3, "as it was issued, nothing contradicts itself"
    hostile = spoil(members["agreement.pdf"])
    document.write_bytes(hostile)
    packed.write_bytes(write_container(members | {"agreement.pdf": hostile}))
    for files in ([document, bundle], [packed]):
        capsys.readouterr()
        assert verify(files, bundle=True) == 4
        shown = capsys.readouterr().out
        assert "ĐÃ BỊ SỬA · ALTERED" in shown
        assert "no page was changed [HỎNG · FAILED]: revisions: changed after it was sealed" in shown


@pytest.mark.parametrize("spoil", [circling, sealed_twice])
def test_the_intake_takes_no_such_file_either(spoil: Callable[[bytes], bytes], package: bytes) -> None:
    with pytest.raises(IntakeError, match="revisions"):
        check_upload(spoil(package_members(package)["agreement.pdf"]))
