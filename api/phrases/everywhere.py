"""What any page may say."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "nothing is here": "không có gì ở địa chỉ này",
    "begin at / for pages, at /docs for programs": "bắt đầu từ trang đầu",
    "another site made this browser ask": "một trang web khác đã khiến trình duyệt gửi yêu cầu này",
    "open this site's own page and do it there": "mở trang của Sổ Nắng và làm ở đó",
    "this server answers its own machine only": "máy chủ này chỉ trả lời chính máy của nó",
    "ask from this machine, by 127.0.0.1 or localhost": "hỏi từ máy này, qua 127.0.0.1 hoặc localhost",
    "the devchain is down": "chuỗi thử đang tắt",
    "the chain's node {} does not answer: {}": "nút chuỗi {} không trả lời",
    "a character that is none is in it": "có ký tự không phải là chữ",
    "take it out, or type the text again, and ask again": "bỏ ký tự đó, hoặc gõ lại rồi gửi",
    "the database does not answer": "cơ sở dữ liệu không trả lời",
    "see that PostgreSQL runs, then ask again": "chờ một lát rồi thử lại",
    "this program met a fault it did not expect": "chương trình gặp lỗi không lường trước",
    "report it with the request id; trying again is safe": "báo lỗi kèm mã yêu cầu; thử lại là an toàn",
    "more than {} MiB": "quá {} MB",
    "send a smaller file": "gửi tệp nhỏ hơn",
    "{} is not possible here": "không dùng được {} ở đây",
    "use a method that /docs lists for this path": "xem các cách dùng trong /docs",
}
