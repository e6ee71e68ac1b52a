"""How formulas call a network's numbers: x, W⁽¹⁾₁₂, b⁽¹⁾₂, z⁽¹⁾₂, h⁽¹⁾₂, ŷ.

An index that can only be 1 is left out, and so is a layer's number where there is one layer. A
layer whose weighted sums are the predictions themselves calls them ŷ.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.engine.activations import Identity
from chainrule.worked.backprop.example import Example, Key
from chainrule.worked.formula import Symbol


@dataclass(frozen=True)
class Names:
    """The symbols of an example's network.

    Attributes
    ----------
    sizes : tuple of int
        Widths from the input to the output.
    linear_output : bool
        Whether the output layer has no activation.
    own_output : bool
        Whether the loss makes ŷ of the last layer's outputs, which are then called z.
    """

    sizes: tuple[int, ...]
    linear_output: bool
    own_output: bool

    @classmethod
    def of(cls, example: Example) -> Names:
        """Return the names for an example."""
        linear = isinstance(example.functions[-1].engine, Identity)
        return cls(example.sizes, linear, example.loss.output is not None)

    @property
    def last(self) -> int:
        """The number of the output layer, from 0."""
        return len(self.sizes) - 2

    def parameter(self, key: Key) -> Symbol:
        """Return a weight's or bias's symbol."""
        if key.source is None:
            return Symbol("b", self._index(key.layer + 1, key.unit), self._layer(key.layer))
        fan_in, fan_out = self.sizes[key.layer : key.layer + 2]
        comma = "," if max(fan_in, fan_out) > 9 else ""
        sub = "" if fan_in == fan_out == 1 else f"{key.source + 1}{comma}{key.unit + 1}"
        return Symbol("W", sub, self._layer(key.layer))

    def z(self, layer: int, unit: int) -> Symbol:
        """Return a weighted sum's symbol."""
        if layer == self.last and self.linear_output and not self.own_output:
            return self.prediction(unit)
        return Symbol("z", self._index(layer + 1, unit), self._layer(layer))

    def a(self, layer: int, unit: int) -> Symbol:
        """Return the symbol of what enters ``layer``; of the output if that is past the last."""
        if layer == 0:
            return Symbol("x", self._index(0, unit))
        if layer > self.last:
            return self.z(self.last, unit) if self.own_output else self.prediction(unit)
        return Symbol("h", self._index(layer, unit), self._layer(layer - 1))

    def prediction(self, unit: int) -> Symbol:
        """Return ŷ's symbol."""
        return Symbol("y", self._index(len(self.sizes) - 1, unit), hat=True)

    def target(self, unit: int) -> Symbol:
        """Return y's symbol."""
        return Symbol("y", self._index(len(self.sizes) - 1, unit))

    def _index(self, place: int, unit: int) -> str:
        return "" if self.sizes[place] == 1 else str(unit + 1)

    def _layer(self, layer: int) -> str:
        return f"({layer + 1})" if self.last else ""
