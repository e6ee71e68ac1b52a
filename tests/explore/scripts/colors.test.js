import assert from "node:assert/strict";
import test from "node:test";

import { colorOf, css, limitOf, mix, parse, readableOn } from "#colors";

const palette = { card: [255, 255, 255], positive: [0, 0, 255], negative: [255, 0, 0] };

test("colours are read and written", () => {
  assert.deepEqual(parse(" #2a6fb0 "), [42, 111, 176]);
  assert.deepEqual(parse("#fff"), [255, 255, 255]);
  assert.equal(css([42, 111, 0]), "#2a6f00");
  assert.equal(css([0, 0, 1]), "#000001");
});

test("zero is the card, the ends are the colours of the signs", () => {
  assert.deepEqual(colorOf(0, 2, palette), [255, 255, 255]);
  assert.deepEqual(colorOf(2, 2, palette), [0, 0, 255]);
  assert.deepEqual(colorOf(-2, 2, palette), [255, 0, 0]);
  assert.deepEqual(colorOf(-9, 2, palette), [255, 0, 0]);
  assert.deepEqual(mix([0, 0, 0], [10, 20, 30], 0.5), [5, 10, 15]);
});

test("a scale ends at a round number that nothing exceeds", () => {
  const limits = [[0.3], [0.31], [-4, 1], [1], [1.2], [80], [0], [NaN], []].map(limitOf);
  assert.deepEqual(limits, [0.3, 0.5, 5, 1, 1.5, 100, 1, 1, 1]);
});

test("text is dark on light and light on dark", () => {
  assert.equal(readableOn([255, 255, 255]), "#1d2330");
  assert.equal(readableOn([20, 30, 60]), "#ffffff");
});
