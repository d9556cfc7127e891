"""Which Solidity compiler runs: the native one when py-solc-x has it or can fetch it, otherwise npm's of the same version.

Both give the same bytecode; the native one is several times faster. `scripts/solc.mjs` gives npm's solc the native one's command line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

from ledger.endings import was_interrupted
from ledger.errors import InputError, SettingsError, UnavailableError

__all__ = ["compile_standard_json", "find_compiler", "pinned_version"]

REACH_TIMEOUT_S = 3
FETCH_TIMEOUT_S = 90
_REACH = "import socket; socket.create_connection(('binaries.soliditylang.org', 443), 2).close()"
_FETCH = "import sys, solcx; solcx.install_solc(sys.argv[1], solcx_binary_path=sys.argv[2])"


def pinned_version(root: Path) -> str:
    """The compiler's version, as `package.json` pins it.

    Raises:
        SettingsError: it does not.
    """
    file = root / "package.json"
    try:
        return str(orjson.loads(file.read_bytes())["dependencies"]["solc"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError("names no solc version", field=str(file), fix="restore it from the repository") from None


def find_compiler(root: Path) -> Path:
    """The compiler to run, as an absolute path: native if installed or reachable, else `scripts/solc.mjs`.

    Raises:
        SettingsError: neither is there.
    """
    version = pinned_version(root)
    own = root / "out" / "solc"
    elsewhere = Path(os.environ.get("SOLCX_BINARY_PATH") or Path.home() / ".solcx")
    for folder in (elsewhere, own):
        if _answers(folder / f"solc-v{version}", version):
            return folder / f"solc-v{version}"
    if _fetch(version, own):
        return own / f"solc-v{version}"
    bridge = root / "scripts" / "solc.mjs"
    if not bridge.is_file() or shutil.which("node") is None or not (root / "node_modules" / "solc").is_dir():
        raise SettingsError(
            "no Solidity compiler is installed", field=str(bridge), fix="install Node.js 20 or newer, then run `make setup`"
        )
    return bridge.resolve()


def compile_standard_json(root: Path, question: dict[str, Any]) -> dict[str, Any]:
    """The compiler's answer to a standard-JSON input.

    Raises:
        InputError: a source is wrong; the first message is given as the compiler formats it.
        SettingsError: no compiler is installed.
        UnavailableError: the compiler did not run.
    """
    import solcx  # noqa: PLC0415 - slow, and not needed while the cache is good
    from solcx.exceptions import SolcError  # noqa: PLC0415

    compiler = find_compiler(root)
    try:
        answer: dict[str, Any] = solcx.compile_standard(question, solc_binary=compiler)
    except SolcError as wrong:
        errors = [each for each in wrong.error_dict or [] if each.get("severity") == "error"]
        if errors:
            place = str(errors[0].get("sourceLocation", {}).get("file", ""))
            raise InputError(f"does not compile: {errors[0]['formattedMessage'].strip()}", field=place, fix="mend the source") from None
        if was_interrupted(wrong.return_code):
            raise UnavailableError(f"{compiler} was interrupted", fix="run the same command again") from None
        raise UnavailableError(f"{compiler} failed: {str(wrong.stderr_data)[:300]}", fix="run `make setup`") from None
    except (OSError, ValueError) as wrong:
        raise UnavailableError(f"{compiler} did not answer: {wrong}", fix="run `make setup`") from None
    return answer


def _fetch(version: str, folder: Path) -> bool:
    """Whether py-solc-x could install the compiler here; gives up within seconds without a network."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"solc-v{version}"
    try:
        subprocess.run([sys.executable, "-c", _REACH], check=True, capture_output=True, timeout=REACH_TIMEOUT_S)
        subprocess.run([sys.executable, "-c", _FETCH, version, str(folder)], check=True, capture_output=True, timeout=FETCH_TIMEOUT_S)
    except (subprocess.SubprocessError, OSError):
        target.unlink(missing_ok=True)
        return False
    return _answers(target, version)


def _answers(binary: Path, version: str) -> bool:
    """Whether it runs and is a build of this very release: a folder of the user's may hold anything under the name."""
    try:
        said = subprocess.run([binary, "--version"], check=True, capture_output=True, timeout=20).stdout
    except (subprocess.SubprocessError, OSError):
        return False
    return f"Version: {version}+commit.".encode() in said
