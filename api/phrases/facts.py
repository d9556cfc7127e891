"""The facts of documents as they are filled in."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
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
    "not a tax code": "chưa đúng dạng mã số thuế",
    "give its 10 digits, or 13 of a branch, or 12 of a household business": (
        "nhập 10 chữ số, hoặc 13 chữ số của chi nhánh, hoặc 12 chữ số của hộ kinh doanh"
    ),
    "{}-phase supply at {} V": "{1} V không phải điện áp cấp cho {0} pha",
    "give {}, or other phases": "chọn {}, hoặc sửa số pha",
}
