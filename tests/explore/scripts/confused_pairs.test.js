import assert from "node:assert/strict";
import test from "node:test";

import { confusedPairs } from "#confused_pairs";

test("pairs are those that were confused, the most frequent first, then the larger share", () => {
  const counts = [
    [5, 1, 0],
    [3, 0, 1],
    [0, 0, 0],
  ];
  assert.deepEqual(confusedPairs(counts), [
    { truth: 1, taken: 0, count: 3, share: 3 / 4 },
    { truth: 1, taken: 2, count: 1, share: 1 / 4 },
    { truth: 0, taken: 1, count: 1, share: 1 / 6 },
  ]);
  assert.deepEqual(confusedPairs([[4, 0], [0, 2]]), []); // prettier-ignore
});
