import pytest
from benchmarks.profile import group, shares

OURS = "/venv/chainrule/engine/backends/kernels.cpython-311-x86_64-linux-gnu.so"
BLAS = "/venv/scipy.libs/libscipy_openblas-52603302.so"


@pytest.mark.parametrize(
    ("symbol", "library", "wanted"),
    [
        ("sgemm_kernel_SKYLAKEX", BLAS, "products: kernels"),
        ("sgemm_itcopy_SKYLAKEX", BLAS, "products: packing"),
        ("update_f.arch_x86_64_v4", OURS, "optimiser's step"),
        ("gather_f.arch_x86_64_v4", OURS, "gather"),
        ("activate_f.arch_x86_64_v4", OURS, "activations"),
        ("loss_f", OURS, "loss"),
        (
            "__pyx_pw_9chainrule_6engine_8backends_7kernels_8Training_act",
            OURS,
            "waiting, and the loop itself",
        ),
        ("__sched_yield", "/lib/libc.so.6", "waiting, and the loop itself"),
        ("_PyEval_EvalFrameDefault", "/usr/bin/python3.11", "Python"),
        ("FLOAT_add", "/venv/python3.11/numpy/_multiarray_umath.so", "NumPy"),
        ("clear_page", "[kernel.kallsyms]", "system"),
        ("memcpy", "/lib/libc.so.6", "system"),
        ("something", "/lib/libz.so", "other"),
    ],
)
def test_a_function_belongs_to_what_it_does(symbol, library, wanted):
    assert group(symbol, library) == wanted


def test_samples_are_counted():
    lines = [f"gather_f ({OURS})", f"gather_f ({OURS})", f"sgemm_kernel ({BLAS})", ""]
    groups, symbols = shares(lines)
    assert groups == {"gather": 2, "products: kernels": 1}
    assert symbols == {"gather_f": 2, "sgemm_kernel": 1}
