"""Every branch written down in a `.tree` has a forge test that takes it, and every test is in a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[2] / "contracts" / "test"
TREES = sorted(TESTS.rglob("*.tree"))
LINE = re.compile(r"^(?P<branch>[│ ]*(?:├──|└──) )(?P<text>.+)$")
TEST = re.compile(r"^    function (test_\w+)\(\) external(?: \w+)* \{$(.*?)^    \}$", re.M | re.S)
REVERTS = "it reverts with "
GIVEN = {
    "AgreementRegistry.partyRegistry",
    "Exchange.partyRegistry",
    "Exchange.readingAnchor",
    "MeterRegistry.partyRegistry",
    "ReadingAnchor.maxFaulty",
    "Settlement.exchange",
}
"""Read straight from where the constructor, or `setOracles`, put it."""


def branches(tree: str) -> Iterator[tuple[str, list[str]]]:
    """Each innermost condition with the outcomes below it."""
    condition, indent = "", 0
    outcomes: list[str] = []
    for line in tree.splitlines()[1:]:
        found = LINE.match(line)
        assert found, f"not a branch: {line}"
        text, depth = found["text"], len(found["branch"])
        if text.startswith(("when ", "given ")):
            if outcomes:
                yield condition, outcomes
            condition, outcomes, indent = text, [], depth
        else:
            assert depth == indent + 4, f"{text!r} hangs under no condition"
            outcomes.append(text)
    yield condition, outcomes


def test_name(condition: str, outcomes: list[str]) -> str:
    word, *rest = condition.split()
    prefix = "test_Revert" if outcomes[0].startswith(REVERTS) else "test_"
    return f"{prefix}{word.capitalize()}_{''.join(part.capitalize() for part in rest)}".replace("-", "").replace(",", "")


test_name.__test__ = False  # type: ignore[attr-defined]


def forge_tests(path: Path) -> dict[str, str]:
    return dict(TEST.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", TREES, ids=lambda path: str(path.relative_to(TESTS)))
def test_the_tests_are_the_branches_of_the_tree(path: Path) -> None:
    expected = [(test_name(condition, outcomes), outcomes) for condition, outcomes in branches(path.read_text(encoding="utf-8"))]
    written = forge_tests(path.with_suffix("").with_suffix(".t.sol"))
    assert [name for name, _ in expected] == list(written)
    for name, outcomes in expected:
        if outcomes[0].startswith(REVERTS):
            assert len(outcomes) == 1
            wrong, text = outcomes[0].removeprefix(REVERTS), path.with_suffix(".t.sol").read_text(encoding="utf-8")
            assert wrong in written[name] or ("_refuse(" in written[name] and wrong in text), f"{name} never looks for {wrong}"


def test_every_function_has_a_tree_but_those_that_only_name_what_the_constructor_was_given() -> None:
    interfaces = [path for path in (TESTS.parent / "interfaces").glob("I*.sol") if path.stem != "IProtocolTwin"]
    declared = re.compile(r"^    function (\w+)\([^;]*?\)\s+external(\s+view)?[^;]*;$", re.M)
    found = {
        (f"{path.stem[1:]}.{name}", bool(view)) for path in interfaces for name, view in declared.findall(path.read_text(encoding="utf-8"))
    }
    told = {path.read_text(encoding="utf-8").splitlines()[0] for path in TREES}
    assert {name for name, _ in found} - told == GIVEN
    assert (sum(not view for _, view in found), sum(view for _, view in found)) == (22, len(GIVEN) + 23)


def test_a_missing_branch_would_be_noticed() -> None:
    tree = "X.f\n├── when it rains\n│   └── it reverts with Wet\n└── when the sun shines\n    └── it works"
    assert [test_name(*each) for each in branches(tree)] == ["test_RevertWhen_ItRains", "test_When_TheSunShines"]
