import json

import pytest
from benchmarks.workloads import WORKLOADS

from benchmarks import __main__ as command


@pytest.fixture
def stand_ins(stand_in, monkeypatch):
    entries = [stand_in("Steady"), stand_in("Dying", "JAX"), stand_in("Slow", "matrix products")]
    monkeypatch.setattr(command, "CONTENDERS", entries)


@pytest.mark.usefixtures("stand_ins")
def test_it_writes_page_figures_and_charts(tmp_path, capfd):
    command.main(["--quick", "--only", "small,image", "--rounds", "1", "--out", str(tmp_path)])
    found = json.loads((tmp_path / "benchmarks.json").read_text())
    assert list(found["workloads"]) == ["small", "image"]
    page = (tmp_path / "benchmarks.md").read_text()
    assert "died with status 3: no more memory" in page
    assert "images/benchmarks.svg" not in page  # nothing is called chainrule here
    told = capfd.readouterr()
    assert told.out == ""
    assert "small: " in told.err
    assert "Dying, " in told.err


@pytest.mark.usefixtures("stand_ins")
def test_without_a_folder_it_prints_the_page(capfd):
    command.main(["--quick", "--only", "small", "--rounds", "1"])
    assert capfd.readouterr().out.startswith("# Side by side\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "imgae"], f"must be some of {', '.join([*WORKLOADS, 'growth'])}, got 'imgae'"),
        (["--rounds", "0"], "must be an integer of at least 1, got '0'"),
        (["--rounds", "few"], "must be an integer of at least 1, got 'few'"),
    ],
)
def test_bad_options_are_one_line(arguments, words, capsys):
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(f": {words}\n")
