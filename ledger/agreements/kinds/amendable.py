"""Which terms of a contract an annex may change, what they are called, and how their values are read and written.

Everything else – who the parties are, what the law says, which document it is – cannot be amended: that takes a new contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_text, check_whole
from ledger.agreements.kinds.figures import moment_pair, thousandths_pair, whole_pair, word_pair
from ledger.agreements.kinds.purposes import METERINGS, PURPOSES
from ledger.errors import InputError, RuleError

Value = int | str
UNTIL: Final = "validity.to"
"""The end of the contract: the one term of its frame that an annex may change."""


@dataclass(frozen=True)
class Amendable:
    """A term that may be changed.

    Attributes:
        vi, en: its name.
        unit: what follows a number on paper, such as ` kW`.
        form: `text`, `optional` (may be empty), `whole`, `thousandths` (printed divided by 1000), `moment`, or a table of codes.
    """

    vi: str
    en: str
    form: str | Mapping[str, tuple[str, str]] = "text"
    unit: str = ""


AMENDABLE: Final[Mapping[str, Amendable]] = {
    "customer.address": Amendable("Địa chỉ của Bên B", "Address of Party B"),
    "customer.email": Amendable("Thư điện tử của Bên B", "E-mail of Party B", "optional"),
    "customer.identity": Amendable("Số định danh, mã số doanh nghiệp của Bên B", "Identity or business number of Party B"),
    "customer.phone": Amendable("Điện thoại của Bên B", "Telephone of Party B"),
    "payment.days": Amendable("Thời hạn thanh toán", "Days to pay in", "whole"),
    "payment.method": Amendable("Hình thức thanh toán", "Method of payment"),
    "payment.reading_day": Amendable("Ngày ghi chỉ số hằng tháng", "Day of the monthly reading", "whole"),
    "supply.address": Amendable("Địa điểm dùng điện", "Place of use"),
    "supply.boundary": Amendable("Ranh giới quản lý, vận hành", "Boundary of management and operation"),
    "supply.capacity_w": Amendable("Công suất sử dụng cao nhất", "Highest load", "thousandths", " kW"),
    "supply.households": Amendable("Số hộ dùng chung, định mức", "Households, each with a norm", "whole"),
    "supply.meter_place": Amendable("Vị trí đặt công tơ", "Place of the meter"),
    "supply.metering": Amendable("Phương thức đo đếm", "Metering", METERINGS),
    "supply.phases": Amendable("Số pha", "Phases", "whole"),
    "supply.point": Amendable("Điểm đấu nối cấp điện", "Supply point"),
    "supply.purpose": Amendable("Mục đích sử dụng điện", "Purpose of use", PURPOSES),
    "supply.voltage_v": Amendable("Điện áp danh định", "Nominal voltage", "whole", " V"),
    UNTIL: Amendable("Thời hạn hợp đồng, đến trước", "Term of the contract, until before", "moment"),
}
"""By path of the term."""


def amendable(path: object, field: str) -> Amendable:
    """What is known of a term that may be changed.

    Raises:
        RuleError: it may not be, or there is no such term; lists those there are.
    """
    if not isinstance(path, str) or path not in AMENDABLE:
        raise RuleError(f"an annex cannot change {path!r}"[:120], field=field, fix=f"one of {', '.join(AMENDABLE)}, or a new contract")
    return AMENDABLE[path]


def read_value(path: str, text: object, field: str) -> Value:
    """A term's value from the text of a fact: numbers in decimal digits, codes and words as they are.

    Raises:
        InputError: it is no value of that term.
    """
    form = AMENDABLE[path].form
    if isinstance(form, Mapping):
        return check_choice(text, form, field)
    if form == "optional" and text == "":
        return ""
    check_text(text, field)
    if form in ("text", "optional"):
        return str(text)
    if not (digits := str(text)).isascii() or not digits.isdecimal() or digits != str(int(digits[:20])):
        raise InputError(f"not a whole number: {digits!r}"[:120], field=field, fix="give decimal digits in the unit its name ends in")
    return check_whole(int(digits), field)


def shown_value(path: str, value: Value, time_zone: str) -> tuple[str, str]:
    """A term's value as each language writes it."""
    known = AMENDABLE[path]
    if isinstance(known.form, Mapping):
        return word_pair(known.form, value)
    writers: Mapping[str, Callable[[object], tuple[str, str]]] = {
        "thousandths": thousandths_pair,
        "whole": whole_pair,
        "moment": lambda moment: moment_pair(moment, time_zone),
        "text": lambda words: (str(words), str(words)),
        "optional": lambda words: (str(words) or "–", str(words) or "–"),
    }
    vi, en = writers[known.form](value)
    return vi + known.unit, en + known.unit
