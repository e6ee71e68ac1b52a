from __future__ import annotations

import gzip
import hashlib
import lzma
import struct
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from chainrule.datasets.catalogue import Entry, IdxFile

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
PACK = {
    "": bytes,
    ".gz": lambda content: gzip.compress(content, mtime=0),
    # The smallest preset: unpacking the default one takes 8 MiB whatever is inside.
    ".xz": lambda content: lzma.compress(content, preset=0),
}


def encode_idx(array):
    """Write the format from its description, not from the reader."""
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture(scope="session")
def encode():
    return encode_idx


@pytest.fixture(scope="session")
def pack():
    return PACK


@pytest.fixture(autouse=True)
def _nothing_from_this_machine(tmp_path, monkeypatch):
    """No folder and no proxy of this machine takes part in a test."""
    monkeypatch.delenv("CHAINRULE_DATA", raising=False)
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")


@dataclass
class Toy:
    """A data set of a few bytes, and the means to put its files somewhere."""

    entry: Entry
    contents: dict[str, bytes]

    def write(self, folder, ending="", pattern="{file}"):
        for name, content in self.contents.items():
            path = folder / pattern.format(file=name + ending)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(PACK[ending](content))
        return folder


@pytest.fixture
def toy(tmp_path):
    rng = np.random.default_rng(5)
    arrays = {
        "train-images": rng.integers(0, 256, (6, 4, 3), dtype=np.uint8),
        "train-labels": np.array([0, 1, 1, 0, 2, 2], dtype=np.uint8),
        "test-images": rng.integers(0, 256, (2, 4, 3), dtype=np.uint8),
        "test-labels": np.array([2, 1], dtype=np.uint8),
    }
    contents = {name: encode_idx(array) for name, array in arrays.items()}
    files = {}
    for name, content in contents.items():
        packed = PACK[".gz"](content)
        files[name.replace("-", "_")] = IdxFile(
            name,
            arrays[name].shape,
            hashlib.sha256(content).hexdigest(),
            len(packed),
            hashlib.sha256(packed).hexdigest(),
        )
    entry = Entry(
        name="toy",
        description="a toy",
        credit="nobody",
        licence="none",
        class_names=("a", "b", "c"),
        system_folder=tmp_path / "system" / "toy",
        **files,
    )
    return Toy(entry, contents)


@dataclass
class Server:
    """What a server on this machine answers, by path, and what it was asked for."""

    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    promised: dict[str, int] = field(default_factory=dict)

    def offer(self, toy):
        for name, content in toy.contents.items():
            self.answers[f"/data/{name}.gz"] = (200, PACK[".gz"](content))
        toy.entry = replace(toy.entry, url=self.url)
        return toy.entry


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing when a client hangs up early; some tests do that."""


@pytest.fixture
def server():
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            status, body = state.answers.get(self.path, (404, b"no"))
            self.send_response(status)
            self.send_header("Content-Length", str(state.promised.get(self.path, len(body))))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with QuietServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.url = f"http://127.0.0.1:{http.server_port}/data/"
        yield state
        http.shutdown()
        thread.join()
