"""What an audit of the log finds, in Vietnamese: the findings are made in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

CHECKS: Mapping[str, str] = {
    "entries": "mục · entries",
    "sequence": "số thứ tự · sequence",
    "events": "sự kiện · events",
    "documents": "tài liệu · documents",
    "times": "thời gian · times",
    "columns": "cột đi kèm · columns",
    "proofs": "bằng chứng · proofs",
    "anchors": "điểm neo · anchors",
    "consistency": "tính liên tục · consistency",
    "checkpoints": "điểm kiểm · checkpoints",
    "log-key": "khoá nhật ký · log-key",
    "witnesses": "nhân chứng · witnesses",
    "newest": "mới nhất · newest",
    "coverage": "phần đã neo · coverage",
}
SENTENCES: Mapping[str, str] = {
    "{} entries are in their one form": "{} mục đúng một dạng",
    "no number is missing in {} unit(s)": "không thiếu số nào của {} đơn vị",
    "no event is logged twice": "không sự kiện nào ghi hai lần",
    "{} was {} twice": "{}: sự kiện {} được ghi hai lần",
    "the chain says {} was {}, the log does not": "chuỗi nói {} đã {}, nhật ký thì không",
    "the log says {} was {}, the chain does not": "nhật ký nói {} đã {}, chuỗi thì không",
    "the log says {} was {}, the chain never recorded it": "nhật ký nói {} đã {}, chuỗi chưa bao giờ ghi nhận tài liệu này",
    "the log says {} was erased, by the chain it is in force": "nhật ký nói {} đã bị xoá, theo chuỗi tài liệu còn hiệu lực",
    "{} entries are dated in their order": "{} mục được đề ngày theo đúng thứ tự",
    "entry {} is dated {}, long before the entries it follows": "mục {} đề ngày {}, sớm hơn hẳn các mục đứng trước nó",
    "entry {} is dated {}, but {} cosigned the log without it at {}": (
        "mục {} đề ngày {}, nhưng {} đã ký cùng nhật ký khi chưa có mục này lúc {}"
    ),
    "entry {} is dated at a time to come": "mục {} đề ngày chưa đến",
    "the log says {} was {}, not that it was sealed": "nhật ký nói {} đã {}, nhưng không nói tài liệu đã được niêm phong",
    "the log says {} was {} under another digest than the file was sealed with": (
        "nhật ký nói {} đã {} với mã băm khác mã băm của tệp niêm phong"
    ),
    "the chain has another sealed digest of {}": "chuỗi giữ mã băm khác của tệp niêm phong {}",
    "all {} document events of the chain are in the log": "cả {} sự kiện tài liệu của chuỗi đều có trong nhật ký",
    "entry {} is served with another {} than it holds": "mục {} được đưa ra với {} khác nội dung của nó",
    "what is served beside {} entries is what they hold": "các cột đi kèm {} mục đúng như nội dung",
    "the proof served of entry {} does not lead from it to this log's root": "bằng chứng của mục {} không dẫn tới gốc của nhật ký này",
    "{} proof(s) served hold": "{} bằng chứng được đưa ra đều đúng",
    "the log anchored at {} does not continue the one anchored at {}": "nhật ký neo ở {} mục không nối tiếp nhật ký neo ở {} mục",
    "{} anchored checkpoint(s) up to size {}, each a continuation of the one before": "{} điểm kiểm đã neo, tới {} mục, nối tiếp nhau",
    "no checkpoint was served, so no signature of the log was checked": "không có điểm kiểm nào, nên chưa kiểm tra chữ ký nào của nhật ký",
    "{} checkpoint(s), signed by the key you named": "{} điểm kiểm, đều do khoá bạn nêu ký",
    "{} checkpoint(s), each the root of these entries": "{} điểm kiểm, đều là gốc của các mục này",
    "the checkpoints' signatures: no --log-key was given": "chữ ký của các điểm kiểm: chưa nêu --log-key",
    "{} cosigned {} checkpoint(s), the log at {} at {}": "{} đã ký cùng {} điểm kiểm, ở {} mục lúc {}",
    "not asked: witness {} does not answer": "chưa hỏi được: nhân chứng {} không trả lời",
    "not asked: witness {} refuses ({})": "chưa hỏi được: nhân chứng {} từ chối ({})",
    "not asked: witness {} cosigned no checkpoint of this log": "chưa hỏi được: nhân chứng {} chưa ký cùng điểm kiểm nào của nhật ký này",
    "not asked: witness {} gives no checkpoint": "chưa hỏi được: nhân chứng {} không đưa ra điểm kiểm",
    "not asked: witness {} gives a checkpoint of another log": "chưa hỏi được: nhân chứng {} đưa ra điểm kiểm của nhật ký khác",
    "not asked: witness {} gives a checkpoint no witness you trust cosigned": (
        "chưa hỏi được: nhân chứng {} đưa ra điểm kiểm mà không nhân chứng nào bạn tin đã ký cùng"
    ),
    "{} cosigned the log up to {} of {} entries only: ask it why": "{} chỉ ký cùng tới {} trong {} mục: hãy hỏi họ vì sao",
    "the checkpoint of {} is not signed by the key you named: it convicts nobody": (
        "điểm kiểm của {} không do khoá bạn nêu ký: không kết tội được ai"
    ),
    "stale: {} cosigned nothing since {}": "đã cũ: {} không ký gì từ {}",
    "{} cosigned at a time to come: its clock is wrong": "{} ký ở thời điểm chưa đến: đồng hồ của họ sai",
    "{} cosigned no checkpoint": "{} chưa ký cùng điểm kiểm nào",
    "older than what is known: the newest checkpoint served is of {} entries, {} has one of {}": (
        "cũ hơn điều đã biết: điểm kiểm mới nhất được đưa ra có {} mục, {} có điểm kiểm {} mục"
    ),
    "the last {} of {} entries are not anchored yet": "{} mục cuối trong {} mục chưa được neo",
    "all {} entries are anchored": "cả {} mục đã được neo",
    "the log was cut: {} holds it at {} entries, {} are served": "nhật ký bị cắt: {} giữ {} mục, chỉ {} mục được đưa ra",
    "split view: at {} entries {} holds {}, the entries served give {}": "hai lịch sử: ở {} mục {} giữ {}, các mục được đưa ra cho {}",
    "and {} more": "và {} điều nữa",
}

NAMED: Mapping[str, str] = {
    "witness {}": "nhân chứng {}",
    "your own file {}": "tệp của chính bạn {}",
    "the chain (block {})": "chuỗi (khối {})",
    "a signed checkpoint": "một điểm kiểm đã ký",
    "sealed": "niêm phong",
    "issued": "phát hành",
    "superseded": "bị thay thế",
    "terminated": "chấm dứt",
    "revoked": "bị huỷ",
    "erased": "bị xoá",
}
"""Who holds a root, and what happened to a document, inside a sentence."""


def in_vietnamese(detail: str) -> str | None:
    """A finding's detail in Vietnamese; None for what another program said."""
    for pattern, vi in _patterns():
        found = pattern.fullmatch(detail)
        if found is not None:
            return vi.format(*(_named(one) for one in found.groups()))
    return None


def _named(part: str) -> str:
    for pattern, vi in _names():
        found = pattern.fullmatch(part)
        if found is not None:
            return vi.format(*found.groups())
    return part


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return _compiled(SENTENCES)


@cache
def _names() -> list[tuple[re.Pattern[str], str]]:
    return _compiled(NAMED)


def _compiled(words: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(re.escape(en).replace(r"\{\}", "(.+?)")), vi) for en, vi in words.items()]
