"""`python -m ledger.cli` is `sonang`."""

from ledger.cli import main

main()
