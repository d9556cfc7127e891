"""Who may see what: customers who sign in by a code, staff by a token, and how often anybody may ask."""
