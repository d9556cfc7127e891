"""Two state folders are two installations: cleaning one away leaves the other's chain, contracts and evidence as they were."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.village import ROOT, Village

pytestmark = pytest.mark.slow
LINKED = ("contracts", "node_modules", "foundry.toml", "package.json", ".venv")
COPIED = ("devchain.toml", "Makefile")


class Apart(Village):
    """A village that names its state folder and nothing else."""

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for name, value in super().environment.items() if name != "SONANG_DEPLOYMENT_FILE"}


@pytest.fixture
def project() -> Iterator[Path]:
    """A project of its own with this one's sources, so that it can be cleaned."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        root = Path(folder).resolve()
        for name in LINKED:
            (root / name).symlink_to(ROOT / name)
        for name in COPIED:
            shutil.copyfile(ROOT / name, root / name)
        shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        yield root


@pytest.fixture
def village() -> Iterator[Apart]:
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        yield Apart(Path(folder).resolve())


def day(village: Village, project: Path, date: str) -> dict[str, object]:
    done = village.sonang("day", "--zone", "village", "--date", date, "--report", str(village.report(date)), here=project)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(village.report(date).read_bytes())
    return found


def test_cleaning_one_folder_leaves_the_other_to_go_on_with_its_bundles_authentic(project: Path, village: Apart) -> None:
    usual = {"SONANG_STATE_DIR": str(project / ".sonang")}
    village.imported()
    assert village.sonang("devchain", "up", "--port", "0", here=project, **usual).returncode == 0
    assert village.sonang("deploy", here=project, **usual).returncode == 0
    assert (project / "deployments" / "31337.json").is_file()
    first = day(village, project, "2016-05-21")
    record = village.folder / "state" / "deployments" / "31337.json"
    before = record.read_bytes()

    plain = {name: value for name, value in village.environment.items() if name != "SONANG_STATE_DIR"}
    cleaned = subprocess.run(["make", "clean"], cwd=project, env=plain, capture_output=True, text=True, check=False, timeout=60)
    assert cleaned.returncode == 0, cleaned.stderr
    assert "stopped devchain" in cleaned.stderr
    assert not (project / ".sonang").exists()
    assert not (project / "deployments" / "31337.json").exists()

    day(village, project, "2016-05-22")
    assert record.read_bytes() == before
    trust = ("--trust-block", first["chain"]["trust_block"]["hash"])  # type: ignore[index]
    for one in first["evidence"]:  # type: ignore[attr-defined]
        done = village.sonang("verify", "--bundle", one["file"], *trust, here=project)
        assert done.returncode == 0, done.stdout

    record.rename(village.folder / "mislaid.json")
    for words in (("day", "--zone", "village", "--date", "2016-05-23", "--report", str(village.report())), ("deploy",)):
        if words == ("deploy",):
            assert village.sonang("devchain", "up", "--port", "0", here=project).returncode == 0
        refused = village.sonang(*words, here=project)
        assert refused.returncode == 1
        assert f"{record}: the contracts of this chain are deployed, but the record that says where is missing" in refused.stderr
        assert not record.exists()
    assert village.sonang("devchain", "down", here=project).returncode == 0
    (village.folder / "mislaid.json").rename(record)
    assert day(village, project, "2016-05-22")["chain"] is not None, "it is found again, and the day is there as it was"
