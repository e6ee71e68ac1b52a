"""What somebody may do to a model file, and the error that each gets.

Each attack is given a good file taken apart, changes it, and is named by what it does. The tables
are read by the tests of loading, and printed by ``python tests/estimators/attacks.py``.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Parts:
    """A model file taken apart."""

    document: dict
    tensors: dict
    data: bytearray
    metadata: dict = field(default_factory=dict)

    @classmethod
    def of(cls, raw):
        length = int.from_bytes(raw[:8], "little")
        tensors = json.loads(raw[8 : 8 + length])
        metadata = tensors.pop("__metadata__")
        document = json.loads(metadata.pop("model"))
        return cls(document, tensors, bytearray(raw[8 + length :]), metadata)

    def copy(self):
        return copy.deepcopy(self)

    def header(self):
        metadata = {**self.metadata, "model": json.dumps(self.document)}
        return json.dumps({"__metadata__": metadata, **self.tensors}).encode()

    def raw(self, header=None):
        header = self.header() if header is None else header
        return len(header).to_bytes(8, "little") + header + bytes(self.data)


def changed(**changes):
    """Return an attack that sets entries of the document: parameters__alpha=1."""

    def attack(parts):
        for place, value in changes.items():
            *way, last = place.split("__")
            inside = parts.document
            for key in way:
                inside = inside[key]
            inside[last] = value
        return parts.raw()

    return attack


def tensor(name, **changes):
    def attack(parts):
        parts.tensors[name].update(changes)
        return parts.raw()

    return attack


def header(make):
    """Return an attack on the header's bytes."""
    return lambda parts: parts.raw(make(parts.header()))


def number(value):
    def attack(parts):
        parts.data[4:8] = np.float32(value).tobytes()
        return parts.raw()

    return attack


def metadata(**changes):
    def attack(parts):
        parts.metadata.update(changes)
        return parts.raw()

    return attack


def _huge_layers(parts):
    parts.document["network"]["layer_sizes"] = [4, 2**52, 3]
    shapes = {"coefs.0": [4, 2**52], "coefs.1": [2**52, 3], "intercepts.0": [2**52]}
    for name, shape in shapes.items():
        parts.tensors[name]["shape"] = shape
    return parts.raw()


def _wrapping_layers(parts):
    parts.document["network"]["layer_sizes"] = [4, 2**62, 3]
    return parts.raw()


def _overlapping(parts):
    parts.tensors["coefs.1"]["data_offsets"] = parts.tensors["coefs.0"]["data_offsets"]
    return parts.raw()


def _swapped(parts):
    tensors = parts.tensors
    a, b = tensors["intercepts.0"], tensors["intercepts.1"]
    a["data_offsets"], b["data_offsets"] = b["data_offsets"], a["data_offsets"]
    return parts.raw()


def _one_more_tensor(parts):
    end = len(parts.data)
    parts.tensors["more"] = {"dtype": "F32", "shape": [1], "data_offsets": [end, end + 4]}
    parts.data += bytes(4)
    return parts.raw()


def _one_less_tensor(parts):
    del parts.tensors["intercepts.1"]
    return parts.raw()


def _many_tensors(parts):
    more = ",".join(f'"{i}":{{}}' for i in range(20_000))
    return parts.raw(parts.header()[:-1] + b"," + more.encode() + b"}")


def _unknown_metadata(parts):
    parts.metadata["more"] = "x"
    return parts.raw()


def _without_scaling_above_0(parts):
    end = parts.tensors["scaling.scale"]["data_offsets"][1]
    parts.data[end - 8 : end] = np.float64(0).tobytes()
    return parts.raw()


def _state(**changes):
    content = {"key": [0] * 624, "pos": 0, "gauss": None} | changes
    return {"random_state": content}


def _labels(dtype, values):
    return {"dtype": dtype, "values": values}


def _deep(n):
    value = 1
    for _ in range(n):
        value = [value]
    return value


PICKLE = (
    b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."
)

