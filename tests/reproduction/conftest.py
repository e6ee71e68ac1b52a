from dataclasses import replace
from functools import cache

import pytest

from chainrule.reproduction.plan import Reproduction
from chainrule.reproduction.run import prepare, reproduce
from chainrule.reproduction.sections import SECTIONS
from chainrule.study.runner import Silent

# Real MNIST, but so little of it that all trainings take a second or two.
TINY = {"B.train_samples": 300, "B.epochs": 3, "B.batch_size": 50}


@cache  # read once
def load(data_dir=None):
    mnist = SECTIONS["B"].load(data_dir)
    return replace(mnist, X_test=mnist.X_test[:1000], y_test=mnist.y_test[:1000])


SECTION_B = replace(SECTIONS["B"], load=load)


@pytest.fixture(scope="session")
def silent():
    return Silent()


@pytest.fixture(scope="session")
def plan_in():
    """Prepare a tiny run: plan_in(folder, seeds, jobs, resume=..., force=...)."""

    def plan(out, seeds=(0, 1), jobs=1, **more):
        command = "chainrule reproduce --out here"
        plan = Reproduction(out, (SECTION_B,), seeds, False, TINY, command, **more)
        return prepare(plan, jobs=jobs)

    return plan


@pytest.fixture(scope="session")
def finished(tmp_path_factory, plan_in, silent):
    """A whole tiny run, two seeds, two models at a time: (folder, outcome)."""
    out = tmp_path_factory.mktemp("run")
    return out, reproduce(plan_in(out, jobs=2), listener=silent)
