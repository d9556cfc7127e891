"""`python -m ledger.test_authority STATE_DIR CHAIN_ID READY_FILE`: the authority as a child of a test, a demo or a rehearsal."""

from __future__ import annotations

import sys
from pathlib import Path

from ledger.protocol.errors import SonangError
from ledger.test_authority.process import AuthorityConfig, run_test_authority

if __name__ == "__main__":
    state_dir, chain_id, ready = sys.argv[1:]
    try:
        run_test_authority(AuthorityConfig(Path(state_dir), int(chain_id), ready=Path(ready)), lambda _line: None)
    except SonangError as refused:
        sys.exit(f"test authority: {refused}")
