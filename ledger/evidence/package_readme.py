"""The README of an evidence package: what is in it, and the exact commands of programs that are not ours, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ledger.evidence.pdf_material import Material, SignedPart
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import Agreement

AUTHORITIES = " -untrusted pdf/authorities.pem"
"""A token brings its signer's own certificate; of any in that file that is no authority openssl warns."""

_RAW = "openssl pkey -pubin -in log/checkpoint.pem -outform DER | tail -c 32"
"""The log's key; behind a byte of its kind, in base64, it is the last part of the key as it is published."""


@dataclass(frozen=True)
class Told:
    """What the README speaks of.

    Attributes:
        sealed_length, sealed_digest: of the sealed document, the beginning of the PDF; the digest in hexadecimal, as the chain holds it.
        logged_issue: the issued file's digest, hexadecimal, where the log speaks of this very file; empty after its stamps were renewed.
        events: the agreement's events in the log; `witnesses` names who cosigned the checkpoint.
        log_key: the log's key as published.
        evidence: SHA-256 of each object behind an attested approval, hexadecimal.
        files: names of all members but this text and the list of their digests.
    """

    agreement: Agreement
    sealed_length: int
    sealed_digest: str
    logged_issue: str
    material: Material
    events: tuple[str, ...]
    witnesses: tuple[str, ...]
    log_key: str
    evidence: tuple[str, ...]
    files: tuple[str, ...]


def readme(told: Told) -> str:
    """The text. Every `sh` block can be run as it is in the unpacked folder; it ends with an error when anything does not hold."""
    return "\n".join([*_head(told), *_whole(told), *_openssl(told), *_log(told), *_pyhanko(told), *_tree(told), *_ours(told)]) + "\n"


def _head(told: Told) -> Iterator[str]:
    yield f"# Bằng chứng về hợp đồng · Evidence of agreement {hex0x(told.agreement.id)}"
    yield ""
    yield "Giải nén, mở cửa sổ dòng lệnh tại thư mục này và chạy từng khối lệnh. Không cần mạng. Khối nào không đúng sẽ dừng và báo lỗi."
    yield ""
    yield "Unpack, open a terminal in the folder, and run each block. No network is needed."
    yield "A block stops with an error when anything does not hold."
    yield ""
    yield "Thứ không nên tin từ chính gói này · What you should not take from this package itself:"
    yield ""
    yield "- `roots.pem`: chứng thư gốc; lấy từ tổ chức chứng thực · the root certificate; get it from its authority"
    yield f"- `{told.log_key}`: khoá của nhật ký; lấy nơi điện lực công bố · the log's key; get it where the utility publishes it"
    yield "- `seal.pem`, không có trong gói: chứng thư con dấu; lấy nơi điện lực công bố"
    yield "  · not in here: the certificate of the utility's seal; get it where the utility publishes it"
    yield "- mã khối và `deployment.json`: từ nút của bạn và nơi công bố"
    yield "  · the block hash and the deployment record: from your own node, and from where it is published"
    yield ""
    yield "`agreement.pdf` chứa dữ liệu cá nhân của các bên · holds personal data of the parties: give it only to who may see it."
    yield ""


def _section(title: str, *said: str) -> Iterator[str]:
    yield from (f"## {title}", "", *said, "")


def _block(*lines: str) -> Iterator[str]:
    yield from ("```sh", "set -eu", *lines, "```", "")


def _whole(told: Told) -> Iterator[str]:
    yield from _section(
        "0. Tệp nguyên vẹn · Nothing was damaged on the way",
        "Không chứng minh gì với người cố ý sửa; các khối sau mới chứng minh · ",
        "This proves nothing against who changes files on purpose; the blocks below do:",
    )
    yield from _block(f"openssl dgst -sha256 -r {' '.join(told.files)} | diff - SHA256SUMS")


