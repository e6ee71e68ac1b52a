"""A worker process: reads trials from its standard input, writes their results to its output.

``python -m chainrule.study.pools.worker FOLDER``, started by
:class:`~chainrule.study.pools.processes.ProcessPool`. What a trial prints goes to standard error.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import threading
import warnings
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

from chainrule.errors import WorkerError
from chainrule.study.pools.sharing import load
from chainrule.study.pools.trying import attempt, failed
from chainrule.study.trial import Trial
from chainrule.training.callbacks import Callback, Progress


def main(folder: Path) -> None:
    """Run trials until the parent ends this process, or is gone."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    trials: SimpleQueue[Trial] = SimpleQueue()
    threading.Thread(target=_read, args=(requests, trials, folder), daemon=True).start()
    try:
        warnings.filters[:], execute, data = load(folder)  # type: ignore[index]
    except Exception as error:
        _send(WorkerError(f"a worker process cannot read the study ({error!r})"), replies)
        os._exit(1)  # at once, as a thread is waiting for more trials
    while True:
        trial = trials.get()
        result = attempt(execute, trial, data, [_Tell(replies)])
        try:
            _send(result, replies)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            _send(failed(trial, f"{type(error).__name__}: {error}"), replies)


def _read(requests: IO[bytes], trials: SimpleQueue[Trial], folder: Path) -> None:
    # Also while a trial runs, so that a worker does not outlive its parent.
    try:
        while True:
            trials.put(pickle.load(requests))
    except (EOFError, pickle.UnpicklingError):
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


class _Tell(Callback):
    """Sends each epoch to the parent."""

    def __init__(self, replies: IO[bytes]) -> None:
        self._replies = replies

    def epoch_end(self, progress: Progress) -> bool:
        _send((progress.history.epochs[-1], progress.epochs), self._replies)
        return False


def _send(reply: Any, replies: IO[bytes]) -> None:
    message = pickle.dumps(reply)
    try:
        replies.write(message)
        replies.flush()
    except OSError:  # nobody is there any more; the thread that reads tidies up and ends it all
        threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
