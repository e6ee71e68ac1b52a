"""A contender's process: python -m benchmarks.child WHERE N_THREADS DESCRIPTOR.

It waits at a pipe for messages, ``(method, arguments)``, and answers each with ``(True, result)``
or ``(False, what went wrong)``. It ends when nobody is at the other end any more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any


def answer(call: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        return True, call()
    except Exception as error:
        return False, f"{type(error).__name__}: {error}".splitlines()[0]


def main(where: str, n_threads: str, descriptor: str) -> None:
    module, _, name = where.partition(":")
    with Connection(int(descriptor)) as pipe:
        contender: Any = None

        def make() -> None:
            nonlocal contender
            contender = getattr(import_module(module), name)(int(n_threads))

        pipe.send(answer(make))
        while True:
            try:
                method, arguments = pipe.recv()
            except EOFError:
                return
            pipe.send(answer(lambda: getattr(contender, method)(*arguments)))  # noqa: B023


if __name__ == "__main__":
    main(*sys.argv[1:])