def _openssl(told: Told) -> Iterator[str]:
    yield from _section(
        "1. openssl",
        "Phần đầu của tệp PDF đúng là bản niêm phong mà chuỗi khối ghi nhận, và bản gốc các bên đã chấp thuận · ",
        "The PDF begins with the sealed document the chain records, and with the document its parties approved:",
    )
    agreement, above = told.agreement, AUTHORITIES if told.material.authorities else ""
    yield from _block(
        f'test "$(head -c {told.sealed_length} agreement.pdf | openssl dgst -sha256 -r | cut -c1-64)" = {told.sealed_digest}',
        f'test "$(head -c {agreement.base_length} agreement.pdf | openssl dgst -sha256 -r | cut -c1-64)" = {agreement.base_digest.hex()}',
    )
    yield "Chữ ký, dấu thời gian, chứng thư và câu trả lời thu hồi, tại thời điểm của dấu thời gian · "
    yield "Signatures, time stamps, certificates and revocation answers, as of the time stamps:"
    yield ""
    yield from _block(*(line for part in told.material.parts for line in _part(part, above)), *_revocation(told.material))
    for part in told.material.parts:
        yield f"- `{part.name}`: {_moment(part.stamped_s)}" + ("" if part.archive else f", SHA-256 {part.signer}")
    yield ""
    yield "Một chứng thư gốc chứng nhận nhiều người: so SHA-256 của chứng thư con dấu với nơi điện lực công bố · "
    yield "A root certifies many: compare the SHA-256 of the seal's certificate with what the utility publishes."
    yield ""


def _part(part: SignedPart, above: str) -> Iterator[str]:
    pieces = " ".join(f"tail -c +{start + 1} agreement.pdf | head -c {length};" for start, length in part.ranges)
    trust = f"-CAfile roots.pem -attime {part.stamped_s}"
    yield f"{{ {pieces} }} > signed.bin"
    if part.archive:
        yield f"openssl ts -verify -in pdf/{part.name}.tst -token_in -data signed.bin {trust}{above}"
        return
    named = f"pdf/{part.name}"
    yield (
        f"openssl cms -verify -inform DER -in {named}.p7s -binary -content signed.bin {trust}"
        f" -certfile pdf/certificates.pem -purpose any -out signed.out -signer signer.pem"
    )
    yield f'test "$(openssl x509 -in signer.pem -outform DER | openssl dgst -sha256 -r | cut -c1-64)" = {part.signer}'
    place = part.cms.index(part.value)  # the time stamp is over this signature, and no other
    yield f"tail -c +{place + 1} {named}.p7s | head -c {len(part.value)} | cmp - {named}.signature"
    yield f"openssl ts -verify -in {named}.tst -token_in -data {named}.signature {trust}{above}"


def _revocation(material: Material) -> Iterator[str]:
    at = max(part.stamped_s for part in material.parts)
    for place in range(len(material.ocsp)):
        trust = f"-CAfile roots.pem -verify_other pdf/certificates.pem -attime {at}"
        yield f"openssl ocsp -respin pdf/{place}.ocsp -resp_text {trust} > ocsp.txt 2>&1"
        yield from ("grep -q 'Response verify OK' ocsp.txt", "grep -q 'Cert Status: good' ocsp.txt")
    for place in range(len(material.crls)):
        yield f"openssl crl -inform DER -in pdf/{place}.crl -noout -CAfile pdf/certificates.pem 2>&1 | grep -q 'verify OK'"


