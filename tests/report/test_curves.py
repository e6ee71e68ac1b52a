import pytest
from matplotlib.figure import Figure

from chainrule.report.curves import TABLE_ROWS, draw_magnitudes, ends, panel, table
from chainrule.report.figures import Line

LINES = [
    Line("a", 0, False, [1, 2, 3], [0.5, 0.25, 0.125], [0.4, 0.2, 0.1], [0.6, 0.3, 0.2]),
    Line("b", 1, True, [1, 2], [10.0, 20.0], [10.0, 20.0], [10.0, 20.0]),
]


def test_the_table_behind_a_figure_has_means_by_epoch():
    assert table(LINES) == (
        ["epoch", "a", "b"],
        [["1", "0.5", "10"], ["2", "0.25", "20"], ["3", "0.125", "–"]],
    )


def test_a_long_table_leaves_epochs_out_but_not_the_last():
    n = 100
    line = Line("a", 0, False, range(1, n + 1), [1.0] * n, [1.0] * n, [1.0] * n)
    _, rows = table([line])
    assert len(rows) <= TABLE_ROWS + 1
    assert (rows[0][0], rows[1][0], rows[-1][0]) == ("1", "6", "100")


def test_a_panel_has_drawing_caption_and_numbers():
    one = panel("Losses", LINES, draw_magnitudes, "Look here.")
    assert one.svg.startswith("<svg")
    assert 'aria-label="Losses, over epochs"' in one.svg
    assert (one.title, one.caption, len(one.rows)) == ("Losses", "Look here.", 3)


@pytest.mark.parametrize(
    ("means", "some"), [([0.21, 0.6], {"0.3", "0.5"}), ([1e-5, 1.0], {"0.001"})]
)
def test_magnitudes_have_plain_numbers_on_their_axis(means, some):
    figure = Figure()
    axes = figure.add_subplot()
    draw_magnitudes([Line("a", 0, False, [1, 2], means, means, means)], axes)
    figure.draw_without_rendering()
    ticks = [*axes.get_yticklabels(which="major"), *axes.get_yticklabels(which="minor")]
    assert some <= {tick.get_text() for tick in ticks}


def test_without_curves_there_is_no_panel():
    assert panel("Losses", [], draw_magnitudes, "") is None


def test_where_curves_end_in_words():
    assert ends(LINES, ".2g") == "a 0.12, b 20"
