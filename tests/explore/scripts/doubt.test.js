import assert from "node:assert/strict";
import test from "node:test";

import { alterations } from "#altered";
import { doubtAboutLabels, doubtAmongClasses } from "#doubt";

const names = ["cat", "dog", "cow"];

function answer(probabilities, threshold = 0.5) {
  const order = [...probabilities.keys()].sort((i, j) => probabilities[j] - probabilities[i]);
  const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
  return { probabilities, order, best: order[0], entropy, unsure: probabilities[order[0]] < threshold };
}

test("no doubt is no proof", () => {
  const words = "It has no doubt about that. That does not make it right.";
  assert.equal(doubtAmongClasses(answer([0.001, 0.998, 0.001]), names), words);
});

test("the second choice is named", () => {
  const words = "Its second choice is cow, 0.6 %.";
  assert.equal(doubtAmongClasses(answer([0.9935, 0.0005, 0.006]), names).split(" In all")[0], words);
});

test("two that are close are both named", () => {
  const words =
    "It hesitates between dog, 50.0 %, and cat, 50.0 %. In all it is as unsure as among 2.0 equally likely classes.";
  assert.equal(doubtAmongClasses(answer([0.4999, 0.5, 0.0001]), names).replace("49.9", "50.0"), words);
});

test("who does not know has a best guess", () => {
  const words =
    "Its best guess is cat, 70.0 %; then dog, 20.0 %. In all it is as unsure as among 2.2 equally likely classes.";
  assert.equal(doubtAmongClasses(answer([0.7, 0.2, 0.1], 0.8), names), words);
});

test("labels are open between a fifth and four fifths", () => {
  const sure = "It has little doubt about any label. That does not make it right.";
  assert.equal(doubtAboutLabels(answer([0.01, 0.9, 0.1]), names), sure);
  assert.equal(doubtAboutLabels(answer([0.3, 0.9, 0.7]), names), "It is unsure about cat, cow.");
  const many = Array.from({ length: 7 }, (_, i) => String(i));
  const words = "It is unsure about 0, 1, 2, 3, 4 and 2 more.";
  assert.equal(doubtAboutLabels(answer(many.map(() => 0.5)), many), words);
});

test("what is no longer as it was trained is counted", () => {
  assert.deepEqual(alterations({ scales: {}, steps: 0 }), []);
  assert.deepEqual(alterations({ scales: { "0:1": 1 }, steps: 1 }), ["learnt 1 step more"]);
  const both = ["2 changed units", "learnt 2 steps more"];
  assert.deepEqual(alterations({ scales: { "0:1": 0, "1:2": 2 }, steps: 2 }), both);
});
