"""Documents by their codes, and requests for services."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "no such document of yours": "bạn không có văn bản này",
    "take one from your list, /my": "chọn trong danh sách của bạn, /my",
    "it was not issued yet": "văn bản chưa được phát hành",
    "ask again once your list, /my, shows the issued file": "tải lại khi danh sách /my có bản phát hành",
    "its proof by the log is still to come": "bằng chứng trong nhật ký chưa có",
    "ask again in some minutes, after the next checkpoint": "tải lại sau ít phút, khi có điểm kiểm kế tiếp",
    "the package cannot be made here": "máy chủ này không lập được gói bằng chứng",
    "tell the utility: its server lacks roots of certificates or the log's key": (
        "báo cho điện lực: máy chủ thiếu chứng thư gốc hoặc khoá của nhật ký"
    ),
    "its file is missing": "tệp của văn bản bị mất",
    "tell the utility, which restores it from its backup": "báo cho điện lực để khôi phục từ bản sao lưu",
    "no such request": "không có yêu cầu này",
    "take one from the list of your requests": "chọn trong danh sách yêu cầu của bạn",
    "no such file of this request": "yêu cầu này không có tệp đó",
    "take one from the list of the request's files": "chọn trong danh sách tệp của yêu cầu",
    "no agreement of yours has that code": "bạn không có hợp đồng nào mang mã này",
    "no contract of this unit has that code": "đơn vị không có hợp đồng nào mang mã này",
    "name the metering point instead: the request goes to the unit that serves it": (
        "nhập mã khách hàng hoặc mã điểm đo: yêu cầu sẽ về đơn vị phục vụ nơi đó"
    ),
    "read it again from the foot of any page of the contract": "đọc lại mã ở cuối trang bất kỳ của hợp đồng",
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
    "no service {}": "không có dịch vụ {}",
    "{} is ordered internally, not by {}": "{} được lập trong nội bộ, không qua kênh {}",
    "give internal, or leave it out": "nhập internal hoặc bỏ trống",
    "there is no step to go back to yet": "chưa có bước nào trước bước này",
    "hand the request back, or go on with it": "trả lại hồ sơ, hoặc làm tiếp",
    "no step to go back to was chosen": "chưa chọn bước để quay lại",
    "choose one of: {}": "chọn một trong các bước: {}",
    "no unit": "thiếu đơn vị điện lực",
    "no unit {}": "không có đơn vị {}",
    "choose the unit that serves the place": "chọn đơn vị điện lực nơi dùng điện",
    "nothing was changed": "chưa sửa gì",
    "change what is to be corrected, then send": "sửa những gì cần sửa rồi gửi",
    "nothing was given": "chưa nhập gì",
    "give what is missing; the request lists it": "bổ sung những gì còn thiếu",
    "documents were drafted from what was given": "hồ sơ đã được lập theo thông tin này",
    "give it as it stands and the request goes on; then go back to the step that drafts them to change it": (
        "gửi lại đúng như đã cho để yêu cầu đi tiếp; muốn sửa thì sau đó quay lại bước lập hồ sơ"
    ),
    "go back to the step that drafts them first": "cần quay lại bước lập hồ sơ trước",
    "tell the utility what is wrong: its staff go back to the step that drafts them": (
        "báo điện lực chỗ sai: nhân viên quay lại bước lập hồ sơ"
    ),
    "{} acted on request {} meanwhile": "{} đã xử lý yêu cầu {} trong lúc đó",
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
    "give a whole number{}, {} or more": "nhập số nguyên, từ {1}",
    "too small": "quá nhỏ",
    "too large": "quá lớn",
    "no such number": "chưa đúng dạng số căn cước hoặc mã số doanh nghiệp",
    "give the 12 digits of an identity card, or the 10 of a business number": (
        "nhập 12 chữ số của căn cước, hoặc 10 chữ số của mã số doanh nghiệp"
    ),
    "give {} ({}) or a later day": "nhập {} hoặc ngày muộn hơn",
    "choose one in the form at /my/ask, or ask the utility which unit serves the place": (
        "chọn đơn vị ở trang /my/ask, hoặc hỏi điện lực đơn vị nào phục vụ nơi đó"
    ),
    "take a number from the list of your unit": "lấy số trong danh sách của đơn vị",
    "the contract is not {}'s": "hợp đồng không phải của {}",
    "the contract has ended, or its end is under way": "hợp đồng đã chấm dứt, hoặc đang được chấm dứt",
    "name the contract in force, or ask for a new supply": "nêu hợp đồng đang có hiệu lực, hoặc yêu cầu cấp điện mới",
    "give one of {}": "chọn một trong: {}",
    "{} characters, or one that cannot be printed": "{} ký tự, hoặc có ký tự không in được",
    "give 1 to {} printable characters": "nhập từ 1 đến {} ký tự in được",
    "no file was chosen": "chưa chọn tệp",
    "choose a file, then send": "chọn tệp rồi gửi",
    "write down everything the step asks for": "ghi đủ những gì bước này cần",
    "hand it back to the customer with the reason, or add what they gave": "trả lại khách hàng kèm lý do, hoặc bổ sung thông tin họ đã đưa",
    "missing: {}": "còn thiếu: {}",
}
