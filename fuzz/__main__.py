"""Fuzz one reader: python -m fuzz NAME SECONDS. What is found is kept as crash-… in this folder."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["chainrule", "tomllib"], enable_loader_override=False):
    from fuzz.targets import TARGETS


def main() -> None:
    name, seconds = sys.argv[1], int(sys.argv[2])
    target = TARGETS[name]
    folder = Path(tempfile.mkdtemp())
    corpus, file = folder / "corpus", folder / "file"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    longest = max(path.stat().st_size for path in corpus.iterdir())
    counts = {"accepted": 0, "refused": 0}

    def one(data: bytes) -> None:
        try:
            target.run(data, file)
        except target.refuses as error:
            if not str(error).isprintable():
                raise AssertionError(f"a message that cannot be printed: {error!r}") from error
            counts["refused"] += 1
        else:
            counts["accepted"] += 1
        runs = sum(counts.values())
        if not runs & (runs - 1) or not runs % 20_000:  # the fuzzer ends the process itself
            print(f"{name}: {runs:,} inputs, {counts['accepted']:,} accepted", flush=True)

    options = [f"-max_total_time={seconds}", f"-max_len={2 * longest}", "-print_final_stats=1"]
    options += ["-rss_limit_mb=4096", "-timeout=20", f"-artifact_prefix={Path(__file__).parent}/"]
    atheris.Setup([sys.argv[0], str(corpus), *options], one)
    try:
        atheris.Fuzz()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
