"""Trials on Ray: a cluster that has an address, or one of processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

from chainrule.errors import WorkerError
from chainrule.study.pools.clusters import Forgiving, Study, run_trial, through_joblib
from chainrule.study.pools.trying import TRIES, count_jobs, installed
from chainrule.study.runner import Execute, Finished, Pool, Work
from chainrule.study.trial import Trial


class RayPool(Pool):
    """A Ray cluster.

    Parameters
    ----------
    jobs : int
        How many worker processes to start, two or more; -1 means one for each core. Where there is
        an address -1 means one for each of that cluster's processors.
    scheduler : str, optional
        The address of the cluster's head: ``host:6379``, or ``ray://host:10001``.

    Raises
    ------
    InvalidValueError
        If Ray is not installed.
    """

    def __init__(self, jobs: int = -1, scheduler: str | None = None) -> None:
        installed("ray", "ray")
        self.jobs = jobs if scheduler is not None and jobs == -1 else count_jobs(jobs)
        self.scheduler = scheduler

    @contextmanager
    def open(self, execute: Execute, data: Any) -> Iterator[Work]:
        """Connect, and put the data where every worker finds it; leaving disconnects.

        Raises
        ------
        WorkerError
            If nobody answers at the address.
        """
        import ray

        with ExitStack() as opened:
            self._connect(ray)
            opened.callback(ray.shutdown)
            workers = 2 if self.jobs == 1 else self.jobs
            study = ray.put(Study(execute, data))
            yield opened.enter_context(through_joblib(_backend(ray), workers, study, _run))

    def _connect(self, ray: Any) -> None:
        quiet = {"log_to_driver": False, "logging_level": "ERROR"}
        if self.scheduler is None:
            ray.init(num_cpus=self.jobs, include_dashboard=False, **quiet)
            return
        try:
            ray.init(self.scheduler, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise WorkerError(
                f"no Ray cluster answers at {self.scheduler}: start one with `ray start --head`, "
                "or give the address that it prints, such as 127.0.0.1:6379"
            ) from error


def _run(study: Any, trial: Trial) -> Finished:
    return run_trial(_got(study), trial)


@lru_cache(maxsize=1)
def _got(study: Any) -> Study:
    import ray

    got: Study = ray.get(study)
    return got


def _backend(ray: Any) -> Any:
    from ray.util.joblib.ray_backend import RayBackend

    class Backend(Forgiving, RayBackend):
        deaths = (ray.exceptions.RayActorError,)
        supports_return_generator = True

    # Ray itself starts a process that died again, and gives it the trial again.
    return Backend(ray_remote_args={"max_restarts": -1, "max_task_retries": TRIES - 1})
