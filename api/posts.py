"""What the posts of staff are called."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["POSTS"]

POSTS: Mapping[str, str] = {
    "agent": "tổng đài viên · agent",
    "counter": "giao dịch viên · counter",
    "inspector": "kiểm tra viên · inspector",
    "admin": "quản trị viên · admin",
}
