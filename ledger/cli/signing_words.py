"""What `sonang signing` calls states, acts and ways, Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ACTS", "HELD", "OUTCOMES", "ROLES", "STATES", "VOUCHED", "WAYS", "both"]

Words = Mapping[str, tuple[str, str]]

STATES: Words = {
    "open": ("chờ ký", "open"),
    "declined": ("đã bị từ chối ký", "declined"),
    "expired": ("đã quá hạn ký", "expired"),
    "signed": ("các bên đã ký", "signed"),
    "sealed": ("đã niêm phong", "sealed"),
    "waiting": ("đã niêm phong, chờ phát hành", "sealed, still to be issued"),
    "issued": ("đã phát hành", "issued"),
    "refused": ("chuỗi không ghi nhận", "refused by the chain"),
}
"""How a signing stands, and after it the issued file."""
HELD = "tạm dừng, tệp đã khác lúc trình ký – khôi phục từ bản sao lưu · held, its file changed since it was shown – restore it"
"""How an open one stands while nobody can sign it."""
ROLES: Words = {
    "owner": ("chủ mái nhà", "owner"),
    "customer": ("khách hàng", "customer"),
    "utility": ("điện lực", "utility"),
    "oracle": ("nút đo đếm", "oracle"),
}
WAYS: Words = {
    "otp": ("mã dùng một lần", "one-time code"),
    "wallet": ("ví", "wallet"),
    "smart-account": ("tài khoản thông minh", "smart account"),
    "passkey": ("khoá truy cập", "passkey"),
    "certificate": ("chứng thư số", "certificate"),
    "utility": ("khoá của điện lực", "the utility's key"),
    "staff": ("nhân viên", "staff"),
    "previous-contact": ("liên hệ từ trước", "contact from before"),
    "email": ("e-mail", "e-mail"),
    "sms": ("SMS", "SMS"),
    "zalo": ("Zalo", "Zalo"),
}
"""How a party signed, or where something went."""
ACTS: Words = {
    "again": ("gửi lại lên chuỗi", "put before the chain again"),
    "begin-enrolment": ("bắt đầu đăng ký khoá", "begin to enrol a key"),
    "change-contact": ("đổi liên hệ", "change a contact"),
    "confirm-code": ("nhập mã ký", "type a code to sign"),
    "confirm-contact": ("nhập mã thử liên hệ", "type a code that tries a contact"),
    "confirm-vouch": ("nhập mã xác nhận liên hệ", "type a code that vouches for a contact"),
    "countersign": ("điện lực ký", "the utility signs"),
    "create-passkey": ("tạo khoá truy cập", "make a passkey"),
    "decline": ("từ chối ký", "decline"),
    "enrol": ("đăng ký khoá", "enrol a key"),
    "fetch": ("đọc văn bản", "read the document"),
    "expire": ("hết hạn ký", "run out of time"),
    "link": ("gửi đường dẫn ký", "send a link"),
    "present": ("trình văn bản", "show the document"),
    "request-code": ("xin mã ký", "ask for a code to sign"),
    "request-contact-check": ("xin mã thử liên hệ", "ask for a code that tries a contact"),
    "request-enrolment": ("xin mã đăng ký khoá", "ask for a code to enrol"),
    "request-vouch": ("xin mã xác nhận liên hệ", "ask for a code that vouches for a contact"),
    "sign": ("ký", "sign"),
    "vouch": ("xác nhận liên hệ", "vouch for a contact"),
}
"""What is tried on a document or a contact."""
OUTCOMES: Words = {"done": ("xong", "done"), "refused": ("không được", "refused")}
VOUCHED: Words = {"staff": WAYS["staff"], "previous-contact": WAYS["previous-contact"]}


def both(words: Words, code: str | None) -> str:
    """A word in both languages, once where they are the same; a dash for none."""
    return "–" if code is None else " · ".join(dict.fromkeys(words.get(code, (code, code))))
