import assert from "node:assert/strict";
import test from "node:test";

import { boxOf, centerOfMass, place } from "#pixels";

const MNIST = { box: 20, center: "mass", margin: 4 };
const FRAME = [28, 28];

/** A picture with rectangles [left, top, width, height] of full ink. */
function picture(width, height, ...rectangles) {
  const pixels = new Array(width * height).fill(0);
  for (const [left, top, w, h] of rectangles)
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++) pixels[y * width + x] = 255;
  return { pixels, width, height };
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const placed = (drawing, placement = MNIST) => ({
  pixels: place(drawing, FRAME, placement),
  width: 28,
  height: 28,
});

test("the longer side fills the box, whatever the drawing's size", () => {
  for (const [width, height] of [[40, 100], [100, 40], [10, 20], [280, 140], [7, 3]]) {
    const { pixels, ...size } = placed(picture(300, 300, [11, 17, width, height]));
    const box = boxOf({ pixels, ...size });
    assert.equal(Math.max(box.width, box.height), 20, `${width} × ${height}`);
    const shorter = (20 * Math.min(width, height)) / Math.max(width, height);
    assert.ok(Math.abs(Math.min(box.width, box.height) - shorter) <= 2, `${width} × ${height}`);
  }
});

const bolt = picture(300, 300, [30, 40, 200, 40], [30, 80, 60, 160]); // Γ

test("the centre of mass comes to the middle of the frame, not the box's", () => {
  const middle = centerOfMass(placed(bolt));
  assert.ok(Math.hypot(middle.x - 14, middle.y - 14) < 0.05, JSON.stringify(middle));
  const box = boxOf(placed(bolt));
  assert.ok(Math.abs(box.left + box.width / 2 - 14) > 1);
});

test("nothing falls out of the frame", () => {
  const lopsided = picture(300, 300, [30, 40, 200, 40], [30, 80, 4, 160]);
  assert.equal(boxOf(placed(lopsided)).height, 20);
  assert.equal(boxOf(placed(lopsided)).top, 8);
  const tall = place(picture(90, 90, [40, 5, 9, 80]), [10, 30], { ...MNIST, box: 25 });
  assert.ok(Math.abs(sum(tall) / 255 - (9 * 80) / 8 ** 2) < 0.1); // 8 of the drawing's for one
});

test("the box comes to the middle where the training images' box is there", () => {
  const box = boxOf(placed(bolt, { box: 20, center: "box", margin: 4 }));
  assert.deepEqual(box, { left: 4, top: 4, width: 20, height: 20 });
});

test("smaller pixels are averaged: the ink is all there, edges are grey", () => {
  const drawing = picture(300, 300, [30, 40, 133, 77]);
  const { pixels } = placed(drawing);
  const area = (133 / 20) ** 2; // of a new pixel in old ones
  assert.ok(Math.abs(sum(pixels) / (sum(drawing.pixels) / area) - 1) < 0.01);
  assert.ok(pixels.some((value) => value > 20 && value < 235));
  assert.ok(pixels.every((value) => Number.isInteger(value) && value >= 0 && value <= 255));
});

test("an empty drawing is an empty image", () => {
  assert.deepEqual(place(picture(50, 60), FRAME, MNIST), new Array(784).fill(0));
  assert.deepEqual(place(picture(50, 60), FRAME, null), new Array(784).fill(0));
  assert.equal(boxOf(picture(50, 60)), null);
});

test("a drawing at the border is placed as one in the middle", () => {
  const shapes = (left, top) => [[left, top, 60, 12], [left, top + 12, 20, 90]];
  const middle = placed(picture(300, 300, ...shapes(100, 100))).pixels;
  for (const [left, top] of [[0, 0], [240, 0], [0, 198], [240, 198]])
    assert.deepEqual(placed(picture(300, 300, ...shapes(left, top))).pixels, middle);
});

test("a dot fills the box", () => {
  assert.deepEqual(boxOf(placed(picture(300, 300, [299, 0, 1, 1]))), {
    left: 4,
    top: 4,
    width: 20,
    height: 20,
  });
});

test("without a placement the whole drawing becomes the frame", () => {
  const drawing = picture(56, 56, [0, 0, 2, 2], [55, 55, 1, 1]);
  const pixels = place(drawing, FRAME, null);
  assert.equal(pixels[0], 255);
  assert.equal(pixels[783], 64); // a quarter of the pixel
  assert.equal(sum(pixels), 255 + 64);
});

test("frames have any shape", () => {
  const pixels = place(picture(90, 90, [10, 10, 40, 20]), [10, 30], { ...MNIST, box: 8 });
  const box = boxOf({ pixels, width: 30, height: 10 });
  assert.deepEqual(box, { left: 11, top: 3, width: 8, height: 4 });
});
