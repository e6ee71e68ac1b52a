"""Readers of files from elsewhere, fed by a coverage-guided fuzzer: python -m fuzz NAME SECONDS."""