# name -> (attack, what the error says after the file's name)
ATTACKS = {
    # -- the container
    "an empty file": (lambda parts: b"", "it looks like an empty file"),
    "a pickle": (lambda parts: PICKLE, "it looks like a pickle"),
    "a zip archive": (lambda parts: b"PK\x03\x04" + bytes(200), "it looks like a ZIP archive"),
    "a header length of 2^64 - 1": (
        lambda parts: b"\xff" * 8 + parts.raw()[8:],
        "the header must have at most",
    ),
    "a header longer than the file": (
        lambda parts: (2000000).to_bytes(8, "little") + parts.raw()[8:],
        "the header must have at most",
    ),
    "a header beyond 16 MB": (
        header(lambda h: h + b" " * 16_000_000),
        "the header must have at most 16,000,000 bytes, got",
    ),
    "the file cut in its numbers": (lambda parts: parts.raw()[:-1], "it must have"),
    "bytes after the numbers": (lambda parts: parts.raw() + b"\0", "it must have"),
    "another file format's metadata": (
        metadata(kind="pt"),
        'the header\'s __metadata__ must have the kind "chainrule model"',
    ),
    "a newer format": (
        metadata(format="3"),
        "its format must be one of 1, 2, which this version of chainrule knows, got '3'",
    ),
    "a format that is a list": (metadata(format=["1"]), "its format must be one of 1, 2, which"),
    "a later format than its keys need": (metadata(format="2"), "its format must be 1, got 2"),
    "more metadata": (
        _unknown_metadata,
        "__metadata__ must have kind, format and model, and nothing else",
    ),
    # -- JSON
    "a header that is a list": (header(lambda h: b"[" + h + b"]"), "the header must be a JSON obj"),
    "the same key twice": (
        header(lambda h: h[:-1] + b',"coefs.0":{}}'),
        "the header must be strict JSON: it has an object with the same key twice",
    ),
    "NaN in the header": (
        header(lambda h: h[:-1] + b',"a":NaN}'),
        "the header must be strict JSON: it has NaN",
    ),
    "an integer of a thousand digits": (
        header(lambda h: h[:-1] + b',"a":' + b"9" * 1000 + b"}"),
        "the header must be strict JSON: it has a number of 1000 characters",
    ),
    "a hundred thousand brackets": (
        header(lambda h: b"[" * 100_000),
        "the header must not be nested as deeply",
    ),
    "nested parameters": (
        changed(parameters__alpha=_deep(40)),
        "the model's description must not be nested as deeply",
    ),
    "a header that is not UTF-8": (
        header(lambda h: h.replace(b"chainrule model", b"chainrule m\xffdel")),
        "the header must be UTF-8",
    ),
    # -- tensors
    "a tensor of another dtype": (tensor("coefs.0", dtype="F64"), "tensor coefs.0 must be {'dtype"),
    "a tensor of objects": (tensor("coefs.0", dtype="O"), "tensor coefs.0 must be {'dtype"),
    "a tensor of another shape": (tensor("coefs.0", shape=[6, 4]), "tensor coefs.0 must be {'dty"),
    "a shape below 0": (tensor("coefs.0", shape=[-4, -6]), "tensor coefs.0 must be {'dtype"),
    "a key that tensors do not have": (tensor("coefs.0", more=1), "tensor coefs.0 must be {'dtype"),
    "tensors that overlap": (_overlapping, "tensor coefs.1 must be {'dtype"),
    "tensors in another order": (_swapped, "tensor intercepts.0 must be {'dtype"),
    "offsets beyond the file": (
        tensor("coefs.0", data_offsets=[0, 2**63]),
        "tensor coefs.0 must be {'dtype",
    ),
    "a tensor more": (_one_more_tensor, "there must be no tensor 'more'"),
    "a tensor less": (_one_less_tensor, "tensor intercepts.1 must be {'dtype"),
    "20,000 tensors more": (_many_tensors, "there must be no tensor '0'"),
    "NaN among the weights": (number(np.nan), "every number must be finite, in coefs.0"),
    "infinity among the weights": (number(np.inf), "every number must be finite, in coefs.0"),
    "a feature scaled by 0": (
        _without_scaling_above_0,
        "every number of scaling.scale must be above 0",
    ),
    # -- the network
    "layers of 2^52 units": (_huge_layers, "tensor coefs.0 must be {'dtype"),
    "layers of 2^62 units": (_wrapping_layers, "network.layer_sizes[1] must be an integer in"),
    "a layer without units": (
        changed(network__layer_sizes=[4, 0, 3]),
        "network cannot be so: every entry of layer_sizes must be a positive integer",
    ),
    "a size that is no integer": (
        changed(network__layer_sizes=[4, 6.0, 3]),
        "network.layer_sizes[1] must be an integer in",
    ),
    "a size that is true": (
        changed(network__layer_sizes=[4, True, 3]),
        "network.layer_sizes[1] must be an integer in",
    ),
    "an activation by a module's name": (
        changed(network__activations=[{"name": "os.system"}]),
        "the name of the activation must be one of sigmoid, tanh, relu,",
    ),
    "an activation with other settings": (
        changed(network__activations=[{"name": "relu", "function": "exec"}]),
        "a key of the activation must be one of name, got 'function'",
    ),
    "a setting out of its range": (
        changed(network__activations=[{"name": "leaky_relu", "slope": 2}]),
        "the activation cannot be so: slope must be in [0, 1), got 2",
    ),
    "a setting that is a list": (
        changed(network__activations=[{"name": "leaky_relu", "slope": [1]}]),
        "a setting must be a number, a text or a tuple, got [1]",
    ),
    "a loss of another task": (
        changed(network__loss={"name": "squared"}),
        "targets and loss must be MLPClassifier's, and of the same kind",
    ),
    "fewer activations than layers": (
        changed(network__activations=[]),
        "network cannot be so: activations must have 1 entries",
    ),
    "a dtype that computes nothing": (
        changed(network__dtype="object"),
        "network.dtype must be one of float32, float64, got 'object'",
    ),
    # -- the estimator
    "another class": (
        changed(estimator="subprocess.Popen"),
        "estimator must be one of MLPClassifier, MLPRegressor, MLPAutoencoder, NeuralNetwork, got",
    ),
    "a class of the library that is no estimator": (
        changed(estimator="Checkpoint"),
        "estimator must be one of MLPClassifier,",
    ),
    "a key that documents do not have": (
        changed(more=1),
        "a key of the document must be one of dtype_in, estimator,",
    ),
    "a parameter that estimators do not have": (
        changed(parameters__more=1),
        "a key of parameters must be one of hidden_layer_sizes,",
    ),
    "a checkpoint to write to": (
        changed(parameters__checkpoint="/etc/passwd"),
        "a key of parameters must be one of hidden_layer_sizes,",
    ),
    "callbacks": (
        changed(parameters__callbacks=["os.system"]),
        "a key of parameters must be one of hidden_layer_sizes,",
    ),
    "a parameter out of its range": (
        changed(parameters__alpha=-1),
        "parameters cannot be so: The 'alpha' parameter of MLPClassifier must be a float in",
    ),
    "a parameter as an object of another kind": (
        changed(parameters__alpha={"eval": "1"}),
        "parameters.alpha cannot be so: an object called 'eval'",
    ),
    "an integer of a million hexadecimal digits": (
        changed(parameters__random_state={"int": "0x" + "f" * 400_000}),
        "an integer must be a text of at most 40 characters",
    ),
    "a random state that reads out of bounds": (
        changed(parameters__random_state=_state(pos=10**6)),
        "its pos must be an integer in [0, 624], got 1000000",
    ),
    "a short random state": (
        changed(parameters__random_state=_state(key=[1])),
        "its key must be of 624 integers, got 1",
    ),
    "pairs that are none": (
        changed(parameters__class_weight={"pairs": [[1]]}),
        "parameters.class_weight cannot be so: not enough values to unpack",
    ),
    "pairs with a list as key": (
        changed(parameters__class_weight={"pairs": [[[1], 2]]}),
        "parameters.class_weight cannot be so: unhashable type: 'list'",
    ),
    "nothing settled": (changed(settled={}), "settled must have the key"),
    "something settled left out": (
        changed(settled={"weight_init": "auto", "dtype": "auto"}),
        "settled must have the key input_scaling",
    ),
    "something settled that is none of its values": (
        changed(settled__weight_init="exec"),
        "settled cannot be so: The 'weight_init' parameter of MLPClassifier must be",
    ),
    "another scaling settled than is in the file": (
        changed(settled__input_scaling=None, scaled=True),
        "settled.input_scaling must be null where scaled is false, else a name",
    ),
    "another dtype settled": (
        changed(settled__dtype="float64"),
        "settled.dtype must be auto or float32, the network's",
    ),
    # -- classes and features
    "labels of objects that are lists": (
        changed(targets__classes=_labels("object", [["a"], ["b"], ["c"]])),
        "a label of targets.classes must be of object, got ['a']",
    ),
    "labels of another dtype": (
        changed(targets__classes=_labels("V8", [1, 2, 3])),
        "targets.classes.dtype must be object, U and a number, or of numbers, got 'V8'",
    ),
    "labels a gigabyte wide": (
        changed(targets__classes=_labels("U100000000", ["a", "b", "c"])),
        "targets.classes.dtype must be as wide as the longest label, got 'U100000000'",
    ),
    "one long label among many": (
        changed(
            targets__classes=_labels("U40000", ["x" * 40_000, *(str(i) for i in range(20_000))])
        ),
        "targets.classes.dtype must be as wide as the longest label, got 'U40000'",
    ),
    "labels that are not sorted": (
        changed(targets__classes=_labels("int64", [2, 1, 0])),
        "targets.classes must be sorted, at least one, and each there once",
    ),
    "labels beyond their dtype": (
        changed(targets__classes=_labels("int8", [1, 2, 300])),
        "targets.classes cannot be so: ",
    ),
    "labels that cannot be compared": (
        changed(targets__classes=_labels("object", ["a", 1, 2])),
        "targets.classes cannot be so: '<' not supported between instances of",
    ),
    "more classes than outputs": (
        changed(targets__classes=_labels("int64", [0, 1, 2, 3])),
        "the width of the last layer must be 4 for these targets, got 3",
    ),
    "targets of another estimator": (
        changed(targets={"kind": "numbers", "n_columns": 3}),
        "targets and loss must be MLPClassifier's, and of the same kind",
    ),
    "fewer feature names than features": (
        changed(feature_names=["a"]),
        "feature_names must be 4 texts, got ['a']",
    ),
    "feature names that are numbers": (
        changed(feature_names=[1, 2, 3, 4]),
        "feature_names[0] must be a text, got 1",
    ),
    # -- the rest
    "columns of the history of different lengths": (
        changed(history__columns__epoch=[1]),
        "all columns of history must have the same length",
    ),
    "a history of texts": (
        changed(history__columns__train_loss=["x"]),
        "history.columns.train_loss[0] must be a number, got 'x'",
    ),
    "an attribute that fits do not leave": (
        changed(learnt__predict=1),
        "a key of learnt must be one of n_iter_,",
    ),
    "attributes that are a list": (changed(learnt=[]), "learnt must be an object, got []"),
    "parameters that are a list": (changed(parameters=[]), "parameters must be an object, got []"),
    "targets that are null": (changed(targets=None), "targets must be an object, got None"),
    "scores that are a list": (
        changed(history__scores=[]),
        "history.scores must be an object, got []",
    ),
    "a dtype of data that is not kept": (
        changed(dtype_in="uint8"),
        "dtype_in must be null for MLPClassifier, got 'uint8'",
    ),
    "the report's network with targets": (
        changed(estimator="NeuralNetwork", parameters={}),
        "targets must be null for NeuralNetwork, got {'kind': ",
    ),
    "the report's network with scaling": (
        changed(estimator="NeuralNetwork", parameters={}, targets=None),
        "NeuralNetwork must have a softmax, no scaling and no training",
    ),
    "an attribute that is a text": (
        changed(learnt__n_iter_="x"),
        "learnt.n_iter_ must be an integer in",
    ),
    "a clock of another length": (
        changed(training__clock=[0]),
        "training.clock must be 4 integers, got [0]",
    ),
    "an optimiser that is none": (
        changed(training__optimizer={"name": "relu"}),
        "the name of the optimizer must be one of sgd,",
    ),
    "an optimiser with more slots": (
        changed(training__watch__has_snapshot=True),
        "tensor best must be {'dtype': 'F32', 'shape': [51]",
    ),
}


