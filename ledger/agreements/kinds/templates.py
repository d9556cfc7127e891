"""The templates beside this module, and the digest that says which of them, in which version, made a document."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Final

SHARED: Final = ("shared.typ", "forms.typ", "particulars.typ", "general_terms.typ")
"""What templates build upon, together for all of them."""


@cache
def template_bytes(name: str) -> bytes:
    """A template, by its file name."""
    return (files("ledger.agreements.kinds") / name).read_bytes()


@cache
def project(template: str) -> dict[str, bytes]:
    """A template with what it builds upon, as the typesetter takes them."""
    return {"main.typ": template_bytes(template)} | {name: template_bytes(name) for name in SHARED}


@cache
def template_digest(template: str, kind: str, kind_version: int) -> bytes:
    """SHA-256 over the template, the parts it shares with others, the kind's name and version and the typesetter's version.

    Each part is its name, its length and its bytes, so that no byte can move from one to the next.
    """
    parts = {name: template_bytes(name) for name in (template, *SHARED)}
    parts |= {"kind": f"{kind}/{kind_version}".encode(), "typst": version("typst").encode()}
    digest = sha256()
    for name, part in parts.items():
        digest.update(f"{name}\n{len(part)}\n".encode() + part)
    return digest.digest()
