"""Times pymerkle's log in a file; runs in an environment of its own (requirements/bench.txt) and imports nothing of ours.

Usage: python log_peer.py COUNT – prints one JSON object, events a second: singly, with the root after each; in_bulk, with one root.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from pymerkle import SqliteTree

if __name__ == "__main__":
    count = int(sys.argv[1])
    entries = [os.urandom(300) for _ in range(count)]
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        with SqliteTree(str(Path(folder) / "singly.db"), algorithm="sha256") as tree:
            begun = time.perf_counter()
            for entry in entries:
                tree.append_entry(entry)
                tree.get_root()
            figures["singly"] = count / (time.perf_counter() - begun)
        with SqliteTree(str(Path(folder) / "bulk.db"), algorithm="sha256") as tree:
            begun = time.perf_counter()
            tree.append_entries(entries, chunksize=1_000)
            tree.get_root()
            figures["in_bulk"] = count / (time.perf_counter() - begun)
    print(json.dumps(figures))
