"""`python -m ledger.migrations "what changed"`: writes the next migration for a person to review."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from ledger.db import connect, migration_config, upgrade
from ledger.embedded import EmbeddedPostgres


def write_revision(message: str) -> None:
    """Brings an empty database to the newest step, then writes what the models have more or less than it."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        engine = connect(server.url())
        try:
            upgrade(engine)
            number = sum(1 for _ in (Path(__file__).parent / "versions").glob("[0-9]*.py")) + 1
            with engine.connect() as connection:
                command.revision(migration_config(connection), message, autogenerate=True, rev_id=f"{number:04}")
        finally:
            engine.dispose()
            server.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m ledger.migrations "what changed"')
    write_revision(sys.argv[1])
