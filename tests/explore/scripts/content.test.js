import assert from "node:assert/strict";
import test from "node:test";

import { bytesOf, decode, fromHalf, unpacked } from "#content";

const packed = (dtype, array) => ({
  dtype,
  shape: [array.length],
  data: Buffer.from(array.buffer).toString("base64"),
});

test("numbers of binary16 are IEEE 754's", () => {
  // From the standard's examples: https://en.wikipedia.org/wiki/Half-precision_floating-point_format
  const known = [
    [0x0000, 0],
    [0x0001, 2 ** -24], // the smallest subnormal
    [0x03ff, 2 ** -14 * (1023 / 1024)], // the largest subnormal
    [0x0400, 2 ** -14], // the smallest normal
    [0x3555, 0.333251953125],
    [0x3bff, 0.99951171875],
    [0x3c00, 1],
    [0x3c01, 1 + 2 ** -10],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xc000, -2],
    [0x8001, -(2 ** -24)],
    [0xfc00, -Infinity],
  ];
  for (const [bits, value] of known) assert.equal(fromHalf(bits), value, bits.toString(16));
  assert.ok(Object.is(fromHalf(0x8000), -0));
  assert.ok(Number.isNaN(fromHalf(0x7e00)));
});

test("numbers of binary16 grow with their bits", () => {
  for (let bits = 1; bits < 0x7c00; bits++) {
    assert.ok(fromHalf(bits) > fromHalf(bits - 1));
    assert.equal(fromHalf(bits | 0x8000), -fromHalf(bits));
  }
});

test("base64 is bytes, every one of them", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(bytesOf(Buffer.from(bytes).toString("base64")), bytes);
  assert.deepEqual(bytesOf("AQI="), Uint8Array.of(1, 2));
  assert.deepEqual(bytesOf(""), new Uint8Array());
});

test("arrays are read in all types", () => {
  assert.deepEqual(unpacked(packed("uint8", Uint8Array.of(0, 7, 255))), Uint8Array.of(0, 7, 255));
  const floats = Float32Array.of(0.1, -3e38, 1e-45, Infinity);
  assert.deepEqual(unpacked(packed("float32", floats)), floats);
  const halves = Uint16Array.of(0x3c00, 0x0001, 0xc000);
  assert.deepEqual(unpacked(packed("float16", halves)), Float32Array.of(1, 2 ** -24, -2));
});

test("the network's weights come layer by layer, then its biases", () => {
  const flat = Float32Array.from({ length: 6 + 2 + 2 + 1 }, (_, i) => i);
  const network = {
    layer_sizes: [3, 2, 1],
    activations: [{ name: "relu", parameters: {} }],
    loss: { name: "squared", parameters: {} },
    weights: packed("float32", flat),
  };
  const content = decode({ network, samples: null, measured: null, title: "t" });
  assert.equal(content.title, "t");
  assert.equal(content.stored, "float32");
  assert.deepEqual(content.network.sizes, [3, 2, 1]);
  assert.deepEqual(content.network.weights, [flat.slice(0, 6), flat.slice(6, 8)]);
  assert.deepEqual(content.network.biases, [flat.slice(8, 10), flat.slice(10)]);
  assert.equal(content.samples, null);
  assert.equal(content.measured, null);
});

test("samples and hidden spaces are read where there are some", () => {
  const network = {
    layer_sizes: [1, 1],
    activations: [],
    loss: { name: "squared", parameters: {} },
    weights: packed("float32", Float32Array.of(1, 2)),
  };
  const one = packed("float32", Float32Array.of(0.5, 1));
  const hidden = [{ layer: 1, explained: [0.9, 0.1], points: one, mean: one, axes: one }];
  const samples = { n: 2, X: packed("uint8", Uint8Array.of(3, 4)), target: [0, 1] };
  const content = decode({ network, samples, measured: { n: 9, hidden } });
  assert.deepEqual(content.samples.X, Uint8Array.of(3, 4));
  assert.deepEqual(content.samples.target, [0, 1]);
  assert.equal(content.measured.n, 9);
  assert.deepEqual(content.measured.hidden[0].points, Float32Array.of(0.5, 1));
  assert.equal(content.measured.hidden[0].layer, 1);
});