def column(i, **changes):
    """Return an attack on a column of the preparation: 0 size, 1 signal, 2 colour, 3 image."""

    def attack(parts):
        parts.document["preparation"]["columns"][i].update(changes)
        return parts.raw()

    return attack


def _same_name_twice(parts):
    columns = parts.document["preparation"]["columns"]
    columns[0]["name"] = columns[1]["name"]
    return parts.raw()


def _moment(name, value):
    def attack(parts):
        end = parts.tensors[name]["data_offsets"][1]
        parts.data[end - 8 : end] = np.float64(value).tobytes()
        return parts.raw()

    return attack


def _without_moments(parts):
    begin = parts.tensors.pop("preparation.mean")["data_offsets"][0]
    del parts.tensors["preparation.scale"], parts.data[begin:]
    return parts.raw()


# The same of a file that has the preparation of columns too.
PREPARED_ATTACKS = {
    "a preparation that is null": (
        changed(preparation=None),
        "preparation must be an object, got None",
    ),
    "a preparation in the first format": (
        metadata(format="1"),
        "its format must be 2, got 1",
    ),
    "a key that preparations do not have": (
        changed(preparation__transformer="sklearn"),
        "a key of preparation must be one of columns, left_out, target, task, got 'transformer'",
    ),
    "an unknown task": (
        changed(preparation__task="exec"),
        "preparation.task must be one of classification, regression, autoencoder, got 'exec'",
    ),
    "a task of another estimator": (
        changed(preparation__task="regression"),
        "estimator must be MLPRegressor for regression, got 'MLPClassifier'",
    ),
    "columns that are an object": (
        changed(preparation__columns={}),
        "preparation.columns must be a list, got {}",
    ),
    "no column": (changed(preparation__columns=[]), "the first layer must be 0 wide, as prep"),
    "a kind by a module's name": (
        column(0, kind="os.system"),
        "preparation.columns[0].kind must be one of number, category, pixels, block, got 'os.sys",
    ),
    "a kind that is left out": (
        column(0, kind="drop"),
        "preparation.columns[0].kind must be one of number, category, pixels, block, got 'drop'",
    ),
    "a key that columns do not have": (
        column(0, function="exec"),
        "a key of preparation.columns[0] must be one of categories,",
    ),
    "a name that is a number": (
        column(0, name=1),
        "preparation.columns[0].name must be a text, got 1",
    ),
    "the same name twice": (
        _same_name_twice,
        "every column of preparation must be there once, got 'signal'",
    ),
    "images of 2^60 bytes": (
        column(3, shape=[2**30, 2**30]),
        "the first layer must be 1152921504606846983 wide, as preparation is, got 9",
    ),
    "images of 2^53 columns": (
        column(3, shape=[2**60]),
        "preparation.columns[3].shape[0] must be an integer in [1, 9007199254740992], got",
    ),
    "a shape below 0": (
        column(3, shape=[-1, -2]),
        "preparation.columns[3].shape[0] must be an integer in [1, 9007199254740992], got -1",
    ),
    "a shape for single numbers": (
        column(0, shape=[1]),
        "preparation.columns[0].shape must be that of a number, got [1]",
    ),
    "images of one number": (
        column(3, shape=[]),
        "preparation.columns[3].shape must be that of a pixels, got []",
    ),
    "a gap beyond the row": (
        column(1, missing=[2]),
        "preparation.columns[1].missing[0] must be an integer in [0, 1], got 2",
    ),
    "gaps that are not sorted": (
        column(1, missing=[1, 0]),
        "preparation.columns[1].missing must be sorted, and each there once, got [1, 0]",
    ),
    "gaps in images": (
        column(3, missing=[0]),
        "preparation.columns[3].missing[0] must be an integer in [0, -1], got 0",
    ),
    "another gap": (column(1, missing=[1]), "the first layer must be 10 wide, as preparation is"),
    "categories of numbers": (
        column(2, categories=[1, 2]),
        "preparation.columns[2].categories[0] must be a text, got 1",
    ),
    "categories of a number": (
        column(0, categories=["a"]),
        "the number of preparation.columns[0].categories must be in [0, 0], got 1",
    ),
    "no category": (
        column(2, categories=[]),
        "the number of preparation.columns[2].categories must be in [1, 1000], got 0",
    ),
    "50,000 categories": (
        column(2, categories=[f"{i:06}" for i in range(50_000)]),
        "the number of preparation.columns[2].categories must be in [1, 1000], got 50000",
    ),
    "a long category": (
        column(2, categories=["blue", "r" * 201]),
        "preparation.columns[2].categories must be sorted, each there once, of at most 200 char",
    ),
    "categories that are not sorted": (
        column(2, categories=["red", "blue"]),
        "preparation.columns[2].categories must be sorted, each there once, of at most 200 char",
    ),
    "columns left out that are a list": (
        changed(preparation__left_out=["id"]),
        "preparation.left_out must be an object, got ['id']",
    ),
    "a column left out for no known reason": (
        changed(preparation__left_out={"id": "exec"}),
        "a kind in preparation.left_out must be one of constant, identifier, date, text, drop, got",
    ),
    "a column that is left out and is not": (
        changed(preparation__left_out={"size": "drop"}),
        "every column of preparation must be there once, got 'size'",
    ),
    "no target": (
        changed(preparation__target=None),
        "preparation.target must be that of classification, got None",
    ),
    "a target without classes": (
        changed(preparation__target__classes=None),
        "preparation.target.classes must be those of classification, got None",
    ),
    "a target that lacks a class": (
        changed(preparation__target__classes=_labels("object", ["ape", "bee"])),
        "every class of targets must be among preparation's classes, got ['ape', 'bee']",
    ),
    "a target of deviation 0": (
        changed(preparation__target__scale=0.0),
        "preparation.target must be of finite mean and scale above 0, got (0.0, 0.0)",
    ),
    "a target of no mean": (
        changed(preparation__target__mean={"float": "nan"}),
        "preparation.target must be of finite mean and scale above 0, got (nan, 1.0)",
    ),
    "a column of deviation 0": (
        _moment("preparation.scale", 0),
        "every number of preparation.scale must be above 0",
    ),
    "a column without a mean": (
        _moment("preparation.mean", np.nan),
        "every number must be finite, in preparation.mean",
    ),
    "no moments": (_without_moments, "tensor preparation.mean must be {'dtype': 'F64'"),
    "an estimator of another kind": (
        changed(estimator="NeuralNetwork", parameters={}, targets=None, dtype_in="float32"),
        "NeuralNetwork must have a softmax, no scaling and no training",
    ),
}


