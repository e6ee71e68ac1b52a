import assert from "node:assert/strict";
import test from "node:test";

import { worstFirst } from "#verdicts";

test("of classes only mistakes are listed, the most confident first", () => {
  const verdicts = [
    { sample: 0, wrong: true, confidence: 0.6, loss: 9 },
    { sample: 1, wrong: false, confidence: 1, loss: 0 },
    { sample: 2, wrong: true, confidence: 0.9, loss: 3 },
  ];
  assert.deepEqual(
    worstFirst(verdicts, "classification").map(({ sample }) => sample),
    [2, 0],
  );
  assert.deepEqual(
    worstFirst(verdicts, "regression").map(({ sample }) => sample),
    [0, 2, 1],
  );
});
