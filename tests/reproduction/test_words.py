import pytest

from chainrule.reproduction.claims import Judgement
from chainrule.reproduction.words import claim_text

SPREAD = {"mean": 0.946, "std": 0.0012, "low": 0.94, "high": 0.95, "n": 5}


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({"test_accuracy": 0.946, "test_loss": 0.1825}, "accuracy 94.60\u202f%; loss 0.1825"),
        ({"test_accuracy": SPREAD}, "accuracy 94.60\u202f% ± 0.12"),
        ({"test_loss": SPREAD}, "loss 0.9460 ± 0.0012"),
        ({"test_accuracy": {**SPREAD, "n": 1}}, "accuracy 94.60\u202f%"),
        ({"ranking": ["relu", "tanh"]}, "ranking relu, then tanh"),
        ({"normal_better_than_random": True}, "normal better than random yes"),
        ({"normal_better_than_random": False}, "normal better than random no"),
        ({"test_accuracy": {"zero": {**SPREAD, "n": 1}}}, "accuracy zero 94.60\u202f%"),
        ({"learns": False, "oscillating": []}, "learns no; oscillating none"),
        ({"test_loss": 1.5e30}, "loss 1.5·10³⁰"),
        (
            {"majority_share": 0.1135, "turning_share": {"relu": SPREAD}},
            "largest class 11.35\u202f%",
        ),
        ({"statement": "does not learn"}, "does not learn"),
        ({"weight_init": "random"}, "with random"),
        ({"best_score": -0.3277}, "best score -0.3277"),
        ({"predictions": [0.16, 0.19]}, "predictions 0.16, 0.19"),
        ({"shape": (8000, 32)}, "shape 8000, 32"),
        ({}, "–"),
    ],
)
def test_figures_in_words(figures, text):
    assert claim_text(Judgement("id", "It is so.", figures, {}, [], None, ""))[0] == text