def good_prepared_model():
    """Return the small classifier of columns whose file is attacked."""
    from chainrule import MLPClassifier
    from chainrule.datasets.tables import table_of
    from chainrule.preparation import Preparation, inspect, table_model

    rng, n = np.random.default_rng(0), 60
    table = table_of(
        {
            "size": np.where(np.arange(n) % 7 == 0, np.nan, rng.normal(size=n)),
            "signal": rng.normal(size=(n, 2)),
            "colour": np.array(["red", "blue", None], object)[np.arange(n) % 3],
            "image": rng.integers(0, 256, (n, 2, 1)).astype(np.uint8),
            "id": np.arange(n),
            "animal": np.array(["ape", "bee", "cat"], object)[np.arange(n) % 3],
        }
    )
    preparation = Preparation.learn(inspect(table, target="animal"))
    model = MLPClassifier((6,), max_iter=3, tol=0.1, n_iter_no_change=1, random_state=0)
    return table_model(model.fit(*preparation.rows(table)), preparation)


def good_model():
    """Return the small classifier whose file is attacked."""
    from chainrule import MLPClassifier

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 3
    model = MLPClassifier((6,), input_scaling="standard", max_iter=3, tol=0.1, random_state=0)
    return model.set_params(n_iter_no_change=1).fit(X, y)


# What is attacked: a good model, and its attacks.
TARGETS = {
    "an estimator": (good_model, ATTACKS),
    "a prepared model": (good_prepared_model, PREPARED_ATTACKS),
}


def main():
    import tempfile
    from pathlib import Path

    from chainrule import load
    from chainrule.errors import DataFormatError

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        for make, attacks in TARGETS.values():
            make().save(path, optimizer=True)
            good = Parts.of(path.read_bytes())
            for name, (attack, _) in attacks.items():
                path.write_bytes(attack(good.copy()))
                try:
                    load(path)
                except DataFormatError as error:
                    start = f"{path} is no model file that can be loaded: "
                    message = str(error).removeprefix(start).split("; g")[0]
                    print(f"{name:45} {message[:150]}")
                else:
                    raise SystemExit(f"{name}: loaded")


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
