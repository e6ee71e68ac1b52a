"""Estimators: validate, build, train."""

from chainrule.estimators.neural_network import NeuralNetwork

__all__ = ["NeuralNetwork"]
