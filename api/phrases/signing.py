"""Signing a document: whose turn it is, what ended it, what the chain refused."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "this link is not good any more": "đường dẫn này không còn dùng được",
    "use the newest link, or ask the utility for another": "dùng đường dẫn mới nhất, hoặc xin điện lực đường dẫn khác",
    "its deadline has passed": "đã quá hạn ký",
    "draft a new agreement": "cần lập văn bản mới",
    "you have signed": "bạn đã ký",
    "it is not your turn": "chưa đến lượt bạn",
    "you sign with a key of your own, not by code": "bạn ký bằng khoá riêng, không ký bằng mã",
    "you have a key of your own": "bạn có khoá riêng",
    "you are no party to this agreement": "bạn không phải một bên của văn bản này",
    "{} has signed": "{} đã ký",
    "nothing is left to do; see how far the others are": "bạn không phải làm gì thêm; hãy xem các bên khác",
    "tell them to sign in at {}, where they see it and how far the others are": (
        "báo họ đăng nhập ở {} để xem văn bản và xem các bên khác đã ký đến đâu"
    ),
    "it is not the turn of {}": "chưa đến lượt {}",
    "let the parties named before it sign first": "chờ các bên đứng trước ký",
    "say why in 1 to {} characters": "ghi lý do, từ 1 đến {} ký tự",
    "it is signed by everybody and sealed": "các bên đã ký đủ và văn bản đã niêm phong",
    "nothing is left to sign": "không còn gì để ký",
    "the document was changed since it was shown": "văn bản đã bị sửa sau khi trình ký",
    "{} signs with a key of its own, not by code": "{} ký bằng khoá riêng, không ký bằng mã",
    "nothing was asked of a passkey, or too long ago": "khoá truy cập chưa được hỏi, hoặc đã quá lâu",
    "the registration's deadline is over or too far": "hạn của việc đăng ký khoá đã qua hoặc quá xa",
    "begin the enrolment again": "đăng ký lại từ đầu",
    "no passkey of this party": "không phải khoá truy cập của bạn",
    "use the passkey that was enrolled here": "dùng khoá truy cập đã đăng ký ở đây",
    "this passkey is known already": "khoá truy cập này đã được đăng ký",
    "make a new one, or sign with it": "tạo khoá khác, hoặc ký bằng khoá này",
    "ask the passkey again on the utility's own page": "dùng lại khoá truy cập trên trang của điện lực",
    "signed for {}, not for this one": "chữ ký dành cho {}, không phải cho chuỗi này",
    "switch the wallet to chain {} and sign the message exactly as it is given": "chuyển ví sang chuỗi {} rồi ký đúng nội dung được đưa",
    "an approval by code is not recorded yet": "lần ký bằng mã trước chưa ghi lên chuỗi",
    "let it sign with its wallet, passkey or certificate": "ký bằng ví, khoá truy cập hoặc chứng thư số đã đăng ký",
    "{} signs with another key than this installation has": "khoá của điện lực ở máy này không phải khoá đã đăng ký",
    "set SONANG_UTILITY_KEY to the key that stands for the utility": "báo điện lực; bạn không phải làm gì",
    "its address was erased": "địa chỉ này đã xoá",
    "record a new contact": "ghi liên hệ mới",
    "nothing was shown under {}": "văn bản chưa được trình cho bạn",
    "show the document to the party first": "mở lại đường dẫn trong tin nhắn",
    "no such agreement": "không có văn bản này",
    "give the id of an agreement of this installation": "xem lại mã văn bản",
    "its terms were changed since it was drafted": "nội dung đã bị sửa sau khi lập",
    "restore the database, or draft a new agreement": "chưa ký gì; báo điện lực để lập văn bản mới",
    "nothing was signed; restore the document from its backup, or draft a new agreement": "chưa ký gì; báo điện lực để lập văn bản mới",
    "what is signed is ended by a termination, not by declining": "đã ký thì không từ chối được nữa, chỉ chấm dứt bằng thanh lý",
    "{}, so nobody signs it any more": "văn bản đã bị từ chối hoặc quá hạn, không ai ký được nữa",
    "its deadline, {}, has passed by the chain's clock, {}": "đã quá hạn theo đồng hồ của chuỗi",
    "draft a new agreement with a later deadline": "cần lập văn bản mới với hạn muộn hơn",
    "{} is not a party to this agreement": "{} không phải một bên của văn bản này",
    "only its parties sign it": "chỉ các bên của văn bản mới ký được",
    "send the link to one of its parties": "gửi đường dẫn cho một bên của văn bản",
    "{} has a key of its own": "{} có khoá riêng",
    "let it sign with that key; nobody attests for it": "ký bằng khoá đó; không ai xác nhận thay được",
    "nobody is named": "chưa nêu tên ai",
    "give the id of the member of staff who checked the identity": "nêu nhân viên đã xem giấy tờ tuỳ thân",
    "the chain refused its record": "chuỗi không ghi nhận văn bản này",
    "name the version that the chain has; `sonang signing refused` says what to do about this one": (
        "chọn bản mà chuỗi có; `sonang signing refused` cho biết cách xử lý bản này"
    ),
    "no time is left to sign it and have it recorded before it begins": "không còn thời gian để ký và ghi lên chuỗi trước khi có hiệu lực",
    "name a moment {} h from now or later, or none: the chain lets nothing be replaced in the past": (
        "chọn thời điểm sau ít nhất {} giờ nữa, hoặc để trống: chuỗi không cho thay thế ngược về quá khứ"
    ),
}
