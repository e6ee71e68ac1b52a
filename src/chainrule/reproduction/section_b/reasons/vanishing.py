"""Why sigmoid fails: whether its gradients vanish, and whether being centred would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

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
from chainrule.reproduction.results import Results
from chainrule.reproduction.section_b.experiments import (
    ADAM,
    BIPOLAR,
    SHIFTED,
    UNEQUAL,
    WIDE,
    WIDE_IN_WORDS,
    majority_share,
)
from chainrule.reproduction.section_b.reasons.vanishing_figures import draw, first_layer_shares
from chainrule.reproduction.themes import Theme, sentences
from chainrule.reproduction.thresholds import ACCURACY_TOLERANCE, KEPT, VANISHED, WELL
from chainrule.study.statistics import Spread

REMEDIES = {WIDE_IN_WORDS: ("sigmoid", WIDE), "adam": ("sigmoid", "normal", ADAM)}


def judge_vanishing(claim: Claim, results: Results) -> Judgement:
    """Ask whether the first layer's gradient is tiny, and whether a remedy lets sigmoid learn."""
    before, during = _gradients(results, "sigmoid")
    remedies = {
        name: Spread.of(known)
        for name, names in REMEDIES.items()
        if (known := results.values("test_accuracy", *names))
    }
    vanish = all(spread.mean < VANISHED for spread in before.values())
    helped = any(spread.mean >= WELL for spread in remedies.values())
    tried = named({name: spread.mean for name, spread in remedies.items()}) or "all diverged"
    plain = Spread.of(results.values("test_accuracy", "sigmoid", "normal")).mean
    return claim.judgement(
        {
            (True, True): Verdict.REPRODUCED,
            (True, False): Verdict.UNDECIDED,
        }.get((vanish, helped), Verdict.DIFFERS),
        f"{_compared(before, during)} Test accuracy without a remedy {plain:.2%}, with: {tried}.",
        {**_measured(before, during), "remedied_accuracy": as_dicts(remedies)},
        _by_seed(results, "sigmoid", REMEDIES),
        f"Sigmoid's first layer gets {_in_words(before)} of the gradient that its last layer gets, "
        f"and the network {plain:.2%} of the test images right. With what makes up for that, it "
        f"gets: {tried}.",
    )


def judge_relu_gradient(claim: Claim, results: Results) -> Judgement:
    """Ask whether ReLU's first layer gets a gradient like its last one's."""
    before, during = _gradients(results, "relu")
    kept = all(spread.mean >= KEPT for spread in [*before.values(), *during.values()])
    return claim.judgement(
        agreement(kept),
        _compared(before, during),
        _measured(before, during),
        _by_seed(results, "relu", {}),
        f"A weight's derivative in ReLU's first layer has {_in_words(before)} of the mean size "
        f"that it has in the last layer before training, and {_in_words(during)} as a median over "
        "the epochs. The pixels are dark and the first layer is wide, which makes its derivatives "
        "small with any activation.",
    )


def _gradients(results: Results, activation: str) -> tuple[dict[str, Spread], dict[str, Spread]]:
    """Return the first layer's share by initialisation: before training, median over epochs."""
    shares = {init: first_layer_shares(results, activation, init) for init in UNEQUAL}
    before = {init: Spread.of([run[0] for run in runs]) for init, runs in shares.items()}
    during = {init: Spread.of([median(run) for run in runs]) for init, runs in shares.items()}
    return before, during


def _compared(before: Mapping[str, Spread], during: Mapping[str, Spread]) -> str:
    return (
        f"The first layer's mean |dW| as a share of the last layer's is, before training, "
        f"{_in_words(before)}; the median over the epochs is {_in_words(during)}."
    )


def _in_words(spreads: Mapping[str, Spread]) -> str:
    return " and ".join(f"{one.mean:.2%} ({name})" for name, one in spreads.items())


def _measured(before: Mapping[str, Spread], during: Mapping[str, Spread]) -> dict[str, Any]:
    return {
        "first_gradient_share": as_dicts(before),
        "median_first_gradient_share": as_dicts(during),
    }


def _by_seed(
    results: Results, activation: str, others: Mapping[str, Sequence[object]]
) -> list[dict[str, Any]]:
    runs = {init: first_layer_shares(results, activation, init) for init in UNEQUAL}
    shares = {
        **{f"first_gradient_share_{init}": [run[0] for run in runs[init]] for init in UNEQUAL},
        **{f"median_first_gradient_share_{n}": [median(run) for run in runs[n]] for n in UNEQUAL},
    }
    accuracies = {  # null where a training diverged
        f"test_accuracy_{name}": [run.metrics.get("test_accuracy") for run in results.runs(*names)]
        for name, names in others.items()
    }
    return per_seed(results.seeds, **shares, **accuracies)


CENTRED_PAIRS = {init: (("sigmoid", init), (SHIFTED.name, init)) for init in ("normal", WIDE)}


