from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import replace

import pytest

from chainrule.datasets.fetch import fetch
from chainrule.datasets.locate import cache_dir
from chainrule.errors import FetchError, InvalidValueError

REMEDY = "check the connection and try again, or name a folder that has it with CHAINRULE_DATA"


def failed(entry):
    with pytest.raises(FetchError) as caught:
        fetch(entry)
    return str(caught.value)


def in_cache():
    return {path.name for path in cache_dir().rglob("*") if path.is_file()}


def test_the_files_arrive_whole_and_nothing_else_is_left(toy, server):
    folder = fetch(server.offer(toy))
    assert folder == cache_dir() / "toy"
    assert in_cache() == {f"{file.name}.gz" for file in toy.entry.files}
    for file in toy.entry.files:
        content = (folder / f"{file.name}.gz").read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.gz_sha256
    assert sorted(server.asked) == sorted(f"/data/{file.name}.gz" for file in toy.entry.files)


def test_a_file_that_is_right_is_not_fetched_again_and_a_wrong_one_is(toy, server):
    folder = fetch(server.offer(toy))
    damaged = folder / "train-images.gz"
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + b"?")  # of the right length
    (folder / "test-labels.gz").write_bytes(b"short")
    server.asked.clear()
    fetch(toy.entry)
    assert server.asked == ["/data/train-images.gz", "/data/test-labels.gz"]
    assert damaged.read_bytes() == content


def test_progress_is_told_for_every_file(toy, server):
    entry = server.offer(toy)
    calls = []
    for _ in range(2):  # fetched, then kept
        fetch(entry, progress=lambda *call: calls.append(call))
    assert calls == 2 * [(f"{file.name}.gz", file.gz_size, file.gz_size) for file in entry.files]


def test_a_wrong_digest_leaves_nothing_behind(toy, server):
    entry = server.offer(toy)
    path = "/data/train-images.gz"
    wrong = server.answers[path][1][:-1] + b"?"
    server.answers[path] = (200, wrong)
    assert failed(entry) == (
        f"the SHA-256 of {server.url}train-images.gz must be {entry.train_images.gz_sha256}, "
        f"got {hashlib.sha256(wrong).hexdigest()}: {REMEDY}"
    )
    assert in_cache() == set()


def test_a_file_in_the_cache_stays_when_its_replacement_is_wrong(toy, server):
    folder = fetch(server.offer(toy))
    (folder / "train-images.gz").write_bytes(b"mine")
    server.answers["/data/train-images.gz"] = (200, bytes(toy.entry.train_images.gz_size))
    failed(toy.entry)
    assert (folder / "train-images.gz").read_bytes() == b"mine"


def test_no_more_is_taken_than_one_byte_too_many(toy, server):
    entry = server.offer(toy)
    size = entry.train_images.gz_size
    server.answers["/data/train-images.gz"] = (200, bytes(2**20))
    received = []
    with pytest.raises(FetchError) as caught:
        fetch(entry, progress=lambda _, n_received, __: received.append(n_received))
    assert str(caught.value) == (
        f"{server.url}train-images.gz must have {size} bytes, got more: {REMEDY}"
    )
    assert received == [size + 1]
    assert in_cache() == set()


def test_an_answer_that_is_too_short_is_refused(toy, server):
    entry = server.offer(toy)
    server.answers["/data/train-images.gz"] = (200, b"12345")
    size = entry.train_images.gz_size
    assert failed(entry) == (f"{server.url}train-images.gz must have {size} bytes, got 5: {REMEDY}")
    assert in_cache() == set()


def test_an_answer_that_breaks_off_is_refused(toy, server):
    entry = server.offer(toy)
    path = "/data/train-images.gz"
    server.answers[path] = (200, server.answers[path][1][:-10])
    server.promised[path] = entry.train_images.gz_size
    # Newer Pythons notice that themselves, older ones return what there is.
    assert failed(entry).startswith(f"{server.url}train-images.gz must ")
    assert in_cache() == set()


def test_an_http_error_is_a_sentence(toy, server):
    entry = server.offer(toy)
    server.answers["/data/test-images.gz"] = (503, b"busy")
    target = cache_dir() / "toy" / "test-images.gz"
    assert failed(entry) == (
        f"{server.url}test-images.gz must arrive at {target}, "
        f"got HTTP status 503 (Service Unavailable): {REMEDY}"
    )
    assert in_cache() == {"train-images.gz", "train-labels.gz"}


def test_no_server_is_a_sentence(toy):
    with socket.socket() as closed:  # bound, so nobody else gets the port, but not listening
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        message = failed(replace(toy.entry, url=url))
    assert message.startswith(f"{url}train-images.gz must arrive at ")
    assert "Connection refused" in message or os.name == "nt"
    assert in_cache() == set()


def test_an_answer_that_is_no_http_is_a_sentence(toy, server, monkeypatch):
    entry = server.offer(toy)
    monkeypatch.setattr(
        "http.server.BaseHTTPRequestHandler.send_response",
        lambda self, *_: self.wfile.write(b"hello\r\n"),
    )
    assert "got hello" in failed(entry)


def test_a_cache_that_cannot_be_made_is_a_sentence(toy, server):
    entry = server.offer(toy)
    cache_dir().parent.mkdir(parents=True, exist_ok=True)
    cache_dir().write_text("in the way")
    assert failed(entry).startswith(f"{server.url}train-images.gz must arrive at ")
    assert server.asked == []


def test_a_full_disk_is_a_sentence_without_a_temporary_name(toy, server, monkeypatch):
    def full(url, part, *rest):
        raise OSError(28, "No space left on device", str(part))

    monkeypatch.setattr("chainrule.datasets.fetch._receive", full)
    assert "got No space left on device: " in failed(server.offer(toy))


def test_an_interrupted_download_leaves_nothing_behind(toy, server):
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server.offer(toy), progress=interrupt)
    assert in_cache() == set()


def test_a_data_set_without_an_address_cannot_be_fetched(toy):
    with pytest.raises(InvalidValueError) as caught:
        fetch(toy.entry)
    assert str(caught.value) == (
        "only a data set with a download address can be fetched, got 'toy': "
        "load it, it is bundled with chainrule"
    )
