import io

import pytest
from rich.console import Console

from chainrule.cli.run_progress import EVERY, LiveBar, PlainLines, run_listener
from chainrule.training.history import Epoch


def epoch(n):
    return Epoch(n, 1 / n, 2 / n, {}, 0.1, 1.0)


def test_plain_lines_come_now_and_then_with_the_time_that_is_left(clock):
    text = io.StringIO()
    lines = PlainLines(lambda _: None, Console(file=text, width=200), clock)
    lines.stage("reading [b]x[/b]\x1b.csv", 100)
    for _ in range(3):
        clock.now += EVERY / 2
        lines.rows(20)
    lines.stage("training")
    for n in range(1, 5):
        clock.now += 0.8 * EVERY
        lines.epoch(epoch(n), 10)
    lines.close()
    assert text.getvalue().splitlines() == [
        "reading [b]x[/b]\\x1b.csv",
        "  40 rows, at most 7.5 s left",
        "training",
        "  epoch 2/10, loss 0.5, on stopping rows 1, at most 32.0 s left",
        "  epoch 4/10, loss 0.25, on stopping rows 0.5, at most 24.0 s left",
    ]


def test_what_takes_long_has_fewer_lines(clock):
    text = io.StringIO()
    lines = PlainLines(lambda _: None, Console(file=text), clock)
    lines.stage("reading")
    for _ in range(1000):
        clock.now += 1
        lines.rows(1)
    assert 30 < len(text.getvalue().splitlines()) < 50


def test_without_a_total_no_time_is_told(clock):
    text = io.StringIO()
    lines = PlainLines(lambda _: None, Console(file=text), clock)
    lines.stage("reading")
    clock.now += EVERY
    lines.rows(1234)
    assert text.getvalue().splitlines() == ["reading", "  1,234 rows"]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_has_a_bar_that_is_gone_at_the_end(terminal):
    text, shown = io.StringIO(), []
    console = Console(file=text, force_terminal=terminal, width=100, color_system=None)
    with run_listener(shown.append, console) as listener:
        assert isinstance(listener, LiveBar if terminal else PlainLines)
        listener.stage("reading", 10)
        listener.rows(8)
        listener.rows(8)  # more than it was told of
        listener.found("found")
        listener.stage("training")
        listener.epoch(epoch(1), 3)
    assert shown == ["found"]
    assert ("━" in text.getvalue()) is terminal
    if terminal:
        assert "epoch 1/3, loss 1, on stopping rows 2" in text.getvalue()
        assert text.getvalue().endswith("\x1b[2K")


def test_a_bar_is_gone_after_an_error():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    shown = run_listener(lambda _: None, console)
    listener = shown.__enter__()
    listener.stage("reading")
    assert listener._bars is not None
    assert not shown.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert listener._bars is None
