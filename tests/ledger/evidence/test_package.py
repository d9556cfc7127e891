"""The evidence package: its README's own commands, run in the unpacked folder by programs that are not ours and with the network off."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.sealed import read_sealed, seal
from ledger.cli.verify import verify
from ledger.errors import NotFoundError, RuleError
from ledger.evidence.package import Parts, _sides, build_package
from ledger.evidence.packaging import agreement_package
from ledger.evidence.presented import present
from ledger.protocol.canonical import canonical_json
from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteKey, NoteSigner, parse_note
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import inclusion_proof, leaf_hash
from ledger.protocol.tlog_proof import TlogProof
from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import NAMES
from ledger.transparency.commands import add_cosignature, log_event, sign_checkpoint
from ledger.transparency.queries import origin_of
from ledger.transparency.rules import Entry
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.sealing.office import APPROVALS, Issued

TOOLS = {"0. Tệp": "openssl", "1. openssl": "openssl", "2. Nhật ký": "openssl", "3. pyHanko": "pyhanko", "4. @openzeppelin": "node"}
_KEPT: list[tuple[bytes, tuple[bytes, ...]]] = []


def keys_of(world: World) -> tuple[NoteSigner, NoteSigner]:
    return NoteSigner(origin_of(world.deployment), Ed25519PrivateKey.generate()), NoteSigner("press.example", Ed25519PrivateKey.generate())


def recorded(session: Session, town: Town) -> tuple[AgreementRow, AgreementRow]:
    """Two neighbours' agreements on chain."""
    utility = town.party(session, "Điện lực", "utility")
    made = [town.agree(session, town.party(session, name), utility, town.now()) for name in ("Nhà 7", "Hàng xóm")]
    session.commit()
    town.deliver()
    town.gateway.mine(town.gateway.confirmations)
    session.expire_all()
    return made[0], made[1]


def issue(town: Town, sealer: Sealer, agreement: AgreementRow) -> bytes:
    """Its issued file's digest."""
    pdf = sealer.issue_and_read(town.store.read(agreement.id), APPROVALS)[0]
    town.store.write_issued(agreement.id, pdf)
    return sha256(pdf).digest()


def checkpoint(session: Session, log: NoteSigner, witness: NoteSigner) -> tuple[NoteKey, NoteKey]:
    row = sign_checkpoint(session, log)
    add_cosignature(session, row, witness.key(WITNESS), witness.cosign(parse_note(row.note).text, 1_782_900_000))
    return log.key(), witness.key(WITNESS)


@pytest.fixture
def package(request: pytest.FixtureRequest) -> bytes:
    """One package, made once, and what of a neighbour must not be in it."""
    if not _KEPT:
        session, town, world = (request.getfixturevalue(name) for name in ("session", "town", "world"))
        sealer = request.getfixturevalue("sealer")
        own, neighbour = recorded(session, town)
        digest = issue(town, sealer, own)
        log_event(session, unit=own.signatories[1].party_id, event="issued", document=own.id, digest=digest)
        log, witness = keys_of(world)
        keys = checkpoint(session, log, witness)
        made = [agreement_package(session, world.gateway, town.store, own, roots=sealer.trust_roots, keys=keys) for _ in range(2)]
        assert made[0] == made[1]
        party = neighbour.owner
        secrets = (neighbour.id, neighbour.id.hex().encode(), party.id.hex().encode(), "Hàng xóm".encode(), neighbour.lookup_code.encode())
        _KEPT.append((made[0], secrets))
    return _KEPT[0][0]


