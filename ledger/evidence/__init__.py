"""Evidence: bundles that prove one thing from one block hash, built from the ledger and verified from nothing."""
