#!/usr/bin/env bash
# Installs everything the project needs inside its own folder: a locked Python environment in .venv and node_modules.
# Needs only Python >= 3.11 (with venv), Node >= 20 and npm. Run through `make setup`; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
# Downloads are kept inside this folder too, unless the user names a cache of their own.
export UV_CACHE_DIR=${UV_CACHE_DIR:-$PWD/.cache/uv} npm_config_cache=${npm_config_cache:-$PWD/.cache/npm} PIP_NO_CACHE_DIR=1
say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

command -v "$PYTHON" >/dev/null || die "no $PYTHON found – install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "$("$PYTHON" --version) is too old – Python 3.11 or newer is needed: make setup PYTHON=python3.12"
command -v node >/dev/null || die "no node found – install Node.js 20 or newer with npm"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || die "Node $(node --version) is too old – Node.js 20 or newer is needed"

if [ ! -x .venv/bin/python ]; then
  say "Creating .venv"
  if command -v uv >/dev/null; then uv venv --quiet --python "$PYTHON" .venv; else "$PYTHON" -m venv .venv || die "python cannot make a virtual environment – install its venv module (on Debian: python3-venv)"; fi
fi
if command -v uv >/dev/null; then UV=uv; else
  UV=.venv/bin/uv
  [ -x "$UV" ] || { say "Fetching uv from PyPI"; .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt; }
fi
say "Installing the locked Python packages"
# Compiled now and once: where PYTHONDONTWRITEBYTECODE is set, every process would compile everything again, which takes longer than its work.
"$UV" pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements/dev.txt
"$UV" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
.venv/bin/python -m compileall -q ledger api oracle scripts
say "Installing the locked npm packages"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
touch .venv/.ready