def _log(told: Told) -> Iterator[str]:
    yield from _section(
        "2. Nhật ký công khai, RFC 6962 · The transparency log, RFC 6962, with openssl",
        "Lá = SHA-256(00 ‖ mục), nút = SHA-256(01 ‖ trái ‖ phải); dòng thứ ba của điểm kiểm là gốc · ",
        "Leaf = SHA-256(00 ‖ entry), node = SHA-256(01 ‖ left ‖ right); the checkpoint's third line is the root;",
        "mỗi mục nêu đúng tài liệu này · each entry names this document:",
    )
    yield from _block(
        "hash() { openssl dgst -sha256 -binary; }",
        f"for event in {' '.join(told.events)}; do",
        "  { printf '\\000'; cat log/$event.entry; } | hash > node.bin",
        "  while read -r side sibling; do",
        '    echo "$sibling" | openssl base64 -d -A > sibling.bin',
        "    case $side in L) set -- sibling.bin node.bin ;; R) set -- node.bin sibling.bin ;; *) exit 1 ;; esac",
        "    { printf '\\001'; cat \"$@\"; } | hash > up.bin && mv up.bin node.bin",
        "  done < log/$event.path",
        '  test "$(openssl base64 -A < node.bin)" = "$(sed -n 3p log/checkpoint)"',
        "done",
        *(f"grep -q '{said}' log/{event}.entry" for event, said in _said(told)),
        f"test \"$({{ printf '\\001'; {_RAW}; }} | openssl base64 -A)\" = '{told.log_key.split('+', 2)[2]}'",
        "openssl pkeyutl -verify -pubin -inkey log/checkpoint.pem -rawin -in log/checkpoint -sigfile log/checkpoint.sig",
        *(
            f"openssl pkeyutl -verify -pubin -inkey log/witness-{place}.pem -rawin -in log/witness-{place} -sigfile log/witness-{place}.sig"
            for place in range(len(told.witnesses))
        ),
    )
    for place, name in enumerate(told.witnesses):
        yield f"- `log/witness-{place}`: {name}"
    if told.evidence:
        yield ""
        yield "Bằng chứng của chấp thuận bằng mã dùng một lần; chuỗi giữ đúng các mã băm này · "
        yield "What stands behind approvals by one-time codes; the chain holds these hashes:"
        yield ""
        yield from _block(*(f'test "$(openssl dgst -sha256 -r < approvals/{one}.json | cut -c1-64)" = {one}' for one in told.evidence))
    yield ""


def _said(told: Told) -> Iterator[tuple[str, str]]:
    """What entries say of these very files, as their canonical JSON has it."""
    document = f'"document":"{hex0x(told.agreement.id)}"'
    digests = {"issued": told.logged_issue} | {event: told.sealed_digest for event in told.events if event not in ("issued", "erased")}
    for event in told.events:
        digest = digests.get(event, "")
        yield event, f'"digest":"0x{digest}",{document}' if digest else document


def _pyhanko(told: Told) -> Iterator[str]:
    at = datetime.fromtimestamp(max(part.stamped_s for part in told.material.parts) + 1, UTC).isoformat()
    yield from _section(
        "3. pyHanko (`pip install pyhanko-cli`)",
        "Kiểm tra dài hạn: chỉ với chứng thư gốc, tại thời điểm của dấu lưu trữ; mọi thay đổi sau khi ký đều bị phát hiện · ",
        "Long-term validation with the root alone, as of the archive stamp; any change after signing is found:",
    )
    trust = f"--trust roots.pem --trust-replace --validation-time {at}"
    yield from _block(f"pyhanko sign validate {trust} agreement.pdf", f"pyhanko sign adesverify {trust} agreement.pdf")


def _tree(told: Told) -> Iterator[str]:
    yield from _section(
        "4. @openzeppelin/merkle-tree (`npm install @openzeppelin/merkle-tree`)",
        "Các điều khoản dẫn tới gốc mà các bên đã ký · The terms lead to the root the parties signed:",
    )
    script = (
        'const {StandardMerkleTree} = require("@openzeppelin/merkle-tree"), terms = require("./terms.json"); '
        "const root = StandardMerkleTree.of(terms.values, terms.types).root; "
        f'if (root !== "{hex0x(told.agreement.terms_root)}") throw new Error(root)'
    )
    yield from _block(f"node -e '{script}'")


def _ours(told: Told) -> Iterator[str]:
    yield from _section(
        "5. Chuỗi khối · The chain",
        "`agreement.zip` chứng minh, từ mã khối mà bạn tin, rằng chuỗi ghi nhận hợp đồng này, bản niêm phong và gốc điều khoản trên; ",
        "`docs/verify.md` và `docs/protocol.md` tả từng byte cho ai muốn viết chương trình khác · ",
        "`agreement.zip` proves, from a block hash you trust, that the chain records this agreement, that sealed document and that root; ",
        "`docs/verify.md` and `docs/protocol.md` describe every byte for who writes another program:",
    )
    yield "    sonang verify agreement.pdf agreement.zip --trust-block 0x… --deployment deployment.json \\"
    yield "        --trust-root roots.pem --sealed-by seal.pem"
    yield f"    sonang verify log/{told.events[0]}.tlog-proof --bundle --log-key '{told.log_key}'"


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
