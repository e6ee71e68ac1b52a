"""The scripts' own tests, which Node.js runs: tests/explore/scripts/NAME.test.js is NAME.js's."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = sorted((ROOT / "tests/explore/scripts").glob("*.test.js"))


@pytest.fixture(scope="module")
def node(program):
    """Return the path of Node.js, of a version that has its own test runner."""
    path = program("node")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < 18:
        pytest.skip(f"Node.js {version.strip()} is too old: 18 or newer runs these tests")
    return path


def test_the_scripts_pass_their_tests(node):
    done = subprocess.run(
        [node, "--test", *map(str, TESTS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("test", TESTS, ids=lambda path: path.name)
def test_tests_are_named_after_a_script(test):
    script = test.name.replace(".test.js", ".js")
    assert (ROOT / "src/chainrule/explore/scripts" / script).exists()
