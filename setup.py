"""Builds the compiled kernels; without a C compiler the package installs without them."""

from sysconfig import get_platform

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PACKAGE = "chainrule.engine.backends"
BACKENDS = "src/chainrule/engine/backends"
KERNELS = ("kernels.pyx", "arithmetic.h", "meeting.h", "subnormals.h")

# The kernels are built once for each of these, never for the machine that builds them: levels.py
# loads the best that the processor has. ARM's baseline has its vectors already.
LEVELS = {
    "baseline": {"unix": [], "msvc": []},
    "avx2": {"unix": ["-mavx2", "-mfma"], "msvc": ["/arch:AVX2"]},
    "avx512": {
        "unix": ["-mavx2", "-mfma", *(f"-mavx512{part}" for part in ("f", "cd", "dq", "bw", "vl"))],
        "msvc": ["/arch:AVX512"],
    },
}
if not get_platform().endswith(("-x86_64", "-amd64")):
    LEVELS = {"baseline": LEVELS["baseline"]}

# No -ffast-math: NaN and inf mean something here. The next two say that nobody reads errno or
# floating-point exceptions, the last that loops marked so may add in any order; it links no OpenMP.
# MSVC needs C11 for `restrict` and `_Pragma`.
FLAGS = {
    "unix": ["-O3", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd"],
    "msvc": ["/O2", "/fp:precise", "/std:c11"],
}


class Build(build_ext):
    """Gives each compiler its own flags and libraries."""

    def build_extension(self, extension: Extension) -> None:
        """Build one of the modules."""
        kind = "msvc" if self.compiler.compiler_type == "msvc" else "unix"
        level = extension.name.rpartition("_")[2]
        extension.extra_compile_args = FLAGS[kind] + LEVELS.get(level, LEVELS["baseline"])[kind]
        extension.libraries = [] if kind == "msvc" else ["m"]
        super().build_extension(extension)


(kernels,) = cythonize(
    [Extension(f"{PACKAGE}.kernels", [f"{BACKENDS}/kernels.pyx"])], build_dir="build"
)
builds = [
    Extension(
        f"{PACKAGE}.kernels_{level}",
        kernels.sources,
        depends=[f"{BACKENDS}/{name}" for name in KERNELS],
        include_dirs=[BACKENDS],
        define_macros=[("PyInit_kernels", f"PyInit_kernels_{level}")],
        optional=True,  # no compiler, no kernels
    )
    for level in LEVELS
]
processor = Extension(f"{PACKAGE}.processor", [f"{BACKENDS}/processor.c"], optional=True)
setup(ext_modules=[*builds, processor], cmdclass={"build_ext": Build})
