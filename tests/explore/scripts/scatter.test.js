import assert from "node:assert/strict";
import test from "node:test";

import { placed } from "#hidden_space";
import { fitted, nearest } from "#scatter";

const points = [
  { x: 0, y: 0 },
  { x: 2, y: 0.5 },
  { x: 1, y: -3 },
  { x: -1, y: 0.9 },
];

test("an arrow leads to the nearest point that lies its way", () => {
  assert.equal(nearest(points, 0, "ArrowRight"), 1);
  assert.equal(nearest(points, 0, "ArrowDown"), 2);
  assert.equal(nearest(points, 0, "ArrowLeft"), 3);
  assert.equal(nearest(points, 0, "ArrowUp"), null);
  assert.equal(nearest(points, 0, "a"), null);
});

test("all points fit, with one scale for both axes, upwards", () => {
  const toScreen = fitted(points, 300, 200);
  for (const { x, y } of points) {
    const [left, top] = toScreen(x, y);
    assert.ok(left >= 0 && left <= 300 && top >= 0 && top <= 200);
  }
  const [[left, top], [right, above]] = [toScreen(0, 0), toScreen(1, 1)];
  assert.ok(Math.abs(right - left - (top - above)) < 1e-9);
  assert.ok(above < top);
});

test("points that are all one are in the middle", () => {
  assert.deepEqual(fitted([{ x: 7, y: 7 }], 300, 200)(7, 7), [150, 100]);
});

test("a point is the distance from the mean along both axes", () => {
  const hidden = { mean: [1, 0, 2], axes: [1, 0, 0, 0, 0.6, 0.8] };
  assert.deepEqual(placed(hidden, [3, 5, 12]), [2, 11]);
});
