"""The schema's history. `python -m ledger.migrations "what changed"` writes the next step: what the models have more or less than it."""
