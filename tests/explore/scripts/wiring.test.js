import assert from "node:assert/strict";
import test from "node:test";

import { chooseEdges, chooseUnits, sent, strongest } from "#wiring";

// Three inputs, two hidden units, two outputs; weights row by row, from inputs to units.
const network = {
  sizes: [3, 2, 2],
  weights: [Float32Array.of(1, 0, 0, 2, -3, 0), Float32Array.of(3, 4, 0, -1)],
};
const pass = {
  inputs: [Float64Array.of(1, 1, 0.5), Float64Array.of(0, 2)],
  output: Float64Array.of(0.25, 0.75),
};

const none = [new Set(), new Set(), new Set()];

test("what a unit sends is its activation times the length of its weights", () => {
  assert.deepEqual([...sent(network, pass, 1, [0, 1])].map((value) => value.toFixed(4)), [
    "0.0000",
    "2.0000",
  ]);
});

test("only weights to shown units count", () => {
  assert.equal(sent(network, pass, 0, [1])[0], 0);
  assert.ok(Math.abs(sent(network, pass, 0, [0])[2] - 1.5) < 1e-6);
});

test("columns are chosen from the answer back", () => {
  assert.deepEqual(chooseUnits(network, pass, [1, 1, 1], none), [[1], [1], [1]]);
});

test("what is kept is shown before what sends more", () => {
  const kept = [new Set(), new Set([0]), new Set()];
  assert.deepEqual(chooseUnits(network, pass, [2, 1, 2], kept), [[0, 2], [0], [0, 1]]);
});

test("among silent units the strongest weights decide", () => {
  const silent = { ...pass, inputs: [pass.inputs[0], Float64Array.of(0, 0)] };
  assert.deepEqual(chooseUnits(network, silent, [3, 1, 2], none)[1], [0]);
});

test("the strongest are in order of place, and ties go to the first", () => {
  assert.deepEqual(strongest([1, -5, 2, 2], 2, new Set()), [1, 2]);
  assert.deepEqual(strongest([1, -5], 2, new Set()), [0, 1]);
});

test("edges are the strongest weights, the strongest last", () => {
  const [first, second] = chooseEdges(network, pass, [[0, 1, 2], [0, 1], [0, 1]], 2, false);
  assert.deepEqual(first, [
    { column: 0, from: 1, to: 1, value: 2 },
    { column: 0, from: 2, to: 0, value: -3 },
  ]);
  assert.deepEqual(second.map(({ value }) => value), [3, 4]);
});

test("what flows is the weight times what it carries", () => {
  const [, second] = chooseEdges(network, pass, [[0, 1, 2], [0, 1], [0, 1]], 1, true);
  assert.deepEqual(second, [{ column: 1, from: 1, to: 1, value: -2 }]);
});
