"""The life of a contract after it is signed: its family of documents, how long they are kept, what holds them, and their erasure."""
