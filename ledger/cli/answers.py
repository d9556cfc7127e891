"""How every command answers: as JSON on standard output where it is asked to, else in words."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer
from rich.console import Console

JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]
ListensOption = Annotated[bool, typer.Option("--json", help="Say where it listens as one JSON line.")]


def say(words: str) -> None:
    """Words as they are: no mark in them means anything, and no line is broken."""
    Console(soft_wrap=True, highlight=False).print(words, markup=False)


def say_json(answer: object, *, indented: bool = True) -> None:
    """JSON to read, or on one line."""
    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2 if indented else None).decode())


def new_key_words(file: object, key: str) -> str:
    """Of a key file that was made: that it is secret, and what to publish."""
    return f"{file}: khoá mới, chỉ dành cho bạn · a new key, for your eyes only. Công bố · To publish: {key}"


def tell(answer: object, words: str, as_json: bool, *, indented: bool = True) -> None:
    """The one or the other."""
    if as_json:
        say_json(answer, indented=indented)
    else:
        say(words)
