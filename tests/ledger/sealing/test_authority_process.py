from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from asn1crypto import pem, x509

from ledger.sealing.sealer import open_sealer
from ledger.settings import Settings
from ledger.test_authority.errors import AuthorityError
from ledger.test_authority.files import AuthorityFiles, prepare
from ledger.test_authority.hierarchy import LABELS, MARK
from ledger.test_authority.process import AuthorityConfig, run_test_authority
from ledger.test_authority.running import answers, running_test_authority
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS

PARENT = """
import sys, time
from pathlib import Path
from ledger.test_authority.running import running_test_authority
with running_test_authority(Path(sys.argv[1])) as files:
    print(files.url, flush=True)
    time.sleep(60)
"""


def test_every_certificate_says_in_both_languages_that_it_is_a_test(authority: AuthorityFiles) -> None:
    for label in LABELS:
        subject = x509.Certificate.load(pem.unarmor(authority.certificate(label).read_bytes())[2]).subject.native
        assert subject["organization_name"] == MARK
        assert "THỬ" in subject["common_name"]
        assert "TEST" in subject["common_name"]
        assert len(subject["common_name"]) <= 64


def test_keys_are_for_their_owner_only(authority: AuthorityFiles) -> None:
    secrets = [*(authority.key(label) for label in LABELS), authority.pkcs12("seal"), authority.directory / "passphrase"]
    assert {one.stat().st_mode & 0o777 for one in secrets} == {0o600}
    assert authority.directory.stat().st_mode & 0o777 == 0o700


def test_it_refuses_every_chain_but_the_devchain(tmp_path: Path) -> None:
    with pytest.raises(AuthorityError, match="this is chain 1") as refused:
        run_test_authority(AuthorityConfig(tmp_path, chain_id=1), lambda _line: None)
    assert "licensed provider" in refused.value.fix
    assert not AuthorityFiles.of(tmp_path).exists


def test_it_keeps_its_keys_and_its_address_over_a_restart_and_runs_once_a_folder(tmp_path: Path) -> None:
    with running_test_authority(tmp_path) as files:
        first, url = files.root.read_bytes(), files.url
        with running_test_authority(tmp_path) as same:
            assert same.url == url, "one that runs is used"
        with pytest.raises(AuthorityError, match="runs already"):
            run_test_authority(AuthorityConfig(tmp_path, chain_id=31337), lambda _line: None)
    assert not answers(url)
    with running_test_authority(tmp_path) as files:
        assert (files.root.read_bytes(), files.url) == (first, url)
        assert open_sealer(Settings(state_dir=tmp_path)).issue_and_read(sample().pdf, APPROVALS)[0]
    with pytest.raises(AuthorityError, match="certificates name port"):
        prepare(files, 1)


def test_it_ends_with_the_program_that_started_it_even_after_kill_9(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    (child,) = psutil.Process(parent.pid).children()
    assert answers(url)
    parent.kill()
    parent.communicate()
    child.wait(10)
    deadline = time.monotonic() + 5
    while answers(url):
        assert time.monotonic() < deadline
        time.sleep(0.05)
