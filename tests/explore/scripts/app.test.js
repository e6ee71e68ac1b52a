import assert from "node:assert/strict";
import test from "node:test";

import { App, MOST_STEPS, scalesOf } from "#app";
import { backward, forward, forwardFrom, loss, stepped } from "#arithmetic";

import { fakeClock, replaceGlobals } from "./browser.js";
import { CONTENTS, contentOf, imagesContent, networkOf } from "./example.js";

/** An app whose time passes when `wait` is called. */
function appOf(t, content = contentOf(), state = {}) {
  const { wait, ...clock } = fakeClock();
  replaceGlobals(t, clock);
  return { app: new App(content, state), wait };
}

const close = (found, wanted) => {
  assert.equal(found.length, wanted.length);
  wanted.forEach((value, i) => assert.ok(Math.abs(found[i] - value) < 1e-12, `${found} ${wanted}`));
};

// --- undo -------------------------------------------------------------------------------------

test("changes of the network are taken back and made again, one by one", (t) => {
  const { app, wait } = appOf(t);
  assert.equal(app.canUndo, false);
  app.set({ scales: { "0:1": 0 } });
  wait(1000);
  app.set({ scales: { "0:1": 0, "1:2": 0.5 } });
  wait(1000);
  app.set({ steps: 1 });
  wait(1000);
  app.set({ rate: 0.5 });
  app.undo();
  assert.equal(app.state.rate, 0.1);
  app.undo();
  assert.equal(app.state.steps, 0);
  app.undo();
  assert.deepEqual(app.state.scales, { "0:1": 0 });
  app.undo();
  assert.deepEqual(app.state.scales, {});
  assert.equal(app.canUndo, false);
  app.undo();
  for (let i = 0; i < 4; i++) app.redo();
  assert.equal(app.canRedo, false);
  app.redo();
  assert.deepEqual(app.state.scales, { "0:1": 0, "1:2": 0.5 });
  assert.equal(app.state.steps, 1);
  assert.equal(app.state.rate, 0.5);
  app.undo();
  assert.equal(app.state.rate, 0.1);
});

test("what a reader looks at is not taken back", (t) => {
  const { app } = appOf(t);
  app.set({ tab: "chain", layer: 1, unit: 2, sample: 1, threshold: 0.9 });
  assert.equal(app.canUndo, false);
  app.set({ scales: { "0:0": 2 } });
  app.set({ tab: "samples" });
  app.undo();
  assert.equal(app.state.tab, "samples");
  assert.equal(app.state.layer, 1);
  assert.deepEqual(app.state.scales, {});
});

test("a new change ends what could be made again", (t) => {
  const { app } = appOf(t);
  app.set({ scales: { "0:0": 0 } });
  app.undo();
  assert.equal(app.canRedo, true);
  app.set({ threshold: 0.1 });
  assert.equal(app.canRedo, true);
  app.set({ scales: { "0:1": 0 } });
  assert.equal(app.canRedo, false);
});

test("a slider's way is taken back at once", (t) => {
  const { app, wait } = appOf(t);
  for (const factor of [0.9, 0.6, 0.3]) {
    app.set({ scales: { "0:1": factor } });
    wait(100);
  }
  wait(1000);
  app.set({ scales: { "0:1": 1.5 } });
  app.undo();
  assert.deepEqual(app.state.scales, { "0:1": 0.3 });
  app.undo();
  assert.deepEqual(app.state.scales, {});
});

test("another unit is another gesture, however soon", (t) => {
  const { app } = appOf(t);
  app.set({ scales: { "0:1": 0 } });
  app.set({ scales: { "0:1": 0, "0:2": 0 } });
  app.undo();
  assert.deepEqual(app.state.scales, { "0:1": 0 });
});

test("every step is taken back by itself, however soon", (t) => {
  const { app } = appOf(t);
  app.set({ steps: 1 });
  app.set({ steps: 2 });
  app.undo();
  assert.equal(app.state.steps, 1);
});

test("a change after an undo is not taken for a part of what was before", (t) => {
  const { app } = appOf(t);
  app.set({ scales: { "0:1": 0.5 } });
  app.undo();
  app.redo();
  app.set({ scales: { "0:1": 0.7 } });
  app.undo();
  assert.deepEqual(app.state.scales, { "0:1": 0.5 });
});

