import pytest

from chainrule.reproduction.run import Reproduction, reproduce
from chainrule.reproduction.sections import SECTIONS
from chainrule.study.runner import Silent

# Real MNIST, but so little of it that the fifteen trainings take a second or two.
TINY = {"B.train_samples": 300, "B.epochs": 3, "B.batch_size": 50}


@pytest.fixture(scope="session")
def silent():
    return Silent()


@pytest.fixture(scope="session")
def plan_in():
    """Make the plan of a tiny run: plan_in(folder, seeds)."""

    def plan(out, seeds=(0, 1)):
        sections = (SECTIONS["B"],)
        return Reproduction(out, sections, seeds, False, TINY, "chainrule reproduce --out here")

    return plan


@pytest.fixture(scope="session")
def finished(tmp_path_factory, plan_in, silent):
    """A whole tiny run, two seeds, two models at a time: (folder, outcome)."""
    out = tmp_path_factory.mktemp("run")
    return out, reproduce(plan_in(out), jobs=2, listener=silent)
