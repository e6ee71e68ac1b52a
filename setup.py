"""Builds the compiled kernels; without a C compiler the package installs without them."""

from Cython.Build import cythonize
from setuptools import Extension, setup

BACKENDS = "src/chainrule/engine/backends"

# No -march: functions choose between instruction sets at run time. No -ffast-math: NaN and inf mean
# something here. The next two say that nobody reads errno or floating-point exceptions, the last
# that loops marked so may add in any order; it links no OpenMP.
kernels = Extension(
    "chainrule.engine.backends.kernels",
    [f"{BACKENDS}/kernels.pyx"],
    depends=[f"{BACKENDS}/arithmetic.h", f"{BACKENDS}/meeting.h"],
    include_dirs=[BACKENDS],
    extra_compile_args=["-O3", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd"],
)

(built,) = cythonize([kernels], build_dir="build")
built.optional = True  # which cythonize does not keep: no compiler, no kernels
setup(ext_modules=[built])
