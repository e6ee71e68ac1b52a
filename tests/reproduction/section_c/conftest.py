import warnings

import pytest
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from chainrule.datasets import load_fashion_mnist
from chainrule.reproduction.section import Scope
from chainrule.reproduction.section_c.data import Data
from chainrule.reproduction.section_c.experiments import execute, trials
from chainrule.reproduction.section_c.settings import SETTINGS
from chainrule.reproduction.settings import values

# The real images, but so few of them that all trainings take a second or two.
TINY = {
    "C.train_samples": 400,
    "C2.epochs": 3,
    "C3.epochs": 2,
    "C3.batch_size": (64, 128),
    "C3.solver": ("adam",),
    "C4.epochs": 3,
    "C5.epochs": 3,
    "C3.complete_samples": 420,
}


@pytest.fixture(scope="session")
def data():
    """The bundled part, cut, standing for the complete data as well."""
    images = load_fashion_mnist()
    few = type(images)(
        name="few",
        X_train=images.X_train[:400],
        y_train=images.y_train[:400],
        X_test=images.X_test[:60],
        y_test=images.y_test[:60],
        class_names=images.class_names,
        image_shape=images.image_shape,
    )
    return Data.of(few, images)


@pytest.fixture(scope="session")
def scope():
    return Scope((3, 5), values(SETTINGS, False, TINY), ("scikit-learn",))


@pytest.fixture(scope="session")
def planned(scope, data):
    return trials(scope, data)


@pytest.fixture(scope="session")
def done(planned, data):
    """Every trial's result."""
    # As a study runs them: few epochs are what is wanted, and several threads lose.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return [execute(trial, data, []) for trial in planned]
