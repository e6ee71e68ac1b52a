"""Measurements: python -m benchmarks.NAME. Ratios of interleaved runs, medians."""
