"""The words of news about a request, Vietnamese and English: what it waits for, that it ended, and what that means to who signed for it."""

from __future__ import annotations

from ledger.messages.wording import Wording
from ledger.services.acting import service_of
from ledger.services.documents import request_code
from ledger.services.model import Request, RequestAct
from ledger.services.queries import lacking

__all__ = ["ended_words", "lacking_words", "others_words"]


def ended_words(request: Request, act: RequestAct, address: str) -> Wording:
    """To its customer: that it was rejected, or withdrawn by another, and why."""
    code, service, why = request_code(request), service_of(request), _why(act)
    if request.state == "rejected":
        return Wording(
            subject_vi=f"{code}: không được chấp nhận",
            subject_en="rejected",
            text_vi=f"Yêu cầu {code}, {service.vi}, không được chấp nhận: {why}\nNếu không đồng ý, bạn có thể khiếu nại với điện lực.",
            text_en=f"The request {code}, {service.en}, was rejected: {why}\nIf you do not agree, you can complain to the utility.",
            short=f"So Nang: yeu cau {code} khong duoc chap nhan, hoi dien luc. Rejected, ask the utility. {address}",
        )
    if act.who == "system":
        return Wording(
            subject_vi=f"{code}: đã rút vì không có trả lời",
            subject_en="withdrawn, nobody answered",
            text_vi=f"Yêu cầu {code}, {service.vi}, không có trả lời nên coi như đã rút. Nếu vẫn cần, hãy gửi yêu cầu mới.",
            text_en=f"The request {code}, {service.en}, was not answered and counts as withdrawn. Ask anew if you need it.",
            short=f"So Nang: yeu cau {code} da rut vi khong co tra loi. Withdrawn, nobody answered. {address}",
        )
    return Wording(
        subject_vi=f"{code}: đã rút",
        subject_en="withdrawn",
        text_vi=f"Yêu cầu {code}, {service.vi}, đã được điện lực rút thay bạn: {why}\nNếu không phải ý bạn, hãy báo điện lực.",
        text_en=f"The request {code}, {service.en}, was withdrawn for you by the utility: {why}\nIf you did not ask for it, tell us.",
        short=f"So Nang: yeu cau {code} da rut thay ban; neu sai hay bao dien luc. Withdrawn for you; if wrong, tell us. {address}",
    )


def others_words(request: Request, address: str, *, lasts: bool) -> Wording:
    """To who was asked to sign something for it: that it ended, and that nothing comes of that. Nothing of its customer, no reason.

    Args:
        lasts: whether their own contract goes on.
    """
    code, service = request_code(request), service_of(request)
    vi, en = {"rejected": ("không được chấp nhận", "was rejected")}.get(request.state, ("đã được rút", "was withdrawn"))
    on_vi = " Hợp đồng của bạn vẫn có hiệu lực như trước." if lasts else ""
    on_en = " Your contract goes on as before." if lasts else ""
    short = "giay to khong co hieu luc. Ended, its papers have no effect."
    if lasts:
        short = "hop dong cua ban van nhu truoc. Ended, your contract goes on."
    nothing_vi = "Giấy tờ bạn được mời ký cho yêu cầu này không có hiệu lực, dù bạn đã ký."
    nothing_en = "What you were asked to sign for it has no effect, signed or not."
    return Wording(
        subject_vi=f"{code}: đã dừng",
        subject_en="ended",
        text_vi=f"Yêu cầu {code}, {service.vi}, {vi}. {nothing_vi}{on_vi}\n{address}",
        text_en=f"The request {code}, {service.en}, {en}. {nothing_en}{on_en}\n{address}",
        short=f"So Nang: yeu cau {code} da dung, {short} {address}",
    )


def lacking_words(request: Request, act: RequestAct, address: str, days: int | None) -> Wording:
    """To its customer: what is missing and why; said again, that it is withdrawn in so many days."""
    code, service, why, fields = request_code(request), service_of(request), _why(act), lacking(request)
    until_vi = f"\nQuá {days} ngày kể từ tin này mà không có trả lời, yêu cầu coi như đã rút." if days else ""
    until_en = f"\nWithout an answer in {days} days from this message it counts as withdrawn." if days else ""
    short = f" Sau {days} ngay coi nhu rut. Withdrawn after {days} days." if days else ""
    vi, en = ("\n".join(f"– {one.vi if wanted == 'vi' else one.en}" for one in fields) for wanted in ("vi", "en"))
    return Wording(
        subject_vi=f"{code}: cần bổ sung",
        subject_en="something is missing",
        text_vi=f"Yêu cầu {code}, {service.vi}, chờ bạn bổ sung: {why}\n{vi}\n{address}, hoặc liên hệ điện lực.{until_vi}",
        text_en=f"The request {code}, {service.en}, waits for you: {why}\n{en}\n{address}, or ask the utility.{until_en}",
        short=f"So Nang: yeu cau {code} can bo sung. Something is missing.{short} {address}",
    )


def _why(act: RequestAct) -> str:
    return (act.note or "").partition(" (missing: ")[0]
