"""JSON answers, one file a room."""
