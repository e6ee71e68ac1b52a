import getpass
import platform
import sys

import numpy as np

from chainrule.study import environment as module
from chainrule.study.environment import environment


def test_the_environment_names_versions():
    found = environment()
    assert found["numpy"] == np.__version__
    assert found["python"].endswith(platform.python_version())
    assert {"chainrule", "scipy", "scikit-learn", "BLAS", "processor", "cores"} <= found.keys()


def test_the_environment_names_neither_machine_nor_user():
    text = " ".join(environment().values())
    assert platform.node() not in text
    assert sys.prefix not in text
    assert f" {getpass.getuser()} " not in f" {text} "


def test_without_proc_and_without_a_known_blas(monkeypatch):
    monkeypatch.setattr(
        module, "Path", lambda *parts: type("No", (), {"exists": lambda self: False})()
    )
    monkeypatch.setattr(module, "threadpool_info", list)
    found = environment()
    assert found["BLAS"] == "unknown"
    assert found["processor"]