test("what is the same is no change", (t) => {
  const { app } = appOf(t);
  app.set({ scales: {}, steps: 0 });
  app.set({ scales: { "0:1": 0 } });
  app.set({ scales: { "0:1": 0 } });
  app.undo();
  assert.equal(app.canUndo, false);
});

// --- steps ------------------------------------------------------------------------------------

for (const [name, change] of Object.entries({
  sample: { sample: 2 },
  drawing: { source: "drawn", input: [1, 2, 3] },
  label: { label: 2 },
}))
  test(`another ${name} has no steps, and none to take back`, (t) => {
    const { app } = appOf(t);
    app.set({ scales: { "0:0": 0 } });
    app.set({ steps: 1 });
    app.set({ steps: 3 });
    app.undo();
    app.set(change);
    assert.equal(app.state.steps, 0);
    assert.equal(app.network(), app.content.network);
    assert.equal(app.canRedo, false);
    app.undo();
    assert.equal(app.state.steps, 0);
    assert.deepEqual(app.state.scales, {});
    assert.equal(app.canUndo, false);
  });

test("a link has its steps on its own input", (t) => {
  const { app } = appOf(t);
  app.set({ sample: 2, steps: 4 });
  assert.equal(app.state.steps, 4);
});

/** The network after steps, from the beginning. */
function walked(app, scales) {
  let { network } = app.content;
  for (let i = 0; i < app.state.steps; i++) {
    const pass = forward(network, app.x(), scales);
    const gradient = backward(network, pass, app.target(), scales);
    network = stepped(network, pass, gradient, app.state.rate);
  }
  return network;
}

test("the network is where its steps lead, whichever way the state came there", (t) => {
  const { app } = appOf(t);
  const ways = [
    { steps: 3 }, { steps: 4 }, { steps: 2 }, { rate: 0.4 }, { steps: 5, threshold: 0.2 },
    { scales: { "0:1": 0.5 } }, { label: 1 }, { steps: 2 }, { sample: 3, steps: 3 }, { steps: 6 },
    { tab: "chain" }, { source: "fields", input: [1, 0, 2], steps: 2 },
  ]; // prettier-ignore
  for (const way of ways) {
    app.set(way);
    const wanted = walked(app, scalesOf(app.content.network, app.state.scales));
    assert.deepEqual(app.network().weights, wanted.weights, JSON.stringify(way));
    assert.deepEqual(app.network().biases, wanted.biases, JSON.stringify(way));
  }
});

test("a step makes the loss smaller", (t) => {
  for (const content of Object.values(CONTENTS)) {
    const { app } = appOf(t, content, { rate: 0.01, input: [0.3, -0.2, 2], source: "fields" });
    if (content.input.kind === "image") app.set({ input: new Array(20).fill(99) });
    if (content.task === "regression") app.set({ label: [1, -1] });
    if (content.task === "classification") app.set({ label: 1 });
    if (content.task === "multilabel") app.set({ label: content.target.classes.map(() => 1) });
    const before = app.gradient().loss;
    app.set({ steps: 1 });
    assert.ok(app.gradient().loss < before);
    assert.equal(app.gradient().loss, loss(app.network(), app.pass(), app.target()));
  }
});

test("the most steps that a link may ask for leave the answer a number", (t) => {
  const { app } = appOf(t, contentOf(), { steps: MOST_STEPS, rate: 10 });
  assert.ok(app.answer().probabilities.every(Number.isFinite));
});

// --- what follows from the state ----------------------------------------------------------------

test("what does not change the numbers leaves them as they are", (t) => {
  const { app } = appOf(t, contentOf(), { steps: 1 });
  const [pass, gradient, network] = [app.pass(), app.gradient(), app.network()];
  app.set({ tab: "chain", layer: 1, unit: 1, weight: [0, 1, 1], hiddenLayer: 1, cell: [0, 0] });
  assert.equal(app.pass(), pass);
  assert.equal(app.gradient(), gradient);
  app.set({ threshold: 0.9 });
  assert.equal(app.network(), network);
  app.set({ scales: { "0:1": 0 } });
  assert.notEqual(app.pass(), pass);
});

