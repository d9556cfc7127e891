#!/usr/bin/env bash
# Static analysis of the contracts. Fails on a high or medium finding that no comment beside the code explains.
# An explanation is `// slither-disable-next-line <detector>` with the reason in the line above it.
# The "Impossible to generate IR" lines are about OpenZeppelin's transient guard, which this slither cannot read; it then sees no guard and warns more, not less.
set -euo pipefail
cd "$(dirname "$0")/.."

# The program itself: npm's wrapper in node_modules/.bin says 0 whatever forge says.
forge=$(ls node_modules/@foundry-rs/forge-*/bin/forge 2>/dev/null | head -n 1)
for tool in .venv/bin/slither "$forge"; do
  [ -x "$tool" ] || { echo "${tool:-forge} is not installed – run make setup" >&2; exit 1; }
done
export PATH="$PWD/${forge%/*}:$PATH" FOUNDRY_DISABLE_NIGHTLY_WARNING=1
export FOUNDRY_OUT=cache/slither/out FOUNDRY_CACHE_PATH=cache/slither/cache # apart from what `forge test` has built
exec .venv/bin/slither . --config-file slither.config.json "$@"
