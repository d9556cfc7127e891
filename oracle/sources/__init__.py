"""Where interval data come from: one file a source."""
