"""A process for each contender and number of threads, with an environment that says the number."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from benchmarks.contenders import Entry

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0  # seconds that an answer may take

# Settings of the whole machine that would hold a library back.
_LEFT_OUT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
_ONE_FOR_XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


class FailedError(Exception):
    """A contender could not do what it was asked for."""


def variables(entry: Entry, n_threads: int) -> dict[str, str]:
    """Return a process's environment.

    All cores are what libraries take by themselves, so nothing is said of them: joblib gives its
    workers their share of the cores only then.
    """
    left_out = {*_LEFT_OUT, *_COUNTS}
    own = {name: value for name, value in os.environ.items() if name not in left_out}
    if n_threads != os.cpu_count():
        own |= dict.fromkeys(_COUNTS, str(n_threads))
    own |= {"PYTHONWARNINGS": "ignore", "JAX_PLATFORMS": "cpu"}
    if n_threads == 1:
        own["XLA_FLAGS"] = _ONE_FOR_XLA
    return own | entry.variables


class Process:
    """A contender that waits in a process of its own.

    Raises
    ------
    FailedError
        Here and by :meth:`ask`: if it raises, dies, or takes longer than ``PATIENCE``.
    """

    def __init__(self, entry: Entry, n_threads: int) -> None:
        self._pipe, theirs = Pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", entry.path, str(n_threads), str(descriptor)],
            cwd=ROOT,
            env=variables(entry, n_threads),
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
        )
        theirs.close()
        self.pid = self._process.pid
        try:
            self._answer()
        except FailedError:
            self.close()
            raise

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the contender and return what it returns."""
        try:
            self._pipe.send((method, arguments))
        except BrokenPipeError:
            raise FailedError(self._last_words()) from None
        return self._answer()

    def _answer(self) -> Any:
        try:
            if not self._pipe.poll(PATIENCE):
                raise FailedError(f"no answer in {PATIENCE:.0f} s")
            fine, result = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            raise FailedError(self._last_words()) from None
        if not fine:
            raise FailedError(result)
        return result

    def _last_words(self) -> str:
        status = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return ": ".join([f"died with status {status}", *lines[-1:]])

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()
