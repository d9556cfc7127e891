"""Service requests and internal reviews: what is asked, who handles it, step by step, each step timed against its deadline."""
