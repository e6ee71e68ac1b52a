import assert from "node:assert/strict";
import test from "node:test";

import { backward, forward, stepped } from "#arithmetic";
import { Walk } from "#walk";

import { networkOf } from "./example.js";

const RATE = 0.2;
const X = Float64Array.of(0.3, -0.2, 1);
const TARGET = 1;
const network = networkOf([3, 5, 4, 3], { name: "softmax_cross_entropy" });

/** Steps taken one after another. */
function taken(steps) {
  let now = network;
  const losses = [];
  for (let i = 0; i < steps; i++) {
    const pass = forward(now, X, [null, null]);
    const gradient = backward(now, pass, TARGET, [null, null]);
    losses.push(gradient.loss);
    now = stepped(now, pass, gradient, RATE);
  }
  return { losses, weights: now.weights };
}

test("a walk is where its steps lead, whether it goes on, back or begins anew", () => {
  const walk = new Walk(network);
  for (const steps of [2, 5, 5, 3, 0, 1]) {
    walk.to(steps, RATE, X, TARGET, [null, null]);
    assert.deepEqual({ losses: walk.losses, weights: walk.network.weights }, taken(steps));
  }
  walk.restart();
  assert.equal(walk.network, network);
  assert.deepEqual(walk.losses, []);
});
