"""Contacts: what is no address, what cools off, what vouches."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "not an e-mail address": "chưa đúng địa chỉ e-mail",
    "give one such as an@example.vn": "nhập như an@example.vn",
    "not a mobile number": "chưa đúng số di động",
    "give one such as 0912 345 678, or with + and its country": "nhập như 0912 345 678, hoặc có dấu + và mã nước",
    "it is the contact in use already": "đây đã là liên hệ đang dùng",
    "give another address, or leave it as it is": "nhập địa chỉ khác, hoặc để nguyên",
    "no earlier contact can vouch for it": "không có liên hệ nào từ trước để xác nhận",
    "let the party show an identity card at the counter, or wait until the change has cooled off": (
        "mang giấy tờ tuỳ thân đến quầy, hoặc chờ hết thời gian chờ"
    ),
    "it does not stand any more": "liên hệ này không còn dùng nữa",
    "vouch for the contact that took its place": "xác nhận liên hệ đã thay nó",
    "no such contact of yours": "bạn không có liên hệ này",
    "take one from your list, /my/contacts": "chọn trong danh sách, /my/contacts",
    "no customer of this code": "không có khách hàng mang mã này",
    "read the code again from a bill or the contract; another unit's customers are served there": (
        "đọc lại mã trên hoá đơn hoặc hợp đồng; khách hàng của đơn vị khác do đơn vị đó phục vụ"
    ),
    "it is another unit's customer": "đây là khách hàng của đơn vị khác",
    "ask somebody of the unit that serves the place, or an admin of every unit": (
        "nhờ đơn vị phục vụ nơi đó, hoặc quản trị viên của mọi đơn vị"
    ),
    "who recorded the change cannot vouch for it": "ai ghi liên hệ mới thì không tự xác nhận được",
    "it is vouched for already, by {}": "liên hệ này đã được xác nhận, bởi {}",
    "codes go there now": "mã đã được gửi đến đó",
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
}
