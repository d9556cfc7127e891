"""The law as dated configuration: every legal figure and reference stands in `law.toml`, once, and nowhere in code."""
