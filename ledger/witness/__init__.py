"""A witness: it cosigns a log's checkpoint once it has seen that the log only grew, and never two histories of one log."""
