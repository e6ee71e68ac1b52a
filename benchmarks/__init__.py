"""Measurements: python -m benchmarks, side by side with others; python -m benchmarks.NAME."""
