"""A reader who runs pdfsig over an issued file finds every warning of it explained."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.ledger.sealing.office import Issued

ALARMING = ("Not total", "unknown", "Unimplemented", "not yet been verified", "1970", "failed", "invalid", "mismatch", "revoked", "expired")


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
def test_every_warning_is_in_the_guide(issued: Issued, project_root: Path, tmp_path: Path) -> None:
    file = tmp_path / "issued.pdf"
    file.write_bytes(issued.pdf)
    done = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False, timeout=30)
    lines = [line.strip(" -").removesuffix(".") for line in (done.stdout + done.stderr).splitlines()]
    said = {line for line in lines if any(word in line for word in ALARMING) and not line.startswith("Signer")}
    assert {"Not total document signed", "Certificate Validation: Certificate issuer is unknown"} <= said
    guide = (project_root / "docs/sealing.md").read_text()
    for line in said:
        words = line.removeprefix("Certificate Validation: ").removeprefix("Signature Validation: ").removeprefix("Signing Time: ")
        explained = words.partition(": NSS")[0].removesuffix(" 00:00:00")
        assert explained in guide, line
