import assert from "node:assert/strict";
import test from "node:test";

import { binOf, calibrationError } from "#reliability";

test("bins count by their rows in the calibration error", () => {
  const bins = [
    { low: 0.5, high: 0.6, n: 1, confidence: 0.55, accuracy: 0.95 },
    { low: 0.9, high: 1, n: 3, confidence: 0.95, accuracy: 0.85 },
  ];
  assert.ok(Math.abs(calibrationError(bins) - (0.4 + 3 * 0.1) / 4) < 1e-12);
});

test("a bin takes its lower end and not its upper, but for the last", () => {
  const bins = Array.from({ length: 10 }, (_, i) => ({ low: i / 10, high: (i + 1) / 10 }));
  bins.forEach(({ low }, i) => {
    assert.equal(binOf(bins, low), i);
    assert.equal(binOf(bins, low + 0.0999), i);
  });
  assert.equal(binOf(bins, 1), 9);
});

test("a confidence without rows like it has no bin", () => {
  const bins = [{ low: 0.5, high: 0.6 }, { low: 0.8, high: 0.9 }]; // prettier-ignore
  assert.equal(binOf(bins, 0.6), -1);
  assert.equal(binOf(bins, 0.9), -1);
  assert.equal(binOf(bins, 1), -1);
});
