import assert from "node:assert/strict";
import test from "node:test";

import { withFactor } from "#experiment";
import { incomingWeights, outgoingWeights } from "#unit";
import { arrange } from "#unit_grid";

const network = {
  sizes: [3, 2, 2],
  weights: [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(7, 8, 9, 10)],
};

test("a unit's weights are a column of its layer's, and a row of the next", () => {
  assert.deepEqual([...incomingWeights(network, 0, 1)], [2, 4, 6]);
  assert.deepEqual([...outgoingWeights(network, 0, 1)], [9, 10]);
});

test("a unit that is as it was trained has no factor", () => {
  assert.deepEqual(withFactor({ "0:1": 0 }, "0:1", 1), {});
  assert.deepEqual(withFactor({ "0:1": 0 }, "1:2", 0.5), { "0:1": 0, "1:2": 0.5 });
});

test("tiles fill rows where they can", () => {
  assert.deepEqual(arrange(1000, 256), { size: 24, columns: 32 });
  assert.deepEqual(arrange(1000, 10), { size: 26, columns: 10 });
  assert.deepEqual(arrange(300, 97), { size: 21, columns: 14 });
  assert.deepEqual(arrange(10, 5), { size: 17, columns: 1 });
});