test("the network's input is shifted and scaled, as a whole or by column", (t) => {
  const one = contentOf({ input: { ...contentOf().input, shift: 1, scale: 2 } });
  close(appOf(t, one, { input: [1, 2, 3], source: "fields" }).app.x(), [0, 2, 4]);
  const each = { ...contentOf().input, shift: [1, 2, 3], scale: [1, 10, 100] };
  close(appOf(t, contentOf({ input: each }), { input: [2, 3, 4] }).app.x(), [1, 10, 100]);
});

test("without samples a page begins with an empty image, or the middle of each column", (t) => {
  assert.deepEqual([...appOf(t, CONTENTS["no samples"]).app.raw()], [0.5, 0, 3]);
  const { app } = appOf(t, imagesContent({ samples: null }));
  assert.deepEqual(app.raw(), new Float64Array(20));
  assert.equal(app.state.sample, null);
  assert.equal(app.truth(), null);
});

test("a sample is its row, and what a reader changed is not", (t) => {
  const { app } = appOf(t);
  app.set({ sample: 2 });
  assert.deepEqual(app.raw(), app.content.samples.X.slice(6, 9));
  assert.equal(app.truth(), 2);
  app.set({ source: "fields", input: [1, 2, 3] });
  assert.deepEqual(app.raw(), [1, 2, 3]);
  assert.equal(app.truth(), null);
});

test("the target is what a reader says, then what the data says, then the answer", (t) => {
  const { app } = appOf(t);
  app.set({ sample: 1 });
  assert.equal(app.target(), 1);
  app.set({ label: 0 });
  assert.equal(app.target(), 0);
  app.set({ label: null, source: "fields", input: [0.1, 0.2, 0.3] });
  const { output } = forward(app.content.network, app.x());
  assert.equal(app.target(), output.indexOf(Math.max(...output)));
});

test("without a truth the target is the untouched network's answer, whatever is changed", (t) => {
  const { app } = appOf(t, CONTENTS["no samples"]);
  const target = app.target();
  for (let unit = 0; unit < 5; unit++) {
    app.set({ scales: { [`0:${unit}`]: -2 } });
    assert.equal(app.target(), target);
  }
});

test("a target of two classes is a number for the single output", (t) => {
  const { app } = appOf(t, CONTENTS["two classes"]);
  app.set({ sample: 1 });
  assert.deepEqual(app.target(), Float64Array.of(1));
  app.set({ label: 0 });
  assert.deepEqual(app.target(), Float64Array.of(0));
  app.set({ label: null, source: "fields", input: [0.1, 0.2, 0.3] });
  const [second] = forward(app.content.network, app.x()).output;
  assert.deepEqual(app.target(), Float64Array.of(second > 0.5 ? 1 : 0));
});

test("targets of labels, numbers, quantiles and copies", (t) => {
  const at = { input: [0.1, 0.2, 0.3], source: "fields" };
  const labels = appOf(t, CONTENTS.labels, at).app;
  assert.deepEqual(labels.target(), labels.pass().output.map(Math.round));
  labels.set({ label: [1, 0, 1] });
  assert.deepEqual(labels.target(), Float64Array.of(1, 0, 1));
  const numbers = appOf(t, CONTENTS.numbers, at).app;
  assert.deepEqual(numbers.target(), numbers.pass().output);
  assert.equal(numbers.gradient().loss, 0);
  const quantiles = appOf(t, CONTENTS.quantiles, at).app;
  const { output } = quantiles.pass();
  // Shown in ascending order, whatever the network puts out.
  const middle = (three) => three.sort((a, b) => a - b)[1];
  assert.deepEqual(quantiles.target(), Float64Array.of(middle(output.slice(0, 3)), middle(output.slice(3))));
  const copies = appOf(t, CONTENTS.copies, at).app;
  assert.equal(copies.target(), copies.x());
});

test("a sample's target is what the loss takes", (t) => {
  assert.equal(appOf(t).app.sampleTarget(2), 2);
  assert.deepEqual(appOf(t, CONTENTS["two classes"]).app.sampleTarget(1), Float64Array.of(1));
  const { app } = appOf(t, CONTENTS.copies);
  assert.deepEqual(app.sampleTarget(1), app.sampleInput(1));
  const unknown = contentOf();
  unknown.samples.target = null;
  assert.equal(appOf(t, unknown).app.sampleTarget(1), null);
});

