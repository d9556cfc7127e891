"""The form of a tax code: 10 digits, 13 of a branch, or the 12 of an identity card."""

from __future__ import annotations

import re

from ledger.errors import InputError

__all__ = ["tax_code_kept"]

_FORM = re.compile(r"(\d{10})(?:-?(\d{3}))?|\d{12}", re.ASCII)
"""An organisation's, one of its branches', or a household business's, which is the number of its owner's identity card."""


def tax_code_kept(text: str, field: str = "tax_code") -> str:
    """A tax code in its one form: digits, a branch's last three after a hyphen.

    Raises:
        InputError: it is none; names the field.
    """
    found = _FORM.fullmatch(re.sub(r"[\s.]", "", text))
    if found is None:
        raise InputError("not a tax code", field=field, fix="give its 10 digits, or 13 of a branch, or 12 of a household business")
    return f"{found[1]}-{found[2]}" if found[2] else found[0]
