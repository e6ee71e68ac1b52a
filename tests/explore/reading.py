"""Reads a page as a browser does, in NumPy: from its text to what its network puts out."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import numpy as np

from chainrule.engine.activations import ACTIVATIONS
from chainrule.engine.losses import LOSSES
from chainrule.engine.params import Parameters
from chainrule.engine.spec import NetworkSpec
from chainrule.training.evaluator import Evaluator
from chainrule.training.source import Source


class Page(HTMLParser):
    """What is in a page: scripts by type, the policy, every attribute, all text outside scripts."""

    def __init__(self, path):
        super().__init__()
        self.scripts, self.attributes, self.text, self._open = {}, [], "", None
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag == "script":
            self._open = dict(attributes)["type"]
            self.scripts[self._open] = ""

    def handle_endtag(self, tag):
        if tag == "script":
            self._open = None

    def handle_data(self, data):
        if self._open is None:
            self.text += data
        else:
            self.scripts[self._open] += data

    @property
    def document(self):
        return json.loads(self.scripts["application/json"])

    @property
    def modules(self):
        imports = json.loads(self.scripts["importmap"])["imports"]
        return {name: base64.b64decode(url.split(",")[1]).decode() for name, url in imports.items()}


def array(packed):
    dtype = np.dtype(packed["dtype"]).newbyteorder("<")
    numbers = np.frombuffer(base64.b64decode(packed["data"]), dtype)
    return numbers.reshape(packed["shape"]).astype(packed["dtype"])


def network(document):
    """Return the network of a document, in float64."""
    described = document["network"]
    spec = NetworkSpec(
        tuple(described["layer_sizes"]),
        tuple(
            type(ACTIVATIONS[one["name"]])(**one["parameters"]) for one in described["activations"]
        ),
        type(LOSSES[described["loss"]["name"]])(**described["loss"]["parameters"]),
        (0.0,) * (len(described["layer_sizes"]) - 1),
        "float64",
    )
    return Parameters(spec, array(described["weights"]).astype(np.float64))


def network_input(document, X):
    shift, scale = (np.array(document["input"][name]) for name in ("shift", "scale"))
    return (X.astype(np.float64) - shift) * scale


def layers(document, X):
    """Return every layer's activations for rows of X as ``samples.X`` has them, outputs last."""
    params = network(document)
    evaluator, source = Evaluator(params), Source(network_input(document, X))
    hidden = [evaluator.features(source, i) for i in range(len(params.W) - 1)]
    return [*hidden, evaluator.predict(source)]


def imports(script):
    """Return what a module imports."""
    return re.findall(r"""(?:\bfrom|^import|\bimport\()\s*["'](#\w+)["']""", script, re.MULTILINE)
