"""How large an optimiser's blocks should be: python -m benchmarks.blocks.

Times one step of SGD, Adam and Lion on section B's 244,522 parameters in float32 with blocks of
4 Ki to 256 Ki parameters, interleaved, and prints the median of each in microseconds.
"""

from __future__ import annotations

import statistics
from time import perf_counter

import numpy as np

from chainrule.engine import optimizers
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.reproduction.section_b.experiments import LAYER_SIZES

BLOCKS = [2**power for power in range(12, 19)]
ROUNDS, STEPS = 15, 20


def main() -> None:
    spec = NetworkSpec.of(LAYER_SIZES)
    rng = np.random.default_rng(0)
    params, gradient = Parameters(spec), Parameters(spec)
    gradient.flat[...] = rng.normal(size=gradient.flat.size)
    print("| optimiser | " + " | ".join(f"{block:,}" for block in BLOCKS) + " |")
    print("|---" * (len(BLOCKS) + 1) + "|")
    for optimizer in (optimizers.SGD(), optimizers.Adam(), optimizers.Lion()):
        times: dict[int, list[float]] = {block: [] for block in BLOCKS}
        for _ in range(ROUNDS):
            for block in BLOCKS:
                optimizers.BLOCK = block
                state = optimizers.start(optimizer, params)
                begun = perf_counter()
                for _ in range(STEPS):
                    optimizers.step(optimizer, params, gradient, state, 1e-3)
                times[block].append(1e6 * (perf_counter() - begun) / STEPS)
        middles = (f"{statistics.median(times[block]):.0f}" for block in BLOCKS)
        print(f"| {type(optimizer).__name__} | " + " | ".join(middles) + " |")


if __name__ == "__main__":
    main()
