"""What people meet is said in Vietnamese too, and a phrase whose error was reworded is found here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.phrases import PHRASES, SUBJECTS
from api.phrases.typed import OF_PYDANTIC
from api.vietnamese import in_vietnamese, sentences_in_vietnamese

ROOT = Path(__file__).parents[2]
OF_SIGNING = "approving codes commands companies contacting links own_keys passkeys wallets rules certificates"
"""Modules whose refusals reach whoever signs."""


def said_by(module: Path) -> Iterator[str]:
    """Problems and fixes in a module's errors, with 7 where something is filled in; those of settings reach no signer."""
    for node in ast.walk(ast.parse(module.read_text())):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and re.fullmatch(r"(?!Value|Settings)\w+Error", node.func.id):
            parts = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "fix")]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in ("problem", "fix"):
            parts = [node.value]
        for part in parts:
            if isinstance(part, ast.Constant):
                yield str(part.value)
            elif isinstance(part, ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in part.values)


def test_whoever_signs_reads_every_refusal_in_vietnamese() -> None:
    refusals = {text for name in OF_SIGNING.split() for text in said_by(ROOT / "ledger" / "signing" / f"{name}.py")}
    assert "the code is wrong" in refusals
    assert {text for text in refusals if in_vietnamese(text) is None} == set()


def test_every_phrase_is_still_one_that_the_program_says() -> None:
    files = [*ROOT.glob("ledger/**/*.py"), *ROOT.glob("api/**/*.py")]
    said = "".join(file.read_text() for file in files if file.parent.name != "phrases")
    for phrase in PHRASES.keys() - OF_PYDANTIC.keys():
        for part in phrase.split("{}"):
            assert part.strip(" :`,") in said, phrase


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("type the newest code again, 4 tries are left", "nhập lại mã mới nhất, còn 4 lần thử"),
        ("số pha · phases: 'x' is no whole number", "số pha: 'x' không phải số nguyên"),
        ("the customer acted on request 7 meanwhile", "khách hàng đã xử lý yêu cầu 7 trong lúc đó"),
        ("inspector may not do this", "kiểm tra viên không được làm việc này"),
        ("ask one of: admin, agent, counter", "nhờ một trong: quản trị viên, tổng đài viên, giao dịch viên"),
        ("hạn · term: 2020-01-01 is too early", "hạn: 01/01/2020 quá sớm"),
        ("give 2026-12-01 or a later day", "chọn ngày 01/12/2026 hoặc muộn hơn"),
        ("wait 51 min and ask again", "chờ 51 phút rồi thử lại"),
        ("no service 'x'", "không có dịch vụ 'x'"),
        ("Input should be less than or equal to 500", "phải từ 500 trở xuống"),
        ("“mặt sau.pdf”: empty", "“mặt sau.pdf”: để trống"),
        ("give 380, or other phases", "chọn 380, hoặc sửa số pha"),
        ("1-phase supply at 10 V", "10 V không phải điện áp cấp cho 1 pha"),
        ("the witness is unknown", None),
        ("ảnh bị hỏng · the photograph is damaged", None),
    ],
)
def test_what_is_filled_in_stands_in_the_vietnamese_too(english: str, vietnamese: str | None) -> None:
    assert in_vietnamese(english) == vietnamese


def test_a_problem_and_what_to_do_are_sentences_and_an_unknown_problem_is_left_alone() -> None:
    told = sentences_in_vietnamese("nothing is here", "begin at / for pages, at /docs for programs")
    assert told == "Không có gì ở địa chỉ này. Bắt đầu từ trang đầu."
    assert sentences_in_vietnamese("the witness is unknown", "ask for a new code") == ""


def test_no_phrase_is_taken_for_what_fills_a_gap_of_another() -> None:
    said = {en: vi.format(*"7" * en.count("{}")) for en, vi in PHRASES.items()}
    assert {en: vi for en, vi in said.items() if in_vietnamese(en.replace("{}", "7")) != vi} == {}


def test_both_languages_have_as_much_to_fill_in() -> None:
    uneven = {en for en, vi in PHRASES.items() if vi.count("{}") > en.count("{}")}
    assert uneven == set()
    assert sum(len(subject.PHRASES) for subject in SUBJECTS) == len(PHRASES)
    assert [en for en, vi in PHRASES.items() if not vi or re.search(r"[.!]$", en + vi)] == []


@given(st.text(max_size=200))
def test_whatever_is_said_nothing_breaks(text: str) -> None:
    assert in_vietnamese(text) != ""
