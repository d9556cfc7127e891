"""Messages on their way to people: an outbox, the carriers that take them, and what the carriers report back."""
