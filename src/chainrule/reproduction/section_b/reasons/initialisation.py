"""What the initial weights do: whether learning is stable, goes well, or can begin at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.reproduction.claims import (
    Claim,
    Judgement,
    Verdict,
    agreement,
    always,
    as_dicts,
    named,
    per_seed,
    points,
)
from chainrule.reproduction.losses import turning_shares
from chainrule.reproduction.results import Names, Results, configuration
from chainrule.reproduction.section_b.experiments import LAYERS, STUDIED, UNEQUAL
from chainrule.reproduction.section_b.reasons.initialisation_figures import COMPARED, draw
from chainrule.reproduction.themes import Theme, sentences
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, STABLE, WELL
from chainrule.study.statistics import Spread


def judge_stable(claim: Claim, results: Results) -> Judgement:
    """Ask how often the loss turns and how far seeds are apart; with random beside it."""
    names: list[Names] = [(name, init) for init in UNEQUAL for name in COMPARED]
    turning = {pair: Spread.of(turning_shares(results, *pair)) for pair in names}
    accuracy = {pair: Spread.of(results.values("test_accuracy", *pair)) for pair in names}
    stable = {
        init: all(
            turning[name, init].mean <= STABLE and accuracy[name, init].std <= ACCURACY_TOLERANCE
            for name in COMPARED
        )
        for init in UNEQUAL
    }
    one_seed = "" if len(results.seeds) > 1 else " One seed has no spread: the turns decide alone."
    words = " ".join(_stability(init, turning, accuracy) for init in UNEQUAL)
    return claim.judgement(
        agreement(stable["normal"]),
        f"{words}{one_seed}",
        {
            "loss_turning_share": as_dicts({configuration(*p): s for p, s in turning.items()}),
            "std_accuracy": {
                configuration(*pair): s.std if s.n > 1 else None for pair, s in accuracy.items()
            },
        },
        per_seed(
            results.seeds,
            **{configuration(*pair): results.values("test_accuracy", *pair) for pair in names},
        ),
        f"{words} {_compared(stable)}",
    )


def _stability(init: str, turning: Mapping[Names, Spread], accuracy: Mapping[Names, Spread]) -> str:
    turns = named({name: turning[name, init].mean for name in COMPARED}, digits=0)
    said = f"With {init} the validation loss turns at {turns} of the epochs"
    if accuracy[COMPARED[0], init].n == 1:
        return f"{said}."
    stds = named({name: accuracy[name, init].std for name in COMPARED})
    return f"{said}, and the test accuracy has a standard deviation of {stds}."


def _compared(stable: dict[str, bool]) -> str:
    return {
        (True, True): ("Both are stable, so stability is not what sets normal apart."),
        (True, False): "Normal is stable and random is not.",
        (False, True): "Normal is not stable by this measure, and random is.",
        (False, False): "Neither is stable by this measure.",
    }[stable["normal"], stable["random"]]


def judge_baseline(claim: Claim, results: Results) -> Judgement:
    """Ask whether random initialisation does well with ReLU and with tanh."""
    accuracies = {name: results.values("test_accuracy", name, "random") for name in COMPARED}
    spreads = {name: Spread.of(values) for name, values in accuracies.items()}
    means = named({name: spread.mean for name, spread in spreads.items()})
    good = all(spread.mean >= WELL for spread in spreads.values())
    return claim.judgement(
        agreement(good),
        f"Ours: {means}.",
        {"test_accuracy": as_dicts(spreads)},
        per_seed(results.seeds, **accuracies),
        f"With random: {means}; {'both' if good else 'not both'} reach {WELL:.0%}.",
    )


def judge_symmetry(claim: Claim, results: Results) -> Judgement:
    """Ask whether all units of each hidden layer have the same weights after training, to the bit.

    Beside it: which layers' weights never have a gradient.
    """
    distinct = {name: results.values("distinct_units", name, "zero") for name in STUDIED}
    same = all(set(layers) == {1} for seeds in distinct.values() for layers in seeds)
    still = {name: still_layers(results, name) for name in STUDIED}
    stillness = "; ".join(f"{name} {_layers(layers)}" for name, layers in still.items())
    note = (
        f"Layers whose weights have a gradient of exactly 0 in every epoch: {stillness}. A "
        "gradient is the output of the layer below times what comes back through the weights "
        "above; where a hidden layer sends on 0, and the weights above are 0, both factors are."
    )
    kept = "stay the same, to the bit" if same else "do not all stay the same"
    return claim.judgement(
        agreement(same),
        note,
        {"distinct_units": {name: seeds[0] for name, seeds in distinct.items()}},
        per_seed(results.seeds, **distinct),
        f"From zero weights the units of a layer {kept}, with every activation and seed. "
        f"{_still_in_words(still)}",
    )


def still_layers(results: Results, activation: str) -> list[int]:
    """Return the layers, from 1, whose weights never have a gradient when they start at zero."""
    sizes = results.values("gradient_sizes", activation, "zero")
    return [
        layer + 1
        for layer in range(len(LAYERS))
        if all(moment[layer] == 0 for moments in sizes for moment in moments)
    ]


def _layers(layers: Sequence[int]) -> str:
    return ", ".join(map(str, layers)) or "none"


def _still_in_words(still: dict[str, list[int]]) -> str:
    unmoved = [name for name, layers in still.items() if len(layers) == len(LAYERS)]
    if not unmoved:
        return "Each network has some layer whose weights move."
    return (
        f"With {', '.join(unmoved)} no weight ever moves: no layer has any gradient. The others "
        "move, all units of a layer alike."
    )


CLAIMS = (
    Claim(
        "B.init.stable",
        "Normal initialisation gives stable learning.",
        {"statement": "stable learning"},
        always(*((name, init) for init in UNEQUAL for name in COMPARED)),
        judge_stable,
        rule=(
            f"Stable: with ReLU and with tanh the validation loss turns at {STABLE:.0%} of the "
            "epochs at most, and the test accuracy has a standard deviation over seeds of at most "
            f"{points(ACCURACY_TOLERANCE)}."
        ),
    ),
    Claim(
        "B.init.baseline",
        "Random initialisation is a good baseline.",
        {"statement": "a good baseline"},
        always(*((name, "random") for name in COMPARED)),
        judge_baseline,
        rule=f"Good: a test accuracy of at least {WELL:.0%} with ReLU and with tanh.",
    ),
    Claim(
        "B.init.symmetry",
        "With zero weights, all units of a layer stay the same.",
        {"statement": "all units stay the same"},
        always(*((name, "zero") for name in STUDIED)),
        judge_symmetry,
        rule=(
            "The same: after training, the incoming weights of all units of a hidden layer are "
            "equal to the bit, in every layer, with every activation and seed."
        ),
    ),
)

THEME = Theme(
    "initialisation",
    "What does the initialisation do?",
    CLAIMS,
    draw,
    sentences(
        {
            "B.init.stable": {
                Verdict.REPRODUCED: "With normal initialisation learning is stable.",
                Verdict.DIFFERS: "By our measure, learning with normal is not stable.",
            },
            "B.init.baseline": {
                Verdict.REPRODUCED: "Random initialisation is a good baseline.",
                Verdict.DIFFERS: "Random initialisation falls short of a good baseline.",
            },
            "B.init.symmetry": {
                Verdict.REPRODUCED: (
                    "Weights must start differently: from zero, units stay copies of each other."
                ),
                Verdict.DIFFERS: "Units that start at zero did not all stay the same here.",
            },
        }
    ),
)