def judge_centred(claim: Claim, results: Results) -> Judgement:
    """Compare σ with σ - ½, which differs from it in being centred alone."""
    means = {
        init: {names[0]: _mean(results, *names) for names in pair}
        for init, pair in CENTRED_PAIRS.items()
    }
    gains = {
        init: Spread.of(results.differences("test_accuracy", centred, less=plain))
        for init, (plain, centred) in CENTRED_PAIRS.items()
    }
    majority = majority_share(results.data)
    compared = "; ".join(f"with {init} weights {named(pair)}" for init, pair in means.items())
    steeper = _steeper(results)
    verdict, found = _centring(gains, means, majority)
    columns = {
        f"{name}, {init}": results.values("test_accuracy", name, init)
        for init, pair in CENTRED_PAIRS.items()
        for name, _ in pair
    }
    return claim.judgement(
        verdict,
        f"Test accuracy {compared}. Guessing gives {majority:.2%}. {steeper}",
        {"centring_gain_share": as_dicts(gains)},
        per_seed(results.seeds, **columns),
        f"{found}: {compared}. {steeper}",
    )


def _centring(
    gains: Mapping[str, Spread], means: Mapping[str, Mapping[str, float]], majority: float
) -> tuple[Verdict, str]:
    """Return the verdict, and the same in words."""
    better = [init for init, gain in gains.items() if gain.mean > ACCURACY_TOLERANCE]
    if better:
        where = " and ".join(f"{init} weights" for init in better)
        return Verdict.REPRODUCED, f"Centring alone makes it better with {where}"
    # A network that always answers the same class, whichever, has learnt nothing.
    if all(max(pair.values()) <= majority + ACCURACY_TOLERANCE for pair in means.values()):
        return Verdict.UNDECIDED, "Both only guess, so these runs cannot tell"
    return Verdict.DIFFERS, "Centring alone makes it no better"


def _mean(results: Results, *names: object) -> float:
    return Spread.of(results.values("test_accuracy", *names)).mean


def _steeper(results: Results) -> str:
    names = (BIPOLAR.name, "normal")
    if not results.trained(*names):
        return f"{BIPOLAR.name} diverged."
    return (
        f"Centred and twice as steep, {BIPOLAR.name} has {_mean(results, *names):.2%} with normal "
        "weights."
    )


CLAIMS = (
    Claim(
        "B.sigmoid.vanishing",
        "Sigmoid fails because gradients become very small towards the first layers.",
        {"statement": "gradients vanish"},
        always(*(("sigmoid", init) for init in UNEQUAL)),
        judge_vanishing,
        also=always(*REMEDIES.values()),
        rule=(
            "Vanishing: before training the first layer's mean |dW| is less than "
            f"{VANISHED:.0%} of the last layer's, with normal and with random. It is the reason if "
            f"what makes up for it, {WIDE_IN_WORDS} or adam, which takes the size out "
            f"of a gradient, gets {WELL:.0%} of the test images right."
        ),
    ),
    Claim(
        "B.sigmoid.centred",
        "That sigmoid's outputs are not centred at zero adds to it.",
        {"statement": "not being centred adds to it"},
        always(*(names for pair in CENTRED_PAIRS.values() for names in pair)),
        judge_centred,
        also=always((BIPOLAR.name, "normal")),
        rule=(
            f"Adds to it: {SHIFTED.name}, which differs from σ in being centred alone, gets more "
            f"than {points(ACCURACY_TOLERANCE)} more of the test images right, a mean over pairs "
            f"of the same seed, with normal weights or with {WIDE_IN_WORDS}. Undecided where "
            "all of them guess."
        ),
    ),
    Claim(
        "B.relu.gradient",
        "ReLU does not suffer from vanishing gradients.",
        {"statement": "gradients do not vanish"},
        always(*(("relu", init) for init in UNEQUAL)),
        judge_relu_gradient,
        rule=(
            "Not vanishing: before training, and in the median over the epochs, the first layer's "
            f"mean |dW| is at least {KEPT:.0%} of the last layer's, with normal and with random."
        ),
    ),
)

LESSONS = {
    "B.sigmoid.vanishing": {
        Verdict.REPRODUCED: (
            "In a deep sigmoid network hardly any gradient reaches the first layers, and plain "
            "gradient descent stands still; what makes up for that lets the same network learn."
        ),
        Verdict.UNDECIDED: (
            "In a deep sigmoid network hardly any gradient reaches the first layers; whether that "
            "alone is why it fails, these runs cannot tell."
        ),
        Verdict.DIFFERS: (
            "Sigmoid's gradients do not vanish with both initialisations, so that alone is not why "
            "it fails."
        ),
    },
    "B.sigmoid.centred": {
        Verdict.REPRODUCED: "Outputs centred at zero help a network that learns: σ − ½ does better "
        "than σ with some weights; whether with the report's own, the claim's answer says.",
        Verdict.UNDECIDED: "Whether outputs centred at zero would help, these runs cannot tell.",
        Verdict.DIFFERS: "Outputs centred at zero do not help: σ − ½ does no better than σ.",
    },
    "B.relu.gradient": {
        Verdict.REPRODUCED: "With ReLU the first layer gets a gradient like the last one's.",
        Verdict.DIFFERS: (
            f"With ReLU, too, the first layer does not keep {KEPT:.0%} of the last layer's "
            "gradient all along; what arrives can still be enough to learn from."
        ),
    },
}

THEME = Theme("vanishing", "Why does sigmoid fail?", CLAIMS, draw, sentences(LESSONS))
