"""Everything about one agreement in one ZIP, to be checked offline with programs that are not ours; its README gives the commands.

The same parts give the same bytes. Nothing of anybody else is inside: of other entries of the log there are hashes only.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.agreements.sealed import SealedContent, read_sealed
from ledger.errors import RuleError
from ledger.evidence.container import write_container
from ledger.evidence.package_readme import Told, readme
from ledger.evidence.pdf_material import Material, material_of
from ledger.evidence.presented import PACKAGED_BUNDLE, PACKAGED_DOCUMENT, present
from ledger.protocol.canonical import canonical_json
from ledger.protocol.checkpoint import LOG, NoteKey, cosigned_text
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import TlogProof
from ledger.transparency.rules import parse_entry

RECORD, ROOTS, TERMS, README = "deployment.json", "roots.pem", "terms.json", "README.md"
SUMS = "SHA256SUMS"
TERM_TYPES = ("bytes32", "string", "string", "bytes32")


@dataclass(frozen=True)
class Parts:
    """What goes into a package.

    Attributes:
        issued: the PDF with the utility's signatures.
        bundle: the agreement's bundle, which proves it by the chain.
        record: the published deployment record.
        roots: PEM of the certificates the signatures lead to.
        proofs: of each event of the agreement in the log, by the event, all under one checkpoint.
        keys: published keys of the log and of witnesses.
        evidence: the objects behind attested approvals.
    """

    issued: bytes
    bundle: bytes
    record: bytes
    roots: bytes
    proofs: Mapping[str, TlogProof]
    keys: Sequence[NoteKey]
    evidence: Sequence[bytes] = ()


def build_package(parts: Parts) -> bytes:
    """The ZIP.

    Raises:
        RuleError: the log's key or its proofs are missing, of several checkpoints, or of another agreement; so may be evidence.
        ProtocolError: the PDF is not issued, or something is malformed.
    """
    sealed = present(parts.issued).sealed
    content, material = read_sealed(sealed).content, material_of(parts.issued)
    _check_parts(parts, content)
    log_key = _log_key(parts)
    members = {
        PACKAGED_DOCUMENT: parts.issued,
        PACKAGED_BUNDLE: parts.bundle,
        RECORD: parts.record,
        ROOTS: parts.roots,
        TERMS: terms_file(content),
    }
    members |= _pdf_files(material) | _log_files(parts, log_key)
    members |= {f"approvals/{sha256(one).hexdigest()}.json": one for one in parts.evidence}
    told = Told(
        agreement=content.agreement,
        sealed_length=len(sealed),
        sealed_digest=sha256(sealed).hexdigest(),
        logged_issue=_logged_issue(parts),
        material=material,
        events=tuple(sorted(parts.proofs)),
        witnesses=tuple(key.name for key in _witnesses(parts)),
        log_key=log_key.text(),
        evidence=tuple(sorted(sha256(one).hexdigest() for one in parts.evidence)),
        files=tuple(sorted(members)),
    )
    sums = "".join(f"{sha256(members[name]).hexdigest()} *{name}\n" for name in sorted(members))
    return write_container({**members, SUMS: sums.encode(), README: readme(told).encode()})


def terms_file(content: SealedContent) -> bytes:
    """The terms as `@openzeppelin/merkle-tree` takes them: types, values, and the root they give."""
    values = [[hex0x(leaf.agreement), leaf.path, leaf.value, hex0x(leaf.salt)] for leaf in content.terms]
    return canonical_json({"root": hex0x(content.agreement.terms_root), "types": list(TERM_TYPES), "values": values})


def _check_parts(parts: Parts, content: SealedContent) -> None:
    """All of it is about this agreement: the README says so of each file."""
    for event, proof in parts.proofs.items():
        entry = parse_entry(proof.entry)
        if (entry.document, entry.event) != (content.agreement.id, event) or not proof.holds():
            raise RuleError(f"no proof that this agreement was {event}", field=f"log/{event}", fix="give the log's proofs of its events")
    known = {one for one in content.evidence if one is not None}
    for one in parts.evidence:
        if sha256(one).digest() not in known:
            problem = f"the agreement names no evidence {sha256(one).hexdigest()}"
            raise RuleError(problem, field="approvals", fix="give what stands behind its own approvals")


def _logged_issue(parts: Parts) -> str:
    """The issued file's digest where the log's entry is of this very file; archive stamps may have been renewed since."""
    digest, proof = sha256(parts.issued).digest(), parts.proofs.get("issued")
    return digest.hex() if proof is not None and parse_entry(proof.entry).digest == digest else ""


def _log_key(parts: Parts) -> NoteKey:
    heads = {proof.checkpoint for proof in parts.proofs.values()}
    if len(heads) != 1:
        raise RuleError("proofs of no checkpoint, or of several", field="log", fix="run `sonang checkpoint`, then make the package again")
    note = next(iter(parts.proofs.values())).note
    for key in parts.keys:
        if key.kind == LOG and key.signed(note):
            return key
    raise RuleError("the log's published key is missing", field="log", fix="give it with --log-key; `sonang checkpoint` prints it")


def _witnesses(parts: Parts) -> list[NoteKey]:
    note = next(iter(parts.proofs.values())).note
    return [key for key in parts.keys if key.cosigned_at(note) is not None]


def _pdf_files(material: Material) -> dict[str, bytes]:
    files = {"pdf/certificates.pem": material.certificates, "pdf/authorities.pem": material.authorities}
    for part in material.parts:
        files[f"pdf/{part.name}.tst"] = part.token
        if not part.archive:
            files |= {f"pdf/{part.name}.p7s": part.cms, f"pdf/{part.name}.signature": part.value}
    files |= {f"pdf/{place}.ocsp": answer for place, answer in enumerate(material.ocsp)}
    return files | {f"pdf/{place}.crl": answer for place, answer in enumerate(material.crls)}


def _log_files(parts: Parts, log_key: NoteKey) -> dict[str, bytes]:
    note = next(iter(parts.proofs.values())).note
    signature = next(one.signature for one in note.signatures if (one.name, one.key_id) == (log_key.name, log_key.key_id))
    files = {"log/checkpoint": note.text, "log/checkpoint.sig": signature, "log/checkpoint.pem": _pem(log_key)}
    for place, key in enumerate(_witnesses(parts)):
        time = key.cosigned_at(note) or 0
        cosigned = next(one.signature for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id))
        name = f"log/witness-{place}"
        files |= {name: cosigned_text(note.text, time), f"{name}.sig": cosigned[8:], f"{name}.pem": _pem(key)}
    files["log/keys.txt"] = "".join(f"{key.text()}\n" for key in (log_key, *_witnesses(parts))).encode()
    for event, proof in parts.proofs.items():
        sides = _sides(proof.index, proof.checkpoint.size)
        steps = zip(sides, proof.hashes, strict=True)
        path = "".join(f"{side} {b64encode(sibling).decode()}\n" for side, sibling in steps).encode()
        files |= {f"log/{event}.entry": proof.entry, f"log/{event}.path": path, f"log/{event}.tlog-proof": proof.to_bytes()}
    return files


def _sides(index: int, size: int) -> list[str]:
    """On which side of the way from a leaf to the root each sibling of an inclusion proof stands (RFC 9162, 2.1.3.2): L or R."""
    sides, place, last = list[str](), index, size - 1
    while last:
        left = bool(place & 1) or place == last
        sides.append("L" if left else "R")
        while left and not place & 1 and place:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    return sides


def _pem(key: NoteKey) -> bytes:
    return Ed25519PublicKey.from_public_bytes(key.public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
