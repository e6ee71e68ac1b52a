"""Trials on a Dask cluster: one that has an address, or one of processes of this machine.

The data goes to the scheduler once, as bytes from which a task makes it in a worker; the others get
it from there. Data that is scattered would be gone when all workers that have it are; a task is run
again.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from chainrule.errors import WorkerError
from chainrule.study.pools.clusters import Forgiving, Study, through_joblib
from chainrule.study.pools.sharing import packed
from chainrule.study.pools.trying import TRIES, count_jobs, installed
from chainrule.study.runner import Execute, Pool, Work

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 10  # seconds for a scheduler to answer, and to have a worker


class DaskPool(Pool):
    """A Dask cluster.

    Parameters
    ----------
    jobs : int
        How many worker processes to start; -1 means one for each core. Of no meaning where there
        is an address: that cluster has the workers that it has.
    scheduler : str, optional
        The address of a scheduler: ``tcp://host:8786``.

    Raises
    ------
    InvalidValueError
        If Dask is not installed.
    """

    def __init__(self, jobs: int = -1, scheduler: str | None = None) -> None:
        installed("distributed", "dask")
        self.jobs = count_jobs(jobs)
        self.scheduler = scheduler

    @contextmanager
    def open(self, execute: Execute, data: Any) -> Iterator[Work]:
        """Connect, and give every worker the data; leaving ends what was started here.

        Raises
        ------
        WorkerError
            If nobody answers at the address, or there is no worker.
        """
        import dask

        with ExitStack() as opened:
            client = opened.enter_context(self._connected(opened))
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1PB"}):
                study = client.submit(pickle.loads, packed(Study(execute, data)), pure=False)
            yield opened.enter_context(through_joblib(_backend(client), self.jobs, study))

    def _connected(self, opened: ExitStack) -> Any:
        import distributed

        Client: Any = distributed.Client

        if self.scheduler is None:
            return Client(opened.enter_context(_local(distributed.LocalCluster, self.jobs)))
        try:
            client = Client(self.scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise WorkerError(
                f"no Dask scheduler answers at {self.scheduler}: start one with `dask scheduler`, "
                "or give its address as it prints it, such as tcp://127.0.0.1:8786"
            ) from error
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            client.close()
            raise WorkerError(
                f"the Dask scheduler at {self.scheduler} has no worker: start some with "
                f"`dask worker {self.scheduler}`"
            ) from error
        return client


def _local(cluster: Any, jobs: int) -> Any:
    import dask

    with dask.config.set({"distributed.scheduler.allowed-failures": TRIES - 1}):
        return cluster(
            n_workers=jobs,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=":0",
            memory_limit=None,
            silence_logs="CRITICAL",  # a trial whose worker died says so itself
        )


def _backend(client: Client) -> Any:
    from distributed import KilledWorker
    from joblib._dask import DaskDistributedBackend

    class Backend(Forgiving, DaskDistributedBackend):  # type: ignore[misc]
        deaths = (KilledWorker,)

    return Backend(client=client)
