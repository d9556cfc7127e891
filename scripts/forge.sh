#!/usr/bin/env bash
# The contracts' own checks: format, unit and fuzz tests, invariants, and what transactions cost (snapshots/gas.json, to the unit of gas).
# scripts/forge.sh --update writes the gas file anew; any other argument goes to forge test. `forge lint` runs with every build; run by itself it
# leaves artefacts without bytecode in out/, which `make clean` removes.
set -euo pipefail
cd "$(dirname "$0")/.."

# The program itself: npm's wrapper in node_modules/.bin says 0 whatever forge says.
forge=$(ls node_modules/@foundry-rs/forge-*/bin/forge 2>/dev/null | head -n 1)
[ -x "$forge" ] || { echo "forge is not installed – run make setup" >&2; exit 1; }

export FOUNDRY_DISABLE_NIGHTLY_WARNING=1
if [ "${1:-}" = "--update" ]; then
  FORGE_SNAPSHOT_EMIT=true exec "$forge" test --match-contract GasTest
fi
"$forge" fmt --check >/dev/null || { echo "the contracts are not formatted – run $forge fmt" >&2; exit 1; }
export FORGE_SNAPSHOT_CHECK=true
"$forge" test "$@" || { echo "if only the gas differs and the new figures are meant: scripts/forge.sh --update" >&2; exit 1; }
