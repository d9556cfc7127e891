"""What `sonang seal --check` says: each thing that was tried, and what to do where one fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.cli.answers import tell
from ledger.sealing.trial import About, State, Step, Tried

ABOUT: Final[dict[About, str]] = {
    "approvals": "xác nhận · approvals",
    "seal": "con dấu · seal",
    "both": "xác nhận và con dấu · approvals and seal",
    "time-stamp": "dấu thời gian · time stamps",
}
STEPS: Final[dict[Step, str]] = {
    "key": "khoá ký và khớp chứng thư · the key signs and fits its certificate",
    "stamp": "nhận được và khớp · one came and fits",
    "certificate": "chứng thư dẫn tới gốc tin cậy · the certificate leads to a trusted root",
    "revocation": "chưa bị thu hồi · not revoked",
}
STATES: Final[dict[State, str]] = {"good": "tốt · good", "fails": "không đạt · fails", "not-tried": "chưa thử · not tried"}
ADVICE: Final[dict[Step, str]] = {
    "key": "sửa thiết lập nêu trên rồi thử lại; mã PIN bị từ chối thì hỏi lại mã trước, vì mỗi lần thử sai đưa khoá đến gần chỗ bị chặn"
    " · mend the setting named above, then try again; of a PIN that was refused ask first: each wrong try brings the key nearer to a lock",
    "stamp": "xem SONANG_TSA_URL, tài khoản ở đó và đồng hồ máy này · see SONANG_TSA_URL, the account there and this machine's clock",
    "certificate": "xem thời hạn và mục đích của chứng thư, các chứng thư trung gian đi kèm và SONANG_SEAL_TRUST_ROOTS"
    " · see the certificate's term and purpose, the certificates between it and the root, and SONANG_SEAL_TRUST_ROOTS",
    "revocation": "xem máy này có ra được địa chỉ nêu trên không, rồi hỏi nhà cung cấp; chứng thư đã bị thu hồi thì đặt chứng thư mới"
    " · see whether this machine reaches the address above, then ask the provider; order a new certificate for a revoked one",
}
QUEUED: Final = "it is asked again by itself"
"""How the errors of authorities that are away go on: true of the queue, not of a check."""
READY: Final = "Sẵn sàng phát hành; không tài liệu nào bị đụng tới · Ready to issue; no document was touched"


def tell_tried(results: Sequence[Tried], as_json: bool) -> int:
    """Says it all, and gives the exit code: 0 where everything is good, else 1."""
    wrong = sum(one.state == "fails" for one in results)
    lines = [line for one in results for line in _lines(one)]
    lines.append(READY if not wrong else f"{wrong} điều phải sửa trước tài liệu đầu tiên · {wrong} to mend before the first document")
    tell({"good": not wrong, "results": [_plain(one) for one in results]}, "\n".join(lines), as_json)
    return 1 if wrong else 0


def _lines(one: Tried) -> list[str]:
    found = f" ({one.shown})" if one.shown else ""
    lines = [f"{ABOUT[one.about]} – {STEPS[one.step]}: {STATES[one.state]}{found}"]
    if one.wrong is not None:
        more = "" if one.wrong.fix.startswith(QUEUED) else f" – {one.wrong.fix}"
        lines += [f"    {one.wrong.field}: {one.wrong.problem}{more}", f"    Làm gì · What to do: {ADVICE[one.step]}"]
    return lines


def _plain(one: Tried) -> dict[str, object]:
    known: dict[str, object] = {"about": one.about, "step": one.step, "state": one.state, "found": one.shown or None}
    if one.wrong is not None:
        known |= {"problem": one.wrong.problem, "field": one.wrong.field, "fix": one.wrong.fix}
    return known
