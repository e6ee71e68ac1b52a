import assert from "node:assert/strict";
import test from "node:test";

import { backward, forward, loss, stepped } from "#arithmetic";
import { productOf, steepest, steepness } from "#factors";

const network = {
  sizes: [2, 3, 2],
  activations: [{ name: "tanh", parameters: {} }],
  loss: { name: "squared", parameters: {} },
  weights: [
    Float32Array.of(0.5, -1, 0.25, 1, 0.75, -0.5),
    Float32Array.of(1, -2, 0.5, 1, -1, 0.25),
  ],
  biases: [Float32Array.of(0.1, 0.2, -0.3), Float32Array.of(0, 0.5)],
};
const x = [1.5, -0.5];
const target = [1, -1];
const scales = [Float64Array.of(1, 0.5, 1)];
const pass = forward(network, x, scales);
const gradient = backward(network, pass, target, scales);

const near = (one, other, off = 1e-9) => assert.ok(Math.abs(one - other) < off, `${one} ${other}`);

test("the factors multiply to the gradient, which a small change of the weight confirms", () => {
  const found = productOf(network, pass, gradient, scales, [0, 0, 1]);
  assert.equal(found.factor, 0.5);
  near(found.upstream * found.factor * found.slope * found.input, found.gradient);
  const moved = { ...network, weights: [network.weights[0].slice(), network.weights[1]] };
  moved.weights[0][1] += 2 ** -12;
  const change = loss(moved, forward(moved, x, scales), target) - loss(network, pass, target);
  near(change * 2 ** 12, found.gradient, 1e-3);
});

test("what arrives is the sum of its terms, the largest first", () => {
  const { terms, upstream } = productOf(network, pass, gradient, scales, [0, 0, 1]);
  const parts = terms.map(({ weight, delta }) => weight * delta);
  near(parts[0] + parts[1], upstream);
  assert.ok(Math.abs(parts[0]) >= Math.abs(parts[1]));
});

test("an output has no upstream and no slope", () => {
  const found = productOf(network, pass, gradient, scales, [1, 2, 0]);
  assert.equal(found.upstream, null);
  assert.equal(found.slope, null);
  near(found.delta * found.input, found.gradient);
});

test("the steepest weight of a layer is the steepest of all", () => {
  const inputs = Array.from(pass.inputs[1]);
  const all = inputs.flatMap((input) => Array.from(gradient.delta[1], (d) => Math.abs(input * d)));
  const [layer, from, to] = steepest(pass, gradient, 1);
  near(Math.abs(pass.inputs[layer][from] * gradient.delta[layer][to]), Math.max(...all));
});

test("a small step lowers the loss by what the gradient promises", () => {
  const rate = 2 ** -14;
  const next = stepped(network, pass, gradient, rate);
  const fall = gradient.loss - loss(next, forward(next, x, scales), target);
  near(fall / (rate * steepness(pass, gradient)), 1, 0.01);
});