test("the answer: order, doubt and entropy", (t) => {
  const network = networkOf([1, 4], { name: "softmax_cross_entropy" });
  network.weights[0].fill(0);
  network.biases[0].set([0, Math.log(2), 0, -Infinity]); // ¼ ½ ¼ 0
  const content = contentOf({ network, samples: null, input: { ...contentOf().input, low: [0], high: [0] } });
  const { app } = appOf(t, content);
  const { probabilities, order, best, unsure, entropy } = app.answer();
  probabilities.forEach((p, i) => assert.ok(Math.abs(p - [0.25, 0.5, 0.25, 0][i]) < 1e-6));
  assert.deepEqual(order, [1, 0, 2, 3]);
  assert.equal(best, 1);
  assert.ok(Math.abs(entropy - 1.5) < 1e-6);
  app.set({ threshold: 0.51 });
  assert.equal(app.answer().unsure, true);
  app.set({ threshold: 0.49 });
  assert.equal(app.answer().unsure, false);
  assert.equal(typeof unsure, "boolean");
});

test("factors belong to units of layers", () => {
  const { network } = contentOf();
  assert.deepEqual(scalesOf(network, {}), [null, null]);
  assert.deepEqual(scalesOf(network, { "1:2": 0, "1:0": 3 }), [null, Float64Array.of(3, 1, 0, 1)]);
});

// --- subscriptions ------------------------------------------------------------------------------

test("a bottleneck that is set drives what follows, and nothing goes back through it", (t) => {
  const { app } = appOf(t, CONTENTS.copies);
  const own = app.pass();
  app.set({ bottleneck: [0.5, -2] });
  const { network } = CONTENTS.copies;
  close(app.pass().output, forwardFrom(network, 1, [0.5, -2]).output);
  close(app.pass().z[0], own.z[0]);
  assert.deepEqual([...app.pass().inputs[1]], [0.5, -2]);
  const { delta, input } = app.gradient();
  assert.ok(delta[1].some(Boolean));
  assert.ok(![...delta[0], ...input].some(Boolean));
});

test("a bottleneck ends with another input or network, not with what is looked at", (t) => {
  for (const changes of [{ sample: 1 }, { scales: { "0:1": 0 } }, { steps: 1 }, { rate: 0.3 }]) {
    const { app } = appOf(t, CONTENTS.copies, { bottleneck: [1, 1] });
    app.set({ tab: "chain", unit: 1 });
    assert.deepEqual(app.state.bottleneck, [1, 1]);
    app.set(changes);
    assert.equal(app.state.bottleneck, null, JSON.stringify(changes));
  }
});

test("listeners are told once a frame, of everything in it", (t) => {
  const { app, wait } = appOf(t);
  const told = [];
  app.subscribe((one, changed) => told.push([one, [...changed].sort()]));
  app.set({ tab: "chain" });
  app.set({ unit: 1 });
  app.set({ unit: 2, layer: 1 });
  app.set({ unit: 2 });
  assert.deepEqual(told, []);
  wait(20);
  assert.deepEqual(told, [[app, ["layer", "tab", "unit"]]]);
  wait(1000);
  assert.equal(told.length, 1);
  app.set({ sample: 1 });
  wait(20);
  assert.deepEqual(told[1][1], ["sample", "steps"]);
});

test("a listener's own changes come with the next frame", (t) => {
  const { app, wait } = appOf(t);
  const told = [];
  app.subscribe((_, changed) => {
    told.push([...changed]);
    app.set({ unit: 1 });
  });
  app.set({ tab: "chain" });
  wait(1000);
  assert.deepEqual(told, [["tab"], ["unit"]]);
});

test("frames are the browser's, or a clock's where the page is in the background", (t) => {
  const { app, wait } = appOf(t);
  const frames = [];
  replaceGlobals(t, { requestAnimationFrame: (call) => frames.push(call), document: { hidden: false } });
  let told = 0;
  app.subscribe(() => (told += 1));
  app.set({ unit: 1 });
  wait(1000);
  assert.equal(told, 0);
  frames[0]();
  assert.equal(told, 1);
  document.hidden = true;
  app.set({ unit: 2 });
  wait(20);
  assert.equal(told, 2);
});
