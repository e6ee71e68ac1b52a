import assert from "node:assert/strict";
import test from "node:test";

import { mostExciting, respond, shareActive } from "#responses";

// Two samples' responses: a hidden layer of two units, one output.
const responses = {
  n: 3,
  done: 3,
  layers: [Float32Array.of(1, 0, 3, 0, 2, 5), Float32Array.of(-1, -2, -3)],
};

test("the most exciting samples come first", () => {
  assert.deepEqual(mostExciting(responses, 0, 0, 2), [
    { sample: 1, value: 3 },
    { sample: 2, value: 2 },
  ]);
  assert.deepEqual(mostExciting(responses, 1, 0, 1), [{ sample: 0, value: -1 }]);
});

test("a unit is active where it is not zero", () => {
  assert.equal(shareActive(responses, 0, 0), 1);
  assert.equal(shareActive(responses, 0, 1), 1 / 3);
});

test("responses of all samples are computed in pieces", async () => {
  const network = {
    sizes: [1, 1, 1],
    activations: [{ name: "relu", parameters: {} }],
    loss: { name: "squared", parameters: {} },
    weights: [Float32Array.of(2), Float32Array.of(-1)],
    biases: [Float32Array.of(-1), Float32Array.of(0.5)],
  };
  const found = await new Promise((resolve) => {
    respond(network, 3, (i) => Float64Array.of(i), resolve);
  });
  assert.equal(found.done, 3);
  assert.deepEqual([...found.layers[0]], [0, 1, 3]);
  assert.deepEqual([...found.layers[1]], [0.5, -0.5, -2.5]);
});
