from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import chainrule

ROOT = Path(chainrule.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# From the bottom up: a part may import from the parts before it, and from itself.
LAYERS = [
    "engine",
    "training",
    "estimators",
    "preparation",
    "study",
    "report",
    "worked",
    "runs",
    "explore",
    "reproduction",
    "cli",
]
LEAVES = {"datasets", "persist"}
SHARED = {
    "errors",
    "_cached",
    "_finite",
    "registry",
    "_files",
    "_output",
    "_synonyms",
    "_text",
    "_toml",
    "_types",
    "_values",
    "_version",
    "_warnings",
}


def part_of(path):
    """Return the part of the package that a file belongs to: a folder, or a module's name."""
    inside = path.relative_to(ROOT)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported_parts(path):
    """Return the parts that a file imports from, wherever in the file it does."""
    package = ["chainrule", *path.relative_to(ROOT).parent.parts]
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        parts |= {name.split(".")[1] for name in names if name.startswith("chainrule.")}
    return parts


def allowed_parts(part):
    if part in SHARED:
        return SHARED
    if part in LEAVES:
        return SHARED | {part}
    if part in LAYERS:
        return (
            SHARED
            | set(LAYERS[: LAYERS.index(part) + 1])
            | (set() if part in ("engine", "training") else LEAVES)
        )
    return None  # __init__ and __main__ are above everything


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down_only(path):
    part = part_of(path)
    allowed = allowed_parts(part)
    if allowed is None:
        assert part in ("__init__", "__main__"), f"tell this test where {part} belongs"
    else:
        names = {"__version__"}
        assert imported_parts(path) - names <= allowed


def loaded_by(code):
    """Return the names of the modules that a new interpreter has after running ``code``."""
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_package_imports_nothing_heavy():
    before, after = loaded_by(""), loaded_by("import chainrule")
    heavy = {"sklearn", "matplotlib", "scipy", "joblib", "jinja2", "rich", "click", "numpy"}
    assert "chainrule" in after
    assert not (after - before) & heavy


def test_every_public_name_resolves():
    for name in chainrule.__all__:
        assert getattr(chainrule, name) is not None


def test_dir_lists_the_public_names():
    assert dir(chainrule) == sorted(chainrule.__all__)


def test_another_name_is_refused(message_of):
    message = message_of(AttributeError, getattr, chainrule, "NoSuchThing")
    assert message == "module 'chainrule' has no attribute 'NoSuchThing'"


def test_the_version_has_three_numbers():
    assert [part.isdigit() for part in chainrule.__version__.split(".")[:2]] == [True, True]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_tells_its_design_in_its_docstring(path):
    text = path.read_text(encoding="utf-8")
    assert path.name in ("_version.py", "__main__.py") or ast.get_docstring(ast.parse(text))


def test_every_file_beside_the_code_is_packaged():
    with (ROOT.parents[1] / "pyproject.toml").open("rb") as file:
        patterns = tomllib.load(file)["tool"]["setuptools"]["package-data"]["chainrule"]
    packaged = {path for pattern in patterns for path in ROOT.glob(pattern)}
    beside = {
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and path.suffix not in {".py", ".so", ".pyd"}
        and "__pycache__" not in path.parts
    }
    assert beside <= packaged
