/**
 * The chain rule in numbers: what a weight's gradient is the product of, how much gradient arrives
 * at each layer, and what a step along it promises. No elements.
 *
 * A weight is named by three numbers: its layer from 0, the unit that it comes from, and the unit
 * that it goes to; in Python it is `coefs_[layer][from, to]`.
 *
 * @typedef {import("#content").Network} Network
 * @typedef {import("#arithmetic").Pass} Pass
 * @typedef {import("#arithmetic").Gradient} Gradient
 * @typedef {[layer: number, from: number, to: number]} Weight
 *
 * @typedef {object} Term one way on which the loss reaches a unit: through a unit of the next layer
 * @property {number} unit
 * @property {number} weight
 * @property {number} delta what arrives at that unit's sum
 *
 * @typedef {object} Product
 * @property {number | null} upstream dL/da of a hidden unit; null where the unit is an output
 * @property {number | null} slope f'(z) of a hidden unit
 * @property {number} factor what the reader has multiplied the unit by
 * @property {number} delta dL/dz
 * @property {number} input what the weight is multiplied by
 * @property {number} gradient dL/dw
 * @property {Term[]} terms those of the upstream gradient's sum, the largest first
 */
import { slope, weightGradient } from "#arithmetic";

/**
 * @param {Network} network
 * @param {Pass} pass
 * @param {Gradient} gradient
 * @param {import("#arithmetic").Scales} scales
 * @param {Weight} weight
 * @returns {Product}
 */
export function productOf(network, pass, gradient, scales, [layer, from, to]) {
  const hidden = layer < network.activations.length;
  const delta = gradient.delta[layer][to];
  const input = pass.inputs[layer][from];
  return {
    upstream: hidden ? gradient.upstream[layer][to] : null,
    slope: hidden ? slope(network.activations[layer], pass.z[layer][to]) : null,
    factor: hidden ? (scales[layer]?.[to] ?? 1) : 1,
    delta,
    input,
    gradient: weightGradient(pass, gradient, layer, from, to),
    terms: hidden ? termsOf(network, gradient, layer, to) : [],
  };
}

/**
 * dL/da of a unit is the sum of these terms' weight times delta.
 * @param {Network} network
 * @param {Gradient} gradient
 * @param {number} layer
 * @param {number} unit
 * @returns {Term[]}
 */
function termsOf(network, gradient, layer, unit) {
  const width = network.sizes[layer + 2];
  const row = network.weights[layer + 1].subarray(unit * width, (unit + 1) * width);
  return Array.from(row, (weight, k) => ({
    unit: k,
    weight,
    delta: gradient.delta[layer + 1][k],
  })).sort((one, other) => Math.abs(other.weight * other.delta) - Math.abs(one.weight * one.delta));
}

/**
 * The weight of a layer whose gradient is furthest from zero: the largest input and the largest
 * delta meet there, since every gradient is the product of one of each.
 * @param {Pass} pass
 * @param {Gradient} gradient
 * @param {number} layer
 * @returns {Weight}
 */
export function steepest(pass, gradient, layer) {
  return [layer, largest(pass.inputs[layer]), largest(gradient.delta[layer])];
}

/** @param {Float64Array} values */
function largest(values) {
  let best = 0;
  values.forEach((value, i) => {
    if (Math.abs(value) > Math.abs(values[best])) best = i;
  });
  return best;
}

/**
 * The length of a vector.
 * @param {Float64Array} values
 */
export function norm(values) {
  return Math.sqrt(squares(values));
}

/** @param {Float64Array} values */
function squares(values) {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/**
 * The squared length of the gradient by every weight and bias: what a small step lowers the loss
 * by, for each unit of the learning rate. A layer's gradient is an outer product, and the length
 * of that is the product of two lengths.
 * @param {Pass} pass
 * @param {Gradient} gradient
 */
export function steepness(pass, gradient) {
  return gradient.delta.reduce(
    (sum, delta, layer) => sum + squares(delta) * (1 + squares(pass.inputs[layer])),
    0,
  );
}
