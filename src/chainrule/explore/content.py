"""What the page is told: frozen data, which becomes one JSON document.

The fields' names are the document's keys, and ``scripts/content.js`` reads them. A *network input*
is what the first layer gets; *x* is a row as ``samples.X`` has it: pixels from 0 to 255, or columns
as the estimator takes them. Between the two lies ``(x - shift) * scale``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from chainrule.explore.packing import Packed

Task = Literal["classification", "multilabel", "regression", "autoencoder"]
Figures = Mapping[str, float | None]


@dataclass(frozen=True)
class Model:
    """Whose inside it is.

    Attributes
    ----------
    estimator : str
        The class.
    file : str or None
        The model file's name; None for a model in memory.
    prepared : bool
        Whether it has the preparation of its data.
    dtype : str
        Of its weights.
    n_parameters : int
        Weights and biases.
    """

    estimator: str
    file: str | None
    prepared: bool
    dtype: str
    n_parameters: int


@dataclass(frozen=True)
class Named:
    """An activation or a loss: the engine's name, and its parameters."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Network:
    """The network.

    Attributes
    ----------
    layer_sizes : tuple of int
        Widths from the input to the output.
    activations : sequence of Named
        One for each hidden layer.
    loss : Named
        The output function belongs to it.
    weights : Packed
        The engine's flat vector: every weight matrix row by row, then every bias.
    """

    layer_sizes: tuple[int, ...]
    activations: Sequence[Named]
    loss: Named
    weights: Packed


@dataclass(frozen=True)
class Placement:
    """How training images sit in their frame.

    Attributes
    ----------
    box : int
        Pixels of the longer side of what is drawn.
    center : {"mass", "box"}
        What lies in the middle of the frame: the centre of mass, or of the bounding box.
    margin : float
        Pixels from the box to the frame on the longer side.
    """

    box: int
    center: Literal["mass", "box"]
    margin: float


@dataclass(frozen=True)
class NumberField:
    """A column with a slider: ``x[feature] = (value - mean) / scale``; the range is the data's."""

    name: str
    feature: int
    mean: float
    scale: float
    low: float
    high: float
    integer: bool
    kind: Literal["number"] = "number"


@dataclass(frozen=True)
class Option:
    """What can be chosen, and the features' values for it."""

    label: str
    encoded: tuple[float, ...]


@dataclass(frozen=True)
class ChoiceField:
    """A column with a list of values."""

    name: str
    features: tuple[int, ...]
    options: Sequence[Option]
    kind: Literal["choice"] = "choice"


Field = NumberField | ChoiceField


@dataclass(frozen=True)
class Input:
    """What goes in.

    Attributes
    ----------
    kind : {"image", "table"}
        How it is shown.
    shape : tuple of int or None
        Height and width of an image.
    shift, scale : float, or list of float for each feature
        The network input is (x - shift) * scale.
    low, high : list of float
        The range of each feature of x.
    placement : Placement or None
        Of drawings; None where images fill their frame, or are none.
    fields : sequence of Field
        Of a table; empty for images.
    """

    kind: Literal["image", "table"]
    shape: tuple[int, int] | None
    shift: float | list[float]
    scale: float | list[float]
    low: list[float]
    high: list[float]
    placement: Placement | None
    fields: Sequence[Field]


@dataclass(frozen=True)
class Target:
    """What is predicted.

    Attributes
    ----------
    name : str or None
        Of the column.
    classes : sequence of str or None
        Of classification; of several labels at once, their names.
    names : sequence of str or None
        Of regression and autoencoders: one for each number that is put out.
    mean, scale : list of float
        Of regression: the prediction in the target's units is output * scale + mean.
    low, high : list of float
        The range in training, or in the data where training's is not known.
    range_of : {"training", "data"} or None
        Which of both it is.
    """

    name: str | None
    classes: Sequence[str] | None
    names: Sequence[str] | None
    mean: list[float]
    scale: list[float]
    low: list[float]
    high: list[float]
    range_of: Literal["training", "data"] | None


@dataclass(frozen=True)
class Samples:
    """Some rows of the data.

    Attributes
    ----------
    n : int
        How many.
    X : Packed
        (n, n_features): uint8, or float32.
    target : list or None
        Of each row what the loss takes: the number of its class, or a list of numbers in the
        *network's* units; None where the data has no target.
    places : list of str
        Where each is in the data.
    rows : list of int
        The number of each row in the data, from 0.
    """

    n: int
    X: Packed
    target: list[int] | list[list[float]] | None
    places: list[str]
    rows: list[int]


@dataclass(frozen=True)
class Bin:
    """Of the reliability curve: predictions between two probabilities, and how often they hold."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Hidden:
    """A hidden layer in two dimensions.

    Attributes
    ----------
    layer : int
        Which hidden layer, from 1.
    explained : tuple of float
        The shares of the variance along both axes.
    points : Packed
        (n_samples, 2): the page's samples.
    mean, axes : Packed
        (width,) and (2, width): a point is (activations - mean) @ axes.T.
    """

    layer: int
    explained: tuple[float, float]
    points: Packed
    mean: Packed
    axes: Packed


@dataclass(frozen=True)
class Measured:
    """What holds over all rows of the data, not only over those in the page.

    Attributes
    ----------
    name : str
        Of the data.
    n : int
        Rows.
    learnt_from : bool
        Whether the model has been trained on this very data.
    n_learnt_from : int or None
        From how many of these rows it has learnt then, if its run says so.
    figures : mapping from str to float
        By name; empty where the data has no target.
    confusion : list of list of int, or None
        Row: true class; column: what it was taken for.
    reliability : sequence of Bin or None
        Bins without predictions are left out.
    hidden : sequence of Hidden
        Of each hidden layer.
    """

    name: str
    n: int
    learnt_from: bool
    n_learnt_from: int | None
    figures: Figures
    confusion: list[list[int]] | None
    reliability: Sequence[Bin] | None
    hidden: Sequence[Hidden]


@dataclass(frozen=True)
class Code:
    """Python that gives the page's numbers, in parts.

    Attributes
    ----------
    lines : list of str
        Load ``model``, and where there is data, read its rows into ``X``.
    row : str or None
        Sets ``x`` to the row of a sample, ``{row}`` being its number; None without data.
    values : str
        Sets ``x`` from ``{values}``, a row's numbers as ``samples.X`` has them.
    shown : str
        From ``x`` to the row as ``samples.X`` has it.
    outputs : str
        What the network puts out for ``x``, in the target's units.
    weights, biases : str
        The lists of arrays that may be changed in place, layer by layer.
    """

    lines: list[str]
    row: str | None
    values: str
    shown: str
    outputs: str
    weights: str
    biases: str


@dataclass(frozen=True)
class Content:
    """All that the page is told.

    Attributes
    ----------
    weights_rounding : float
        The largest change of a weight by how it is stored here.
    outputs_rounding : float or None
        The largest change of a probability or prediction that follows, over the page's samples, in
        the output function's units; None without samples.
    notes : list of str
        Sentences for the reader.
    """

    title: str
    task: Task
    model: Model
    library: str
    network: Network
    weights_rounding: float
    outputs_rounding: float | None
    input: Input
    target: Target
    samples: Samples | None
    measured: Measured | None
    code: Code
    notes: list[str]

    def document(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        document: dict[str, Any] = _plain(self)
        return document


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
