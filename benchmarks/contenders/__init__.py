"""The table of contenders. Each is a class in a module of its own library's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

EVERYTHING = ("train", "predict", "first_fit", "grid")


@dataclass(frozen=True)
class Entry:
    """A contender as tables know it.

    Attributes
    ----------
    family : str
        Whose it is; targets name families, and the best of one counts.
    where : str
        Its class, ``module:name`` in this package.
    needs : str
        The distribution without which it cannot run.
    tasks : tuple of str
        What it does.
    one_core : bool
        Whether it is run with one thread too.
    variables : mapping
        More of its processes' environment.
    """

    name: str
    family: str
    where: str
    needs: str
    tasks: tuple[str, ...] = EVERYTHING
    one_core: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """``where``, from anywhere."""
        return f"{__name__}.{self.where}"

    def installed(self) -> bool:
        try:
            version(self.needs)
        except PackageNotFoundError:
            return False
        return True


OURS, LIMIT = "chainrule", "matrix products alone"
_NUMPY = {"CHAINRULE_BACKEND": "numpy"}
_NO_GRID = ("train", "predict", "first_fit")

CONTENDERS = [
    Entry(OURS, OURS, "ours:Chainrule", "chainrule"),
    Entry("chainrule, NumPy", "NumPy", "ours:Chainrule", "chainrule", variables=_NUMPY),
    Entry("scikit-learn, float64", "scikit-learn", "scikit_learn:Float64", "scikit-learn"),
    Entry("scikit-learn, float32", "float32", "scikit_learn:Float32", "scikit-learn"),
    Entry("PyTorch", "PyTorch", "pytorch:Eager", "torch", _NO_GRID),
    Entry("PyTorch, compiled", "PyTorch", "pytorch:Compiled", "torch", ("train", "predict")),
    Entry("JAX", "JAX", "xla:Jitted", "jax", _NO_GRID),
    Entry("products", LIMIT, "products:OnBlasThreads", "scipy", ("train", "predict", "grid")),
    Entry("products, rows split", LIMIT, "products:OnOwnThreads", "scipy", ("train",), False),
    Entry("products, gradients split", LIMIT, "products:OwnWeights", "scipy", ("train",), False),
]
