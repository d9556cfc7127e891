"""The transparency log: every event of a document, in order, in a list that only grows and that anyone may check."""
