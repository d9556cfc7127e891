"""Codes to sign in and to sign, links to sign in, limits."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
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
    "{} codes that signed nothing were sent for this {} within {} h": "trong {2} giờ đã gửi {0} mã mà chưa ký gì",
    "wait {} minutes; from {} on another can be asked for": "chờ {} phút; từ {} xin được mã khác",
    "this code does not sign in": "mã này không đăng nhập được",
    "check the digits, or ask for a new code; one code works once, for ten minutes and five tries": (
        "xem lại các chữ số, hoặc xin mã mới; mỗi mã dùng một lần, trong mười phút và năm lần thử"
    ),
    "nobody has this token": "không ai có mã truy cập này",
    "check it, or have an admin make another: `{}`": "xem lại mã, hoặc nhờ quản trị viên tạo mã khác: `{}`",
    "asked too often": "bạn đã thử quá nhiều lần",
    "wait {} min and ask again": "chờ {} phút rồi thử lại",
    "not signed in, or not any more": "chưa đăng nhập, hoặc phiên đã hết",
    "sign in at /sign-in": "đăng nhập tại /sign-in",
    "not signed in as staff, or not any more": "chưa đăng nhập bằng tài khoản nhân viên, hoặc phiên đã hết",
    "sign in at /staff/sign-in with your token": "đăng nhập tại /staff/sign-in bằng mã truy cập của bạn",
}
