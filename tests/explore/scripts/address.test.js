import assert from "node:assert/strict";
import test from "node:test";

import { keepInAddress, read, written } from "#address";
import { App, initialState } from "#app";
import { bottleneckOf } from "#outputs";

import { fakeClock, replaceGlobals } from "./browser.js";
import { CONTENTS, contentOf, imagesContent, randomNumbers } from "./example.js";

const firstState = (content) => ({ ...initialState(), sample: content.samples ? 0 : null });
const back = (state, content) => read(`#${written(state, content)}`, content);

/** Change the first state's parts, write it and read it again. */
function comesBack(content, changes) {
  const state = { ...firstState(content), ...changes };
  assert.deepEqual(back(state, content), state);
}

test("the first state needs no address", () => {
  for (const content of Object.values(CONTENTS)) {
    assert.equal(written(firstState(content), content), "");
    assert.deepEqual(read("", content), firstState(content));
    assert.deepEqual(read("#", content), firstState(content));
  }
});

const PARTS = {
  tab: { tab: "samples" },
  sample: { sample: 3 },
  "a changed row": { source: "fields", input: [0.25, -1e-7, 123456] },
  label: { label: 2 },
  "the first class": { label: 0 },
  layer: { layer: 2 },
  unit: { layer: 1, unit: 3 },
  "the first unit": { unit: 0 },
  scales: { scales: { "0:4": 0, "1:0": -1.25, "1:3": 2 } },
  threshold: { threshold: 0.875 },
  "no threshold": { threshold: 0 },
  rate: { rate: 0.003 },
  steps: { steps: 100 },
  weight: { weight: [2, 3, 0] },
  "a hidden layer": { hiddenLayer: 2 },
  cell: { cell: [2, 0] },
};
for (const [name, changes] of Object.entries(PARTS))
  test(`${name} can be sent`, () => comesBack(CONTENTS.table, changes));

test("every part of the state is in the address", () => {
  const changed = new Set([...Object.values(PARTS).flatMap(Object.keys), "bottleneck"]);
  assert.deepEqual([...changed].sort(), Object.keys(initialState()).sort());
});

test("the bottleneck of an autoencoder can be sent, whole or not at all", () => {
  const { copies, table } = CONTENTS;
  const width = copies.network.sizes[bottleneckOf(copies) + 1];
  const bottleneck = Array.from({ length: width }, (_, i) => 0.5 - i);
  comesBack(copies, { bottleneck });
  for (const text of ["", "x", "1e9", `${bottleneck},1`, `${bottleneck.slice(1)}`, `${bottleneck}e`])
    assert.equal(read(`#bottleneck=${text}`, copies).bottleneck, null, text);
  assert.equal(read(`#bottleneck=${bottleneck}`, table).bottleneck, null);
});

test("labels of every task can be sent", () => {
  comesBack(CONTENTS["two classes"], { label: 1 });
  comesBack(CONTENTS.labels, { label: [1, 0, 1] });
  comesBack(CONTENTS["one label"], { label: [1] });
  comesBack(CONTENTS.numbers, { label: [1 / 3, -2e5] });
  comesBack(CONTENTS.quantiles, { label: [0.1, 7] });
});

test("drawings can be sent", () => {
  const drawn = (input) => ({ source: "drawn", input });
  const stroke = [0, 0, 0, 0, 0, 0, 255, 128, 1, 0, 0, 254, 0, 0, 0, 0, 0, 0, 0, 0];
  comesBack(CONTENTS.images, drawn(stroke));
  comesBack(CONTENTS.images, drawn(new Array(20).fill(0)));
  comesBack(CONTENTS.images, drawn(new Array(20).fill(255)));
});

test("an empty canvas makes a short address, runs of zeros beyond 255 too", () => {
  const wide = imagesContent({ network: { ...CONTENTS.images.network, sizes: [784, 6, 3] } });
  const input = new Array(784).fill(0);
  assert.ok(written({ ...firstState(wide), input }, wide).length < 40);
  assert.deepEqual(back({ ...firstState(wide), input }, wide).input, input);
});

