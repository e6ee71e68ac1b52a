import assert from "node:assert/strict";
import test from "node:test";

import { fullName, inputName, number, outputName, percent, unitName } from "#names";

const choice = {
  kind: "choice",
  name: "color",
  features: [1, 2],
  options: [
    { label: "red", encoded: [1, 0] },
    { label: "<b>", encoded: [0, 1] },
  ],
};
const content = {
  task: "classification",
  network: { sizes: [4, 5, 2] },
  input: { shape: null, fields: [{ kind: "number", name: "length", feature: 0 }, choice] },
  target: { name: "kind", classes: ["cat", "dog"] },
};

test("inputs have the names of their columns and options", () => {
  const names = [0, 1, 2, 3].map((i) => inputName(content, i));
  assert.deepEqual(names, ["length", "color = red", "color = <b>", "input 3"]);
});

test("pixels have a row and a column", () => {
  const image = { ...content, input: { shape: [28, 20], fields: [] } };
  assert.equal(inputName(image, 43), "pixel 2, 3");
});

test("units have numbers, outputs the names of classes", () => {
  assert.equal(unitName(content, 0, 3), "unit 3");
  assert.equal(unitName(content, 1, 1), "dog");
  assert.equal(unitName(content, -1, 0), "length");
  assert.equal(fullName(content, 0, 3), "Unit 3 of hidden layer 1");
  assert.equal(fullName(content, 1, 0), "Output cat");
});

test("a single output is the second class", () => {
  assert.equal(outputName({ ...content, network: { sizes: [4, 1] } }, 0), "dog");
});

test("a number that is predicted has its own name, or the target's", () => {
  const named = { name: "price", classes: null, names: ["low", "high"] };
  assert.equal(outputName({ ...content, task: "regression", target: named }, 1), "high");
  const target = { ...named, names: null };
  assert.equal(outputName({ ...content, task: "regression", target }, 0), "price");
});

test("an autoencoder's outputs have the names of its inputs", () => {
  const target = { name: null, classes: null, names: null };
  assert.equal(outputName({ ...content, task: "autoencoder", target }, 0), "length");
});

test("numbers have three digits and a minus sign", () => {
  const written = [0, 1, -1.234, 12.34, 1234.5, -0.1234, 0.01234, 0.00012, 1e6].map(number);
  const wanted = ["0", "1.00", "−1.23", "12.3", "1235", "−0.123", "0.0123", "1.2e−4", "1.0e+6"];
  assert.deepEqual(written, wanted);
});

test("nearly nothing and nearly all are not called so", () => {
  const written = [0, 1, 0.5, 0.00049, 0.9996, 0.001, 0.12345].map((share) => percent(share));
  assert.deepEqual(written, ["0.0 %", "100.0 %", "50.0 %", "< 0.1 %", "> 99.9 %", "0.1 %", "12.3 %"]);
  assert.equal(percent(0.001, 0), "0 %");
});
