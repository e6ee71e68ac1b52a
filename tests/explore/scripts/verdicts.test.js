import assert from "node:assert/strict";
import test from "node:test";

import { calibrationError } from "#reliability";
import { decide, worstFirst } from "#verdicts";

test("one output is the probability of the second of two classes", () => {
  assert.deepEqual(decide(Float64Array.of(0.25)), { predicted: 0, confidence: 0.75 });
  assert.deepEqual(decide(Float64Array.of(0.75)), { predicted: 1, confidence: 0.75 });
  assert.deepEqual(decide(Float64Array.of(0.25, 0.125, 0.625)), {
    predicted: 2,
    confidence: 0.625,
  });
});

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

test("bins count by their rows in the calibration error", () => {
  const bins = [
    { low: 0.5, high: 0.6, n: 1, confidence: 0.55, accuracy: 0.95 },
    { low: 0.9, high: 1, n: 3, confidence: 0.95, accuracy: 0.85 },
  ];
  assert.ok(Math.abs(calibrationError(bins) - (0.4 + 3 * 0.1) / 4) < 1e-12);
});
