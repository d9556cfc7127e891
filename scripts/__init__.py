"""Programs around the project: demo, benchmarks, stopping, data preparation."""
