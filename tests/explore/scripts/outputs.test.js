import assert from "node:assert/strict";
import test from "node:test";

import { ascending, centralOf, mostProbable, probabilitiesOf } from "#outputs";

const of = (task, ...output) => Array.from(probabilitiesOf({ task }, Float64Array.of(...output)));

test("a single output is the second of two classes' probability", () => {
  assert.deepEqual(of("classification", 0.25), [0.75, 0.25]);
  assert.deepEqual(of("multilabel", 0.25), [0.25]);
  assert.deepEqual(of("classification", 0.25, 0.5, 0.25), [0.25, 0.5, 0.25]);
});

test("the most probable class is the answer, of equals the first", () => {
  assert.equal(mostProbable(of("classification", 0.25)), 0);
  assert.equal(mostProbable(of("classification", 0.75)), 1);
  assert.equal(mostProbable(of("classification", 0.5)), 0);
  assert.equal(mostProbable(of("classification", 0.25, 0.125, 0.625)), 2);
  assert.equal(mostProbable(of("classification", 0.25, 0.375, 0.375)), 1);
});

test("quantiles that cross are put in order, and the middle one is the prediction", () => {
  const network = { sizes: [2, 6], loss: { parameters: { levels: [0.1, 0.5, 0.9] } } };
  const output = Float64Array.of(3, 10, 2, 1, 2, 30);
  assert.deepEqual([...centralOf({ network }, output)], [3, 2]);
  assert.deepEqual([...ascending(output.subarray(0, 3))], [2, 3, 10]);
  assert.deepEqual([...output.subarray(0, 3)], [3, 10, 2]);
});