def unpacked(package: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(BytesIO(package)) as archive:
        archive.extractall(folder)
    return folder


def blocks(folder: Path) -> dict[str, list[str]]:
    """The README's commands by the title they stand under."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^## ", (folder / "README.md").read_text(), flags=re.MULTILINE)[1:]:
        found[section.splitlines()[0]] = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return found


def off_the_network() -> list[str]:
    """What to put before a command so that it has no network; nothing where the system does not let us."""
    wrapped = ["unshare", "--user", "--map-root-user", "--net"]
    allowed = shutil.which("unshare") is not None and subprocess.run([*wrapped, "true"], capture_output=True, check=False).returncode == 0
    return wrapped if allowed else []


def run(block: str, folder: Path, project_root: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {"PATH": path, "NODE_PATH": str(project_root / "node_modules"), "HOME": str(folder), "LC_ALL": "C.UTF-8", **nowhere}
    command = [*off_the_network(), "sh", "-c", block]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


def here(tool: str) -> bool:
    return shutil.which(tool, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))) is not None


def all_blocks(folder: Path) -> list[tuple[str, str]]:
    """Every block with the number of its title, of tools that are here."""
    chosen = []
    for title, commands in blocks(folder).items():
        tool = next((tool for start, tool in TOOLS.items() if title.startswith(start)), None)
        assert tool is not None or not commands, title
        chosen += [(title[0], command) for command in commands if tool is not None and here(tool)]
    return chosen


def test_every_command_of_the_readme_succeeds_with_the_network_off(package: bytes, tmp_path: Path, project_root: Path) -> None:
    folder = unpacked(package, tmp_path)
    for _, block in all_blocks(folder):
        done = run(block, folder, project_root)
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        assert "Warning" not in done.stderr, "nothing that looks like a failure where all is well"
    missing = sorted(tool for tool in set(TOOLS.values()) if not here(tool))
    if missing:
        pytest.skip(f"{', '.join(missing)} not on this machine: those commands were not run")


def flip(folder: Path, name: str) -> None:
    """One bit, in what the file is about: certificates that come along twice are not signed."""
    whole = bytearray((folder / name).read_bytes())
    place = len(whole) // 2
    if name.endswith(".p7s"):
        place = whole.index((folder / name.replace(".p7s", ".signature")).read_bytes())
    elif name.endswith(".tst"):
        place = len(whole) - 1
    elif name.endswith(".ocsp"):
        place = 150
    elif name.endswith(".path"):
        place = 0
    whole[place] ^= 1
    (folder / name).write_bytes(whole)


@pytest.mark.skipif(not here("openssl"), reason="openssl is not on this machine")
@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("agreement.pdf", "1"),
        ("pdf/0.crl", "1"),
        ("pdf/0.ocsp", "1"),
        ("pdf/SoNangApprovals.p7s", "1"),
        ("pdf/SoNangArchiveStamp.tst", "1"),
        ("pdf/SoNangSeal.signature", "1"),
        ("pdf/SoNangSeal.tst", "1"),
        ("roots.pem", "1"),
        ("log/checkpoint", "2"),
        ("log/checkpoint.sig", "2"),
        ("log/issued.entry", "2"),
        ("log/sealed.entry", "2"),
        ("log/sealed.path", "2"),
        ("log/witness-0.sig", "2"),
    ],
)
def test_a_flipped_bit_makes_openssl_fail(package: bytes, name: str, section: str, tmp_path: Path, project_root: Path) -> None:
    folder = unpacked(package, tmp_path)
    flip(folder, name)
    for wanted in ("0", section):
        assert any(run(block, folder, project_root).returncode for number, block in all_blocks(folder) if number == wanted), (name, wanted)


def test_a_flipped_bit_makes_pyhanko_and_the_merkle_tree_fail(package: bytes, tmp_path: Path, project_root: Path) -> None:
    folder = unpacked(package, tmp_path)
    flip(folder, "agreement.pdf")
    terms = (folder / "terms.json").read_text()
    (folder / "terms.json").write_text(terms.replace("671", "672"))
    for number, block in all_blocks(folder):
        if number in "34":
            for line in block.splitlines()[1:]:
                assert run(line, folder, project_root).returncode != 0, line


def test_what_stands_behind_one_time_codes_is_inside_under_the_hash_the_chain_holds(
    issued: Issued, sealer: Sealer, tmp_path: Path, project_root: Path
) -> None:
    log = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.generate())
    evidence = canonical_json({"nonce": "0x" + "5a" * 32, "way": "otp"})
    plain = read_sealed(issued.sealed)
    attested = seal(plain.base, replace(plain.content, evidence=(sha256(evidence).digest(), None)))
    sealed, pdf = read_sealed(attested), sealer.issue_and_read(attested, APPROVALS)[0]
    entry = Entry(bytes(32), 0, "sealed", sealed.content.agreement.id, sealed.digest, 1).to_bytes()
    text = Checkpoint(log.name, 1, leaf_hash(entry)).text()
    roots = b"".join(pem.armor("CERTIFICATE", root.dump()) for root in sealer.trust_roots)
    proofs = {"sealed": TlogProof(entry, 0, (), Note(text, (log.sign(text),)))}
    parts = Parts(pdf, b"a bundle", b"{}", roots, proofs, [log.key()], [evidence])
    for wrong in (replace(parts, evidence=[b"{}"]), replace(parts, proofs={"issued": proofs["sealed"]})):
        with pytest.raises(RuleError, match=r"the agreement names no evidence|no proof that this agreement was issued"):
            build_package(wrong)
    folder = unpacked(build_package(parts), tmp_path)
    assert (folder / f"approvals/{sha256(evidence).hexdigest()}.json").read_bytes() == evidence
    wanted = [block for number, block in all_blocks(folder) if number == "2"]
    assert [run(block, folder, project_root).returncode for block in wanted] == [0, 0]
    flip(folder, f"approvals/{sha256(evidence).hexdigest()}.json")
    assert [bool(run(block, folder, project_root).returncode) for block in wanted] == [False, True]


def test_nothing_of_a_neighbour_is_inside(package: bytes) -> None:
    for secret in _KEPT[0][1]:
        assert secret not in package, secret


def test_a_package_needs_an_issued_file_a_checkpoint_and_the_logs_key(session: Session, town: Town, world: World, sealer: Sealer) -> None:
    own, _ = recorded(session, town)
    log, witness = keys_of(world)
    with pytest.raises(NotFoundError, match="not issued yet"):
        agreement_package(session, world.gateway, town.store, own, roots=sealer.trust_roots, keys=[])
    issue(town, sealer, own)
    with pytest.raises(NotFoundError, match="checkpoint"):
        agreement_package(session, world.gateway, town.store, own, roots=sealer.trust_roots, keys=[])
    keys = checkpoint(session, log, witness)
    with pytest.raises(RuleError, match="published key is missing"):
        agreement_package(session, world.gateway, town.store, own, roots=sealer.trust_roots, keys=keys[1:])
    town.store.write_issued(own.id, present(town.store.read_issued(own.id)).sealed)
    with pytest.raises(ProtocolError, match="no issued file"):
        agreement_package(session, world.gateway, town.store, own, roots=sealer.trust_roots, keys=keys)


@given(st.integers(1, 200).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_the_sides_of_a_path_lead_from_any_leaf_to_the_root(place: tuple[int, int]) -> None:
    index, size = place
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    assert len(_sides(index, size)) == len(inclusion_proof(leaves, index))


def test_the_command_that_checks_a_package_asks_whose_seal_it_is(
    package: bytes, authority: AuthorityFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(package)
    assert verify([file], bundle=True, trust_root=[authority.root], sealed_by=NAMES["seal"]) == 3
    shown = capsys.readouterr().out
    assert f"✓ Con dấu của đúng đơn vị phải đóng · The seal is of whom it must be: “{NAMES['seal']}”, compared by name only" in shown
    assert verify([file], bundle=True, trust_root=[authority.root], sealed_by=str(authority.certificate("seal"))) == 3
    assert f"“{NAMES['seal']}”, compared by certificate: SHA-256 " in capsys.readouterr().out
    assert verify([file], bundle=True, trust_root=[authority.root]) == 3
    assert "(--sealed-by)" in capsys.readouterr().out
    assert verify([file], bundle=True, trust_root=[authority.root], sealed_by="Công ty lạ") == 4
    assert "not by “Công ty lạ”" in capsys.readouterr().out
