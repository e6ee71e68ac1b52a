import re
from html import unescape

import pytest

from chainrule.report.study import page as pages
from chainrule.study.results import Results

SECTIONS = ("ranking", "comparison", "factors", "parallel", "rungs", "curves", "failures", "study")


def sections(page):
    return [name for name in SECTIONS if f'<section id="{name}"' in page]


def text_of(page):
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_page_of_a_grid(page_of, grid):
    page = page_of(grid)
    assert sections(page) == ["ranking", "comparison", "factors", "parallel", "curves", "study"]
    text = text_of(page)
    assert "Best: activation=tanh, rate=0.01 , accuracy 0.9" in text
    assert "All 12 trials finished, none failed" in text
    assert "activation matters most: it goes with" in text
    assert "activation together with rate" in text
    assert 'class="heat"' in page
    assert "chainrule study report --out study" in text
    assert "fixed.max_iter 3" in text


def test_the_page_of_everything(page_of, everything):
    page = page_of(everything, planned=30, running=True, name="<b>name", random={"n": 9}, grid={})
    assert sections(page) == list(SECTIONS)
    text = text_of(page)
    assert "The study is still being run: 6 trials are missing" in text
    assert "2 trials ended with an error" in text
    assert "after 15 epochs" in text
    assert "both after 5 epochs" in text


def test_names_stay_text(page_of, everything):
    page = page_of(everything, name="</title><script>alert(1)</script>")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not set(page) & {"\x1b", "\x00", "\u202e"}
    assert page.count("<style") == page.count("</style>")


@pytest.mark.parametrize("planned", [0, 4])
def test_a_study_of_which_nothing_is_finished(page_of, planned):
    page = page_of(Results.of([], ["accuracy"]), planned=planned)
    assert sections(page) == ["study"]
    assert "No candidate has a score" in text_of(page)


def test_all_failed(page_of, pair_of):
    page = page_of(Results.of([pair_of(n, None, error="MemoryError") for n in range(3)]))
    assert sections(page) == ["failures", "study"]
    assert "All 3 trials finished, 3 of which failed" in text_of(page)


def test_one_candidate_with_one_seed(page_of, pair_of):
    page = page_of(Results.of([pair_of(0, 0.5, losses=[1.0])]))
    assert sections(page) == ["ranking", "curves", "study"]
    text = text_of(page)
    assert (
        "No candidate has more than one score, so nothing here can tell a difference from noise."
        in text
    )
    assert "There is no other candidate with a score to compare it with." in text


def test_identical_scores(page_of, results_of):
    text = text_of(page_of(results_of([0.5, 0.5], [0.5, 0.5], [0.5, 0.5])))
    assert text.count("no; the scores are identical") == 2


def test_where_there_are_many_the_page_says_how_many_it_shows(page_of, pair_of, monkeypatch):
    monkeypatch.setattr(pages.ranking, "LISTED", 30)
    pairs = [pair_of(n, n / 100, values={"rate": 1.0 + n}, losses=[1.0]) for n in range(40)]
    page = page_of(Results.of(pairs))
    text = text_of(page)
    assert "The best 20 of 40 are shown; the table below has the best 30." in text
    assert "10 more are in trials.csv , beside this page." in text
    assert "The next candidates, down to rank 30" in text
    assert page.count('<path class="line-') == 40


def test_the_same_results_give_the_same_page(page_of, grid):
    assert page_of(grid) == page_of(grid)


def test_a_real_study(page_of, tmp_path):
    from sklearn.datasets import load_iris

    from chainrule.study import CrossValidation, Grid, Study

    study = Study(
        name="iris",
        data=load_iris(return_X_y=True),
        sampler=Grid({"hidden_layer_sizes": [[4], [4, 4]]}),
        fixed={"max_iter": 5, "solver": "adam"},
        evaluation=CrossValidation(3, each_epoch=True),
        metrics=["accuracy", "neg_log_loss"],
    )
    results = study.run(tmp_path / "out", jobs=1)
    page = page_of(results, **study.to_dict())
    assert sections(page) == ["ranking", "comparison", "factors", "parallel", "curves", "study"]
    text = text_of(page)
    assert "trained with 1 seed on 3 folds of cross-validation" in text
    assert "the folds’ noise" in text or "more than the folds" in text
    assert "over 3 folds" in text
