"""Files given with a request: what they may not be."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    "the file is empty": "tệp trống",
    "choose the file again; it may not have been stored whole": "chọn lại tệp; có thể tệp chưa được lưu xong",
    "more than {} MB": "tệp trên {} MB",
    "scan it smaller, or in parts": "giảm độ phân giải hoặc chia nhỏ",
    "neither PDF, JPEG nor PNG": "không phải PDF, JPEG hay PNG",
    "take a photograph, or save it as PDF": "chụp ảnh hoặc lưu thành PDF",
    "the request has ended": "yêu cầu đã kết thúc",
    "more than {} files or {} MB of them": "quá {} tệp hoặc {} MB",
    "put the pages into one file": "gộp các trang vào một tệp",
    "the picture is damaged, or something stands behind it": "ảnh bị hỏng hoặc có gì đó phía sau",
    "a picture of {}×{} is too large": "ảnh {}×{} điểm là quá lớn",
    "take or scan it again, then send that": "chụp hoặc quét lại rồi gửi",
    "it is encrypted": "tệp bị khoá bằng mật khẩu",
    "save it without a password, then give that": "lưu lại không mật khẩu rồi gửi tệp đó",
    "print it to a new PDF and give that": "in lại ra PDF mới rồi gửi tệp đó",
    "it was changed after it was first saved ({} revisions): earlier pages may hide under later ones": (
        "tệp đã bị sửa sau lần lưu đầu: trang cũ có thể nằm khuất dưới trang mới"
    ),
    "it holds two tables of contents that may differ (hybrid cross-references)": "tệp có hai mục lục có thể khác nhau",
    "it holds {}": "tệp có nội dung không phải trang giấy (mã chạy, tệp kèm, lớp che, chú thích…)",
    "it has fields to fill in or signatures of its own": "tệp có ô điền hoặc chữ ký riêng",
    "it does something when it is opened (OpenAction)": "tệp tự làm gì đó khi mở",
    "it has no page": "tệp không có trang nào",
    "give the whole document": "gửi cả tài liệu",
    "not a PDF": "không phải PDF",
    "give a PDF file; nothing may stand before its %PDF- header": "gửi tệp PDF; trước phần đầu %PDF- không được có gì",
    "something stands after its end": "có gì đó phía sau phần cuối tệp",
    "another document is hidden before its end": "có tài liệu khác giấu bên trong",
    "its content unpacks to more than any document needs": "nội dung bung ra lớn hơn mức cần thiết của mọi tài liệu",
    "its objects are nested without end": "cấu trúc tệp lồng nhau quá sâu",
    "cannot be read to its end: {}": "tệp không đọc được trọn vẹn",
    "{} objects; at most {} are taken": "tệp có quá nhiều thành phần",
    "its table tells of {} objects; at most {} are taken": "mục lục của tệp kể quá nhiều thành phần",
    "its objects lie inside each other": "các thành phần của tệp nằm chồng vào nhau",
    "its objects refer to each other without end": "các thành phần của tệp trỏ vòng vào nhau",
    "a stream of objects is missing": "tệp thiếu một khối thành phần",
    "a stream of objects holds others than it says": "một khối thành phần của tệp chứa thứ khác với lời kê",
    "its tree of pages names one of them twice": "cây trang của tệp kể một trang hai lần",
}
