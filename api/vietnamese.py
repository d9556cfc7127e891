"""Errors in Vietnamese: inside they are English, and whoever signs or asks for a service reads Vietnamese first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

__all__ = ["PHRASES", "in_vietnamese", "sentences_in_vietnamese"]

PHRASES: Mapping[str, str] = {
    # codes
    "the code is wrong": "mã không đúng",
    "type the newest code again, {} tries are left": "nhập lại mã mới nhất, còn {} lần thử",
    "type the newest code": "nhập mã mới nhất",
    "ask for a new code": "xin mã mới",
    "no code was asked for": "chưa xin mã nào",
    "the code has expired": "mã đã hết hạn",
    "too many wrong codes": "nhập sai quá nhiều lần",
    "the code was used": "mã đã dùng rồi",
    "each code is good once; see whether it is done already": "mỗi mã chỉ dùng một lần; hãy xem việc đã xong chưa",
    "a newer code took its place": "đã có mã mới hơn",
    "not a code": "chưa đúng dạng mã",
    "type the {} digits of the newest message": "nhập {} chữ số trong tin nhắn mới nhất",
    "{} codes were sent for this {} within {} h": "đã gửi {0} mã trong {2} giờ",
    "wait {} minutes, or sign another way": "chờ {} phút, hoặc ký bằng cách khác",
    "this code does not sign in": "mã này không đăng nhập được",
    "check the digits, or ask for a new code; one code works once, for ten minutes and five tries": (
        "xem lại các chữ số, hoặc xin mã mới; mỗi mã dùng một lần, trong mười phút và năm lần thử"
    ),
    "nobody has this token": "không ai có mã truy cập này",
    "check it, or have an admin make another: `{}`": "xem lại mã, hoặc nhờ quản trị viên tạo mã khác: `{}`",
    "asked too often": "bạn đã thử quá nhiều lần",
    "wait {} s and ask again": "chờ {} giây rồi thử lại",
    "not signed in, or not any more": "chưa đăng nhập, hoặc phiên đã hết",
    "sign in at /sign-in": "đăng nhập tại /sign-in",
    # what the chain refused
    "the chain refused its record": "chuỗi không ghi nhận văn bản này",
    "name the version that the chain has; `sonang signing refused` says what to do about this one": (
        "chọn bản mà chuỗi có; `sonang signing refused` cho biết cách xử lý bản này"
    ),
    "no time is left to sign it and have it recorded before it begins": "không còn thời gian để ký và ghi lên chuỗi trước khi có hiệu lực",
    "name a moment {} h from now or later, or none: the chain lets nothing be replaced in the past": (
        "chọn thời điểm sau ít nhất {} giờ nữa, hoặc để trống: chuỗi không cho thay thế ngược về quá khứ"
    ),
    # contacts
    "not an e-mail address": "chưa đúng địa chỉ e-mail",
    "give one such as an@example.vn": "nhập như an@example.vn",
    "not a mobile number": "chưa đúng số di động",
    "give one such as 0912 345 678, or with + and its country": "nhập như 0912 345 678, hoặc có dấu + và mã nước",
    "no earlier contact can vouch for it": "không có liên hệ nào từ trước để xác nhận",
    "let the party show an identity card at the counter, or wait until the change has cooled off": (
        "mang giấy tờ tuỳ thân đến quầy, hoặc chờ hết thời gian chờ"
    ),
    "it does not stand any more": "liên hệ này không còn dùng nữa",
    "vouch for the contact that took its place": "xác nhận liên hệ đã thay nó",
    "no such contact of yours": "bạn không có liên hệ này",
    "take one from your list, /my/contacts": "chọn trong danh sách, /my/contacts",
    "no customer of this code": "không có khách hàng mang mã này",
    "read the code again from a bill or the contract": "đọc lại mã trên hoá đơn hoặc hợp đồng",
    "who recorded the change cannot vouch for it": "ai ghi liên hệ mới thì không tự xác nhận được",
    "let a colleague see the identity card and vouch": "nhờ đồng nghiệp xem giấy tờ tuỳ thân và xác nhận",
    "{} may not do this": "{} không được làm việc này",
    "ask one of: {}": "nhờ một trong: {}",
    "the contact was replaced": "liên hệ này đã được thay",
    "ask for a code to the contact that stands now": "xin mã gửi đến liên hệ hiện dùng",
    "this contact was changed less than {} h ago": "liên hệ này mới đổi chưa đến {} giờ",
    "confirm the change with a code to a contact from before, or at the counter with an identity card, or wait {} h": (
        "xác nhận bằng mã gửi đến một liên hệ có từ trước, hoặc đến quầy với giấy tờ tuỳ thân, hoặc chờ {} giờ"
    ),
    "{} has no {} contact": "{} chưa có liên hệ {}",
    "record its contact first, or use another channel": "ghi liên hệ trước, hoặc dùng kênh khác",
    # signing
    "this link is not good any more": "đường dẫn này không còn dùng được",
    "use the newest link, or ask the utility for another": "dùng đường dẫn mới nhất, hoặc xin điện lực đường dẫn khác",
    "its deadline has passed": "đã quá hạn ký",
    "draft a new agreement": "cần lập văn bản mới",
    "{} has signed": "{} đã ký",
    "nothing is left to do; see how far the others are": "bạn không phải làm gì thêm; hãy xem các bên khác",
    "it is not the turn of {}": "chưa đến lượt {}",
    "let the parties named before it sign first": "chờ các bên đứng trước ký",
    "no reason, or too long": "thiếu lý do, hoặc lý do quá dài",
    "say why in 1 to {} characters": "ghi lý do, từ 1 đến {} ký tự",
    "it is signed by everybody and sealed": "các bên đã ký đủ và văn bản đã niêm phong",
    "nothing is left to sign": "không còn gì để ký",
    "the document was changed since it was shown": "văn bản đã bị sửa sau khi trình ký",
    "{} signs with a key of its own, not by code": "{} ký bằng khoá riêng, không ký bằng mã",
    "nothing was asked of a passkey, or too long ago": "khoá truy cập chưa được hỏi, hoặc đã quá lâu",
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
    # keys and signatures
    "the party's key is no certificate's": "khoá của bạn không phải của chứng thư số",
    "sign with its wallet or passkey": "ký bằng ví hoặc khoá truy cập",
    "the party's key is no passkey": "khoá của bạn không phải khoá truy cập",
    "sign with its wallet or certificate": "ký bằng ví hoặc chứng thư số",
    "the party's key is no wallet": "khoá của bạn không phải ví",
    "sign with its passkey or certificate": "ký bằng khoá truy cập hoặc chứng thư số",
    "another key stands for the party": "khoá đã đăng ký là khoá khác",
    "sign with the key that stands for it now": "ký bằng khoá đang đăng ký",
    "the key does not stand": "khoá chưa được đăng ký",
    "wait until the document it approved by code is recorded, then enrol the key": "chờ văn bản đó ghi xong rồi hãy đăng ký khoá",
    "the passkey's answer does not hold: {}": "trả lời của khoá truy cập không hợp lệ",
    "nobody was verified at the passkey": "khoá truy cập chưa xác minh người dùng",
    "ask with userVerification 'required': a finger, a face or a PIN": "dùng vân tay, khuôn mặt hoặc mã PIN",
    "the passkey signed another challenge": "khoá truy cập đã ký nội dung khác",
    "give it the 32 bytes of the digest as challenge": "tải lại trang rồi ký lại",
    "no chain to ask whether the wallet is a contract": "chưa hỏi được chuỗi về ví này",
    "connect to the chain, then sign again": "chờ một lát rồi ký lại",
    "the wallet's contract refused the signature at block {}": "hợp đồng của ví không nhận chữ ký này",
    "sign this document with the wallet's present owners, on this chain": "ký bằng chủ hiện tại của ví, trên chuỗi này",
    "another key made this signature": "chữ ký này là của khoá khác",
    "sign with the key of the named signer": "ký bằng khoá đã đăng ký",
    "no key makes this signature": "chữ ký này không thể có thật",
    "sign the digest again": "ký lại",
    "v is {}": "chữ ký có v là {}",
    "give v as 27 or 28": "v phải là 27 hoặc 28",
    "a signature with high s": "chữ ký có s cao",
    "give the twin with s in the lower half of the curve's order": "ký lại, với s thấp",
    "a signature of {} bytes": "chữ ký dài {} byte",
    "give one of {} or fewer": "nhiều nhất {} byte",
    "{} bytes instead of {}": "có {} byte thay vì {}",
    "give exactly {} bytes": "cần đúng {} byte",
    "not hexadecimal: {}": "không phải số hệ mười sáu",
    "give 0x and hexadecimal digits": "nhập 0x rồi các chữ số 0–9, a–f",
    "give 0x and pairs of hexadecimal digits": "nhập 0x rồi từng cặp chữ số 0–9, a–f",
    "not a P-256 signature": "không phải chữ ký P-256",
    "give r ‖ s, or DER": "nhập r ‖ s, hoặc DER",
    "a P-256 signature of {} bytes": "chữ ký P-256 dài {} byte",
    "give 64 bytes r ‖ s": "cần 64 byte r ‖ s",
    "the P-256 signature is not the signer's over this digest": "chữ ký P-256 không phải của khoá này trên văn bản này",
    "sign these bytes again": "ký lại đúng các byte này",
    "an RSA signature of {} bytes": "chữ ký RSA dài {} byte",
    "give {} bytes, a number below the modulus": "cần {} byte",
    "the RSA signature is not the signer's over this digest": "chữ ký RSA không phải của khoá này trên văn bản này",
    "sign exactly these bytes again": "ký lại đúng các byte này",
    "no certificate that can be read": "không đọc được chứng thư số",
    "give the certificate and its intermediates as PEM, its own first": (
        "đưa chứng thư số và các chứng thư trung gian dạng PEM, chứng thư của mình trước"
    ),
    "the certificate was revoked on {}": "chứng thư số đã bị thu hồi ngày {}",
    "sign with the certificate that replaced it": "ký bằng chứng thư số thay thế",
    "the certificate is not accepted: {}": "chứng thư số không được chấp nhận: {}",
    "sign with a valid certificate for digital signatures of a licensed authority, and send its intermediates too": (
        "ký bằng chứng thư số còn hiệu lực của tổ chức được cấp phép, kèm các chứng thư trung gian"
    ),
    "it is the certificate of {}": "đây là chứng thư số của {}",
    "sign with the certificate of the company the document names": "ký bằng chứng thư số của công ty nêu trong văn bản",
    "it names tax code {}": "chứng thư số ghi mã số thuế {}",
    "sign with the certificate of the company of that tax code": "ký bằng chứng thư số của công ty có mã số thuế đó",
    "a key of another kind": "khoá thuộc loại khác",
    "sign with an RSA key of 2048 bits or more, or a P-256 key": "ký bằng khoá RSA từ 2048 bit, hoặc khoá P-256",
    # documents and requests
    "no such document of yours": "bạn không có văn bản này",
    "take one from your list, /my": "chọn trong danh sách của bạn, /my",
    "no such request": "không có yêu cầu này",
    "take one from the list of your requests": "chọn trong danh sách yêu cầu của bạn",
    "no such file of this request": "yêu cầu này không có tệp đó",
    "take one from the list of the request's files": "chọn trong danh sách tệp của yêu cầu",
    "no agreement of yours has that code": "bạn không có hợp đồng nào mang mã này",
    "take it from the contract's first page": "xem mã ở trang đầu hợp đồng",
    "no agreement with {}": "không có hợp đồng nào như vậy",
    "check the code or the file; another installation may hold it": "xem lại mã hoặc tệp",
    "read it again from the foot of any page: five groups of four characters": "đọc lại ở cuối trang: năm nhóm bốn ký tự",
    "a character is wrong, or two changed places": "sai một ký tự, hoặc hai ký tự đổi chỗ",
    "{} characters, a code has {}": "có {} ký tự, mã gồm {}",
    "no code has {}": "mã không có ký tự {}",
    "no metering point": "thiếu mã khách hàng",
    "give the customer's code as on a bill, or the contract that names it": "nhập mã khách hàng in trên hoá đơn",
    "{} is no customer code": "{} không phải mã khách hàng",
    "give the 13 characters of the customer's code as on a bill, or the 16 of the metering point": (
        "nhập 13 ký tự của mã khách hàng in trên hoá đơn, hoặc 16 ký tự của mã điểm đo"
    ),
    "no unit": "thiếu đơn vị điện lực",
    "no unit {}": "không có đơn vị {}",
    "name the unit that serves the place": "nhập mã đơn vị điện lực nơi dùng điện",
    "nothing was given": "chưa nhập gì",
    "give what is missing; the request lists it": "bổ sung những gì còn thiếu",
    "documents were drafted from what was given": "hồ sơ đã được lập theo thông tin này",
    "go back to the step that drafts them first": "cần quay lại bước lập hồ sơ trước",
    "somebody acted on request {} meanwhile: {} by {}": "đã có người xử lý yêu cầu {} trong lúc đó: {}, {}",
    "look at it again (version {}), then act on what is there now": "xem lại yêu cầu (phiên bản {}) rồi hãy làm",
    "no reason, or a very long one": "thiếu lý do, hoặc lý do quá dài",
    "request {} has ended": "yêu cầu {} đã kết thúc",
    "submit a new request": "gửi yêu cầu mới",
    "not a telephone number": "chưa đúng số điện thoại",
    "give it as 0912345678 or +84912345678": "nhập như 0912345678 hoặc +84912345678",
    "give it as name@example.vn": "nhập như ten@example.vn",
    "{} is no day": "{} không phải ngày",
    "give a day of the calendar as YYYY-MM-DD": "nhập ngày có thật, năm-tháng-ngày",
    "{} is no whole number{}": "{} không phải số nguyên",
    "give a whole number{}, 0 or more": "nhập số nguyên, từ 0",
    "give one of {}": "chọn một trong: {}",
    "{} characters, or one that cannot be printed": "{} ký tự, hoặc có ký tự không in được",
    "give 1 to {} printable characters": "nhập từ 1 đến {} ký tự in được",
    "no file was chosen": "chưa chọn tệp",
    "choose a file, then send": "chọn tệp rồi gửi",
    "write down everything the step asks for": "ghi đủ những gì bước này cần",
    "hand it back to the customer with the reason, or add what they gave": "trả lại khách hàng kèm lý do, hoặc bổ sung thông tin họ đã đưa",
    "missing: {}": "còn thiếu: {}",
    # facts of documents
    "empty": "để trống",
    "write what belongs there": "điền nội dung",
    "has a line break or a character nobody sees": "có ký tự xuống dòng hoặc ký tự không thấy được",
    "write it on one line": "viết trên một dòng",
    "say it in {} characters at most": "viết nhiều nhất {} ký tự",
    "not a whole number: {}": "không phải số nguyên: {}",
    "give a whole number in the unit its name ends in": "nhập số nguyên, theo đơn vị ghi ở tên",
    "{} is out of bounds": "{} ngoài giới hạn",
    "give a whole number from {} to {}": "nhập số nguyên từ {} đến {}",
    "the contract is over by then": "khi đó hợp đồng đã hết hạn",
    "no day {}": "không phải ngày: {}",
    "write the day as 2026-07-01": "chọn một ngày trong lịch",
    "{} is too early": "{} quá sớm",
    "give {} or a later day": "chọn ngày {} hoặc muộn hơn",
    "{} is read twice": "{} ghi hai lần",
    "give each register once": "mỗi chỉ số ghi một lần",
    "{} is not read": "thiếu chỉ số {}",
    "read the total import register {} too": "ghi cả chỉ số tổng {}",
    "missing": "còn thiếu",
    # every page
    "nothing is here": "không có gì ở địa chỉ này",
    "begin at / for pages, at /docs for programs": "bắt đầu từ trang đầu",
    "another site made this browser ask": "một trang web khác đã khiến trình duyệt gửi yêu cầu này",
    "open this site's own page and do it there": "mở trang của Sổ Nắng và làm ở đó",
    "this server answers its own machine only": "máy chủ này chỉ trả lời chính máy của nó",
    "ask from this machine, by 127.0.0.1 or localhost": "hỏi từ máy này, qua 127.0.0.1 hoặc localhost",
    "the devchain is down": "chuỗi thử đang tắt",
    "the chain's node {} does not answer: {}": "nút chuỗi {} không trả lời",
    "the database does not answer": "cơ sở dữ liệu không trả lời",
    "see that PostgreSQL runs, then ask again": "chờ một lát rồi thử lại",
    "this program met a fault it did not expect": "chương trình gặp lỗi không lường trước",
    "report it with the request id; trying again is safe": "báo lỗi kèm mã yêu cầu; thử lại là an toàn",
    "more than {} MiB": "quá {} MB",
    "send a smaller file": "gửi tệp nhỏ hơn",
    "{} is not possible here": "không dùng được {} ở đây",
    "use a method that /docs lists for this path": "xem các cách dùng trong /docs",
    "mend {} and ask again; /docs describes it": "sửa {} rồi gửi lại",
    "Field required": "chưa nhập",
}
"""English, with {} where something is filled in, and the same in Vietnamese."""
_OF_A_FIELD = re.compile(r"(.+?) · (.+?): (.+)", re.DOTALL)
_LONGEST = 1_000


def in_vietnamese(text: str) -> str | None:
    """A problem or a fix in Vietnamese; None when it is not known, or stands in both languages already."""
    named = _OF_A_FIELD.fullmatch(text[:_LONGEST])
    rest = None if named is None else in_vietnamese(named[3])
    if named is not None and rest is not None:
        return f"{named[1]}: {rest}"
    for pattern, vi in _patterns():
        found = pattern.fullmatch(text[:_LONGEST])
        if found is not None:
            return vi.format(*found.groups())
    return None


def sentences_in_vietnamese(problem: str, fix: str) -> str:
    """What is wrong and what to do, as sentences; empty when the problem is not known in Vietnamese."""
    told = [in_vietnamese(problem), in_vietnamese(fix)]
    return " ".join(f"{one[0].upper()}{one[1:]}." for one in told if one) if told[0] else ""


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The phrases as patterns: those with less to fill in first, so that a whole sentence is not taken for the end of a shorter one."""
    ordered = sorted(PHRASES.items(), key=lambda each: each[0].count("{}"))
    return [(re.compile(re.escape(en).replace(r"\{\}", "(.*)"), re.DOTALL), vi) for en, vi in ordered]