test("a drawing keeps its greys where pixels end at 16 or at 1", () => {
  for (const most of [16, 1]) {
    const { input: described } = CONTENTS.images;
    const content = imagesContent({ input: { ...described, high: new Array(20).fill(most) } });
    const input = Array.from({ length: 20 }, (_, i) => (i * 12 * most) / 255);
    assert.deepEqual(back({ ...firstState(content), input }, content).input, input);
  }
});

test("what has no meaning is as if it were not there", () => {
  const broken = [
    "tab=<script>", "tab=", "source=camera", "sample=4", "sample=-1", "sample=1.5", "sample=1e0",
    "sample=", "sample=NaN", "input=1,2", "input=1,2,x", "input=1,2,", "input=1,2,Infinity",
    "input=1,2,1e300", "input=,,", "input=1,2,3,4", "label=3", "label=x", "label=-1", "label=1,2",
    "layer=3", "layer=-1", "unit=5", "unit=9999999999", "unit=a", "scales=0.5_1", "scales=2.0_1",
    "scales=0.0_x", "scales=0.0_Infinity", "scales=~~", "scales=__proto__", "threshold=1.1",
    "threshold=-0.1", "threshold=", "threshold=x", "rate=-1", "rate=NaN", "steps=101", "steps=-1",
    "weight=0.0", "weight=0.3.0", "weight=0.0.5", "weight=3.0.0", "weight=0.0.0.0", "weight=a.b.c",
    "weight=", "hiddenLayer=3", "cell=0", "cell=0.3", "cell=0.0.0", "nonsense=1", "%E0%A4%A",
    "&&&", "=", "constructor=1", "__proto__=1", "\u0000",
  ]; // prettier-ignore
  const { table } = CONTENTS;
  for (const text of broken) assert.deepEqual(read(text, table), firstState(table), text);
});

test("one broken part spoils no other", () => {
  const state = read("#sample=2&unit=x&scales=0.1_0~9.9_1&threshold=0.75", CONTENTS.table);
  const wanted = { sample: 2, scales: { "0:1": 0 }, threshold: 0.75 };
  assert.deepEqual(state, { ...firstState(CONTENTS.table), ...wanted });
});

test("broken drawings are left out, however large they would be", () => {
  const { images } = CONTENTS;
  const bomb = Buffer.from(new Uint8Array(2e6).map((_, i) => (i % 2 ? 255 : 0))).toString("base64");
  for (const input of ["", "*", "AAAA", "AP8", "AA", "AQ", bomb])
    assert.deepEqual(read(new URLSearchParams({ input }).toString(), images), firstState(images));
});

test("pages without samples or classes take none from a link", () => {
  for (const name of ["no samples", "numbers"])
    assert.equal(read("#sample=0", CONTENTS[name]).sample, null);
  assert.equal(read("#cell=0.0", CONTENTS.numbers).cell, null);
  assert.equal(read("#label=1", CONTENTS.copies).label, null);
});

test("what is shown follows from whether a link has an input", () => {
  assert.equal(read("#source=drawn", CONTENTS.images).source, "sample");
  assert.equal(read("#input=1,2,3", CONTENTS.table).source, "fields");
  assert.equal(read("#source=drawn&input=1,2,3", CONTENTS.table).source, "fields");
});

