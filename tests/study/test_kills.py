import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds workers in /proc")
def test_a_study_that_is_killed_comes_to_the_same_results():
    # `python -m benchmarks.kills` kills a hundred times.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "--kills", "3", "--seed", "0"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "finished trials run again: 0; studies equal to one without a kill: 1 of 1" in (
        done.stdout
    )
    assert "results lost or changed: 0" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
