"""`python -m oracle`: a node without the rest of the program; `sonang oracle` is the same with prettier words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from ledger.protocol.errors import SonangError
from oracle.keys import KeyKind
from oracle.process import NodeConfig, make_key, run_node

EXAMPLE = """example:
  python -m oracle --key node.key --new-key eoa
  python -m oracle --key node.key --journal node.d --rpc http://127.0.0.1:8545 --deployment deployments/31337.json --port 0"""


def main() -> int:
    """Runs a node, or makes its key; one JSON line on standard output says where it listens."""
    given = _parser().parse_args()
    try:
        if given.new_key is not None:
            _say(make_key(given.key, KeyKind(given.new_key), given.deployment))
        else:
            run_node(NodeConfig(given.key, given.journal, given.rpc, given.deployment, given.port, given.ready), _say)
    except SonangError as error:
        sys.stderr.write(f"oracle: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m oracle", epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", type=Path, required=True, help="file with the node's private key, mode 0600")
    parser.add_argument("--new-key", choices=[kind.value for kind in KeyKind], help="make that file, then end")
    parser.add_argument("--journal", type=Path, default=Path("journal"), help="folder of the node's own copy of the signed data")
    parser.add_argument("--rpc", default="http://127.0.0.1:8545", help="the node's own endpoint of the chain")
    parser.add_argument("--deployment", type=Path, default=Path("deployments/31337.json"), help="the published deployment file")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--ready", type=Path, help="file to write the port to once the node listens")
    return parser


def _say(line: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