/** A state that a reader can get to. */
function drawnState(content, random) {
  const { network, input, samples, target, task } = content;
  const below = (n) => Math.floor(random() * n);
  const maybe = (value) => (random() < 0.5 ? value : null);
  const layer = below(network.weights.length);
  const isImage = input.kind === "image";
  const grey = () => (random() < 0.6 ? 0 : below(256));
  const rounded = (value) => Number(value.toPrecision(6));
  const row = Array.from({ length: network.sizes[0] }, () =>
    isImage ? grey() : rounded((random() - 0.5) * 10 ** below(9)),
  );
  const changed = maybe(row);
  const scales = {};
  network.activations.forEach((_, l) => {
    for (let unit = 0; unit < network.sizes[l + 1]; unit++)
      if (random() < 0.3) scales[`${l}:${unit}`] = rounded(2 * random());
  });
  const label = {
    classification: () => below(target.classes?.length ?? 1),
    multilabel: () => target.classes.slice(0, network.sizes.at(-1)).map(() => below(2)),
    regression: () => Array.from({ length: 2 }, () => random() * 100 - 50),
    autoencoder: () => null,
  }[task]();
  const of = below(network.weights.length);
  const numbers = (column) => Array.from({ length: network.sizes[column] }, () => rounded(random()));
  return {
    tab: ["network", "chain", "samples", "code"][below(4)],
    source: changed ? (isImage ? "drawn" : "fields") : "sample",
    sample: samples && below(samples.n),
    input: changed,
    label: maybe(label),
    layer,
    unit: maybe(below(network.sizes[layer + 1])),
    scales,
    bottleneck: task === "autoencoder" ? maybe(numbers(bottleneckOf(content) + 1)) : null,
    threshold: rounded(random()),
    rate: rounded(10 ** (random() * 6 - 4)),
    steps: below(101),
    weight: maybe([of, below(network.sizes[of]), below(network.sizes[of + 1])]),
    hiddenLayer: below(network.activations.length + 1),
    cell: target.classes && maybe([below(target.classes.length), below(target.classes.length)]),
  };
}

for (const [name, content] of Object.entries(CONTENTS))
  test(`drawn states come back: ${name}`, () => {
    const random = randomNumbers(8);
    for (let i = 0; i < 200; i++) {
      const state = drawnState(content, random);
      assert.deepEqual(back(state, content), state);
    }
  });

test("any text is read, and gives a state that comes back", () => {
  const random = randomNumbers(9);
  const signs = "0123456789.,-_~&=%+:abelnptux/<\u00e9";
  const keys = Object.keys(initialState());
  for (let i = 0; i < 2000; i++) {
    const parts = Array.from({ length: 4 }, () => {
      const value = Array.from({ length: 8 * random() }, () => signs[Math.floor(random() * signs.length)]);
      return `${keys[Math.floor(random() * keys.length)]}=${value.join("")}`;
    });
    const content = Object.values(CONTENTS)[i % Object.keys(CONTENTS).length];
    const state = read(parts.join("&"), content);
    assert.deepEqual(Object.keys(state).sort(), [...keys].sort());
    new App(content, state).answer();
    assert.equal(written(back(state, content), content), written(state, content));
  }
});

/** The parts of a browser that an address needs. */
function browser(t) {
  const written = [];
  const heard = {};
  const { wait, ...clock } = fakeClock();
  replaceGlobals(t, {
    ...clock,
    window: clock,
    location: { hash: "" },
    history: {
      replaceState: (_state, _title, address) => {
        written.push(address);
        location.hash = address === "#" ? "" : address;
      },
    },
    addEventListener: (name, listener) => (heard[name] = listener),
  });
  return { written, heard, wait };
}

test("a gesture is one change of the address, when it has ended", (t) => {
  const { written, wait } = browser(t);
  const app = new App(contentOf());
  keepInAddress(app);
  for (let i = 1; i <= 50; i++) {
    app.set({ threshold: i / 100 });
    wait(17);
  }
  assert.deepEqual(written, []);
  wait(1000);
  assert.deepEqual(written, []); // 0.5 is the first state's
  app.set({ sample: 2 });
  wait(1000);
  app.set({ sample: 0 });
  wait(1000);
  assert.deepEqual(written, ["#sample=2", "#"]);
});

test("another address changes the state, and is not overwritten before", (t) => {
  const { written, heard, wait } = browser(t);
  const app = new App(contentOf());
  keepInAddress(app);
  app.set({ sample: 1 });
  location.hash = "#sample=3&nonsense=1";
  wait(1000);
  assert.deepEqual(written, []);
  heard.hashchange();
  assert.equal(app.state.sample, 3);
  wait(1000);
  assert.deepEqual(written, ["#sample=3"]);
});

test("a late event does not bring a state back", (t) => {
  const { heard } = browser(t);
  const app = new App(contentOf());
  keepInAddress(app);
  location.hash = "#sample=3";
  heard.hashchange();
  app.set({ sample: 2 });
  heard.hashchange();
  assert.equal(app.state.sample, 2);
});
