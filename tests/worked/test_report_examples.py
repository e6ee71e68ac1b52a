from __future__ import annotations

from fractions import Fraction

from chainrule.worked.report_examples import gradient_step

F = Fraction


def test_a1_by_hand():
    """Everything again, written out with fractions: h = (x + 1)/10, ŷ = 3h/10 + 1/10."""
    step = gradient_step()
    x, y = (1, 2, 3), (3, 4, 5)
    hidden = tuple(F(a + 1, 10) for a in x)
    predictions = tuple(F(3, 10) * h + F(1, 10) for h in hidden)
    errors = tuple(p - t for p, t in zip(predictions, y, strict=True))
    outer = tuple(F(2, 3) * e for e in errors)
    d_w2 = tuple(d * h for d, h in zip(outer, hidden, strict=True))
    d_hidden = tuple(F(3, 10) * d for d in outer)
    d_w1 = tuple(d * a for d, a in zip(d_hidden, x, strict=True))
    assert (step.hidden, step.predictions) == (hidden, predictions)
    assert step.squared_errors == tuple(e * e for e in errors)
    assert step.mse == F(454301, 30000)
    assert step.output_gradients == outer
    assert (step.dW2_per_sample, step.dhidden, step.dW1_per_sample) == (d_w2, d_hidden, d_w1)
    true = {"W1": sum(d_w1), "b1": sum(d_hidden), "W2": sum(d_w2), "b2": sum(outer)}
    assert step.gradient == true
    start = {"W1": F(1, 10), "b1": F(1, 10), "W2": F(3, 10), "b2": F(1, 10)}
    assert step.updated == {name: start[name] - true[name] / 100 for name in start}
    assert step.mean_gradients == {name: true[name] / 3 for name in start}
    assert step.updated_by_mean == {name: start[name] - true[name] / 300 for name in start}


def test_the_report_s_figures_come_from_its_second_mean():
    step = gradient_step()
    shown = {name: f"{float(value):.4f}" for name, value in step.updated_by_mean.items()}
    assert shown == {"W1": "0.1165", "b1": "0.1076", "W2": "0.3081", "b2": "0.1254"}
    assert step.updated_by_print["W2"] == F("0.30825")  # the report's -0.825 gives 0.3083
