import pytest

from chainrule.preparation.defaults import settings, wants_stopping
from chainrule.runs.settings import ESTIMATORS


@pytest.mark.parametrize("task", ESTIMATORS)
@pytest.mark.parametrize("n", [2, 100, 10_001, 10**6, 10**7])
@pytest.mark.parametrize("stops", [False, True])
def test_defaults_are_what_the_estimator_takes(task, n, stops):
    found = settings(task, n, 30, stops=stops, given={})
    estimator = ESTIMATORS[task](**found)
    estimator._validate_params()
    assert estimator.batch_size <= n
    assert estimator.early_stopping is stops


def test_more_rows_get_larger_batches_and_fewer_epochs():
    sizes = [settings("regression", n, 9, stops=True, given={}) for n in (100, 10**5, 10**6, 10**7)]
    assert [one["batch_size"] for one in sizes] == [32, 128, 256, 512]
    epochs = [one["max_iter"] for one in sizes]
    assert epochs == sorted(epochs, reverse=True)


def test_what_is_given_goes_before_and_what_no_longer_fits_is_left_out():
    given = {"solver": "sgd", "max_iter": 7}
    found = settings("classification", 100, 9, stops=True, given=given)
    assert (found["solver"], found["max_iter"]) == ("sgd", 7)
    assert "weight_decay" not in found


@pytest.mark.parametrize(("features", "sizes"), [(3, [8, 2]), (64, [64, 16]), (784, [128, 32])])
def test_an_autoencoder_s_bottleneck_goes_with_the_features(features, sizes):
    found = settings("autoencoder", 100, features, stops=True, given={})
    assert found["hidden_layer_sizes"] == sizes


@pytest.mark.parametrize(
    ("given", "wanted"),
    [({}, True), ({"early_stopping": False}, False), ({"solver": "lbfgs"}, False)],
)
def test_when_rows_decide_about_stopping(given, wanted):
    assert wants_stopping(given) is wanted
