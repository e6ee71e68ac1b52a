import numpy as np
import pytest
from benchmarks.contenders import CONTENDERS, LIMIT
from benchmarks.search import fits
from benchmarks.targets import TARGETS
from benchmarks.workloads import WORKLOADS

from benchmarks import growth
from chainrule.reproduction.section_b.experiments import LAYER_SIZES
from chainrule.reproduction.section_c.settings import MIRRORED


def test_two_classes_are_one_output():
    assert WORKLOADS["small"].sizes == (20, 100, 1)
    assert WORKLOADS["wide"].sizes == (784, 1024, 1024, 10)


def test_the_report_s_networks_are_the_reproduction_s():
    assert WORKLOADS["section B"].sizes == LAYER_SIZES
    assert WORKLOADS["autoencoder"].sizes == (784, *MIRRORED, 784)


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=WORKLOADS)
def test_every_process_gets_the_same_samples(workload):
    (X, y), (again, labels) = workload.data(), workload.data()
    assert (X.shape, X.dtype) == ((workload.n_samples, workload.n_features), np.float32)
    assert X.tobytes() == again.tobytes()
    assert y.tobytes() == labels.tobytes()


def test_the_grid_is_54_fits_on_two_thirds_of_the_samples():
    own = WORKLOADS["grid"]
    sizes = fits(own)
    assert len(sizes) == 54
    assert {rows for rows, _ in sizes} == {own.n_samples - own.n_samples // 3}
    assert sorted({batch for _, batch in sizes}) == [64, 128, 256]


def test_targets_are_of_workloads_and_families_that_there_are():
    families = {entry.family for entry in CONTENDERS}
    assert {target.workload for target in TARGETS} <= set(WORKLOADS)
    assert {target.family for target in TARGETS} <= families
    shares = [target.wanted for target in TARGETS if target.family == LIMIT]
    assert shares == [0.65, 0.55, 0.85, 0.6]


@pytest.mark.parametrize("axis", growth.AXES)
def test_one_size_grows_to_64_times(axis):
    once, most = (growth.AXES[axis](factor) for factor in (1, 64))
    grown = {
        "samples": (once.n_samples, most.n_samples),
        "width": (once.hidden[0], most.hidden[0]),
        "depth": (len(once.hidden), len(most.hidden)),
        "batch size": (once.batch_size, most.batch_size),
    }
    assert grown.pop(axis)[1] == 64 * once_of(axis, once)
    assert all(first == last for first, last in grown.values())


def once_of(axis, workload):
    return {
        "samples": workload.n_samples,
        "width": workload.hidden[0],
        "depth": len(workload.hidden),
        "batch size": workload.batch_size,
    }[axis]
