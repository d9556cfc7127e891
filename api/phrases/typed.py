"""What was typed into a form, a path or a question and cannot be read: in the words of FastAPI and pydantic, and in ours."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["OF_PYDANTIC", "PHRASES"]

OF_PYDANTIC: Mapping[str, str] = {
    "Field required": "chưa nhập",
    "Extra inputs are not permitted": "không có mục này",
    "Input should be greater than or equal to {}": "phải từ {} trở lên",
    "Input should be less than or equal to {}": "phải từ {} trở xuống",
    "Input should be greater than {}": "phải lớn hơn {}",
    "Input should be less than {}": "phải nhỏ hơn {}",
    "String should have at most {} characters": "dài quá {} ký tự",
    "String should have at least {} character": "phải có ít nhất {} ký tự",
    "String should have at least {} characters": "phải có ít nhất {} ký tự",
    "Input should be a valid integer": "phải là số nguyên",
    "Input should be a valid integer, unable to parse string as an integer": "phải là số nguyên",
    "Input should be a valid integer, got a number with a fractional part": "phải là số nguyên, không có phần lẻ",
    "Input should be a valid string": "phải là chữ",
    "Input should be '{}' or '{}'": "phải là một trong: '{}' hoặc '{}'",
}
PHRASES: Mapping[str, str] = {
    **OF_PYDANTIC,
    "mend {} and ask again; /docs describes it": "sửa {} rồi gửi lại",
    "the body is no JSON: {}": "nội dung gửi không phải JSON",
    "send JSON in UTF-8, as /docs shows": "gửi JSON, mã UTF-8, như ở /docs",
    "not a cursor of this list": "con trỏ không thuộc danh sách này",
    "give `next` of the page before, or leave it out": "lấy `next` của trang trước, hoặc bỏ đi",
    "not a day": "không phải ngày",
}
