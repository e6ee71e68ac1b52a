import assert from "node:assert/strict";
import test from "node:test";

import { arrange, shorten } from "#diagram_layout";

const wide = { room: 900, sizes: [3, 20, 2], units: [[0, 1, 2], [4, 9], [0, 1]], shape: null };

test("columns go from left to right, with room for names at both sides", () => {
  const { columns, width, letters } = arrange(wide);
  assert.deepEqual(columns, [150, 450, 750]);
  assert.equal(width, 900);
  assert.equal(letters, 17);
});

test("a column that hides units says so below the others", () => {
  const { ends, spots } = arrange(wide);
  assert.deepEqual(ends.map((end) => end !== null), [false, true, false]);
  assert.ok(ends[1].y > spots[1][1].y);
});

test("a drawing with more columns than there is room for is wider", () => {
  const sizes = [2, 2, 2, 2, 2, 2, 2, 2];
  const { width } = arrange({ room: 320, sizes, units: sizes.map(() => [0, 1]), shape: null });
  assert.ok(width > 320);
});

test("pixels lie on the image", () => {
  const { picture, spots, ends } = arrange({
    room: 900,
    sizes: [4, 2],
    units: [[0, 3], [0, 1]],
    shape: [2, 2],
  });
  assert.deepEqual(spots[0][0], { x: picture.x + 42, y: picture.y + 42 });
  assert.deepEqual(spots[0][1], { x: picture.x + 126, y: picture.y + 126 });
  assert.equal(ends[0], null);
});

test("long names are cut", () => {
  assert.equal(shorten("sepal length", 7), "sepal …");
  assert.equal(shorten("sepal", 7), "sepal");
});
