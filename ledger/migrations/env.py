"""Alembic's entry: runs migrations on the connection it was handed, with every room's models as the goal."""

from __future__ import annotations

import logging
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import TypeDecorator

from ledger.models import metadata

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells at every start that there is nothing to do


def plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Writes the database's own type where a model has one of ours: history must not change when our classes do."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def run() -> None:
    """Runs the migrations the command asks for."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_item=plain_type,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
