import pytest

from chainrule.reproduction.run import Reproduction, reproduce

# Real MNIST, but so little of it that the fifteen trainings take a second or two.
TINY = {"train_samples": 300, "epochs": 3, "batch_size": 50}


class Silent:
    """A listener that does nothing."""

    def started(self, trial):
        pass

    def epoch(self, trial, row, epochs):
        pass

    def finished(self, trial, result):
        pass


@pytest.fixture(scope="session")
def silent():
    return Silent()


@pytest.fixture(scope="session")
def plan_in():
    """Make the plan of a tiny run: plan_in(folder, seeds)."""

    def plan(out, seeds=(0, 1)):
        return Reproduction(out, seeds, False, TINY, "chainrule reproduce --out here")

    return plan


@pytest.fixture(scope="session")
def finished(tmp_path_factory, plan_in, silent):
    """A whole tiny run, two seeds, two models at a time: (folder, outcome)."""
    out = tmp_path_factory.mktemp("run")
    return out, reproduce(plan_in(out), jobs=2, listener=silent)
