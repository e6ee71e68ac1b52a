"""Estimators with scikit-learn's face: validate -> build -> train."""

from chainrule.estimators.autoencoder import MLPAutoencoder
from chainrule.estimators.classifier import MLPClassifier
from chainrule.estimators.loss_curve_display import LossCurveDisplay
from chainrule.estimators.neural_network import NeuralNetwork
from chainrule.estimators.regressor import MLPRegressor
from chainrule.estimators.weights_display import WeightsDisplay

__all__ = [
    "LossCurveDisplay",
    "MLPAutoencoder",
    "MLPClassifier",
    "MLPRegressor",
    "NeuralNetwork",
    "WeightsDisplay",
]
