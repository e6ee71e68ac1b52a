"""Where trials run: threads of this process, processes of this machine, a cluster.

Each pool is opened once for a study (:class:`~chainrule.study.runner.Pool`). It gives every worker
the data once, holds BLAS to one thread there, and hands results back one by one as they come. So
results do not depend on the pool, nor on how many trials run at a time.
"""

from __future__ import annotations

from collections.abc import Callable

from chainrule.registry import Registry
from chainrule.study.pools.on_dask import DaskPool
from chainrule.study.pools.on_ray import RayPool
from chainrule.study.pools.processes import ProcessPool
from chainrule.study.pools.threads import ThreadPool
from chainrule.study.runner import Pool

# Each is made from the number of jobs and the address of a scheduler, or None.
POOLS: Registry[Callable[[int, str | None], Pool]] = Registry(
    "backend",
    {"threads": ThreadPool, "processes": ProcessPool, "dask": DaskPool, "ray": RayPool},
)


def make_pool(backend: str, jobs: int = -1, scheduler: str | None = None) -> Pool:
    """Return the pool of a name.

    Parameters
    ----------
    backend : {"threads", "processes", "dask", "ray"}
        Where trials run.
    jobs : int
        How many at a time; -1 means one for each core of this machine.
    scheduler : str, optional
        A cluster's address, which then says itself how many jobs it takes; without one a cluster
        of ``jobs`` workers is started here.

    Raises
    ------
    InvalidValueError
        If there is no such pool, or a value that it cannot use.
    """
    return POOLS[backend](jobs, scheduler)
