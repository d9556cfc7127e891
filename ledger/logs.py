"""Logs as JSON lines: what happened, with ids and hashes; never a key, a name or a row's private content."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

__all__ = ["log_as_json"]


def log_as_json(level: str, to: TextIO | None = None) -> None:
    """Sets up this process's logs, on standard error unless `to` is given; `level` is `debug`, `info`, `warning` or `error`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),  # a local may be a key
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(to or sys.stderr),  # as it is when something is said: it may be replaced
    )
