"""A report as lines a person reads, Vietnamese first, English beside it."""

from __future__ import annotations

from ledger.agreements.rules import OPEN_END
from ledger.evidence.claims.standings import moment
from ledger.evidence.findings import Answer, Moment, Report, Result, Seal, SeenBlock, Status, Verdict
from ledger.evidence.presented import seal_unproven
from ledger.evidence.words import (
    ANSWERS,
    CHECKS,
    KINDS,
    MOMENTS,
    NO_END,
    REMARKS,
    RESULTS,
    SEAL_UNPROVEN,
    SOURCES,
    STATUSES,
    UNCHECKED,
    Words,
)
from ledger.protocol.quantities import hex0x

_TIMES = frozenset({"start", "period_start", "valid_from", "valid_to"})
_MARKS = {Result.PASSED: "✓", Result.FAILED: "✗", Result.NOT_CHECKED: "–"}


def headline(report: Report) -> str:
    """The answer, in both languages; where the thing ended, that it is authentic stands before what became of it."""
    if report.answer == Answer.UNANCHORED and seal_unproven(report.checks) and not _unanchored(report):
        return " · ".join(SEAL_UNPROVEN)
    if report.answer.value in (one.value for one in Verdict):
        return _both(ANSWERS, report.answer.value)
    return " · ".join(f"{what}, {then}" for what, then in zip(ANSWERS["authentic"], ANSWERS[report.answer.value], strict=True))


def _unanchored(report: Report) -> bool:
    return any(one.code in ("block", "contracts") and one.result == Result.NOT_CHECKED for one in report.checks)


def lines(report: Report) -> list[str]:
    """Everything below the headline, without characters in it that could steer a terminal or turn text around."""
    shown = [
        (_both(KINDS, report.kind) if report.kind else "Tệp · File")
        + (f": {_status(report.status, report.block)}" if report.status else "")
    ]
    if report.block is not None:
        block = report.block
        shown.append(f"Khối · Block {block.number}, {moment(block.timestamp)}, {hex0x(block.hash)}")
    shown += ["", "Kiểm tra · Checks"]
    for check in report.checks:
        result = "" if check.result == Result.PASSED else f" [{_both(RESULTS, check.result.value)}]"
        detail = f": {check.detail}" if check.detail else ""
        shown.append(f"  {_MARKS[check.result]} {_both(CHECKS, check.code)}{result}{detail}")
    if report.seals:
        shown += ["", "Chữ ký trong tệp PDF · Signatures of the PDF", *map(_seal, report.seals)]
    if report.times:
        shown += ["", "Thời điểm, và theo ai · Times, and by whose word", *map(_moment, report.times)]
    if report.facts:
        shown += ["", "Nội dung · What it says", *_facts(report.facts)]
    if report.unchecked:
        shown += ["", "Bằng chứng này không cho biết · This evidence does not show"]
        shown += [f"  – {_both(UNCHECKED, code)}" for code in report.unchecked]
    return [printable(line) for line in shown]


def printable(text: str) -> str:
    """A text without characters that could steer a terminal or turn it around."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def _both(words: Words, code: str) -> str:
    return " · ".join(words[code])


def _status(status: Status, block: SeenBlock | None) -> str:
    parts = [_both(STATUSES, status.code)]
    if status.endless:
        parts.append(" · ".join(NO_END))
    elif status.at is not None:
        word = "đến · until" if status.then or status.code == "not-yet-in-force" else "từ · since"
        parts.append(f"{word} {moment(status.at)}")
    if status.code == "not-yet-in-force" and block is not None:
        parts.append(f"theo đồng hồ của chuỗi · by the chain's clock, {moment(block.timestamp)}")
    if status.then is not None and not status.endless:
        parts.append(f"sau đó · then {_both(STATUSES, status.then)}")
    if status.by is not None:
        parts.append(f"bởi · by {status.by}")
    return ", ".join(parts + [_both(REMARKS, code) for code in status.remarks])


def _seal(seal: Seal) -> str:
    proven = {True: "✓", False: "✗", None: "–"}[seal.holds]
    return f"  {proven} {seal.field}: {seal.level}, {seal.signer}{f' – {seal.reason}' if seal.reason else ''}"


def _moment(one: Moment) -> str:
    return f"  {moment(one.at)}: {_both(MOMENTS, one.code)} ({_both(SOURCES, one.source)}{f': {one.by}' if one.by else ''})"


def _facts(facts: dict[str, object]) -> list[str]:
    shown = []
    for name, value in facts.items():
        if isinstance(value, dict):
            shown += [f"  {name}", *(f"    {path}: {inner}" for path, inner in value.items())]
        elif name in _TIMES and isinstance(value, int):
            told = " · ".join(NO_END) if name == "valid_to" and value >= OPEN_END else moment(value)
            shown.append(f"  {name}: {value} ({told})")
        else:
            shown.append(f"  {name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")
    return shown
