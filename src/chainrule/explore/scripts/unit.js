/**
 * The chosen unit: what it takes, what excites it, what it sends, and what happens without it.
 *
 * @typedef {import("#app").App} App
 */
import { furthest, signedBars } from "#bars";
import { element } from "#elements";
import { experiment } from "#experiment";
import { excitingSamples } from "#exciting_samples";
import { keepUpdated } from "#in_view";
import { fullName, isOutput, layerName, number, unitName } from "#names";
import { unitChooser } from "#unit_chooser";
import { weightImages } from "#weight_images";

const BARS = 12;

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const title = element("h3", { tabindex: "-1", class: "unit-name" });
  const facts = element("p", { class: "summary" });
  const incoming = part("What it takes");
  const exciting = excitingSamples(app);
  const outgoing = part("What it sends");
  const trial = experiment(app);
  const chooser = unitChooser(app);
  const weights = element("div", {}, incoming.root, outgoing.root);
  const about = element("div", { class: "unit-parts" }, weights, exciting.root);
  const images = weightImages(app);

  /**
   * Look into another unit, and go on reading there.
   * @param {number} layer
   * @param {number} unit
   */
  function choose(layer, unit) {
    app.set({ layer, unit });
    title.focus();
  }

  function update() {
    const { layer, unit } = app.state;
    chooser.update();
    trial.update();
    about.hidden = facts.hidden = unit === null;
    if (unit === null) {
      title.textContent = "No unit is chosen yet: choose one here, in the layers or in the drawing.";
      return;
    }
    title.textContent = fullName(app.content, layer, unit);
    facts.textContent = describe(app, layer, unit);
    incoming.show(...incomingParts(app, layer, unit, images, choose));
    outgoing.show(...outgoingParts(app, layer, unit, choose));
    outgoing.root.hidden = isOutput(app.content, layer);
    exciting.update();
  }

  root.append(chooser.root, title, facts, trial.root, about);
  keepUpdated(root, app, update);
}

/** @param {string} heading */
function part(heading) {
  const body = element("div", {});
  const root = element("section", { class: "part" }, element("h4", {}, heading), body);
  return { root, show: (/** @type {Node[]} */ ...children) => body.replaceChildren(...children) };
}

/**
 * The unit's sum and activation, and where Python has its weights.
 * @param {App} app
 * @param {number} layer
 * @param {number} unit
 */
function describe(app, layer, unit) {
  const pass = app.pass();
  const bias = app.network().biases[layer][unit];
  const sum = `weighted sum ${number(pass.z[layer][unit])} (of it bias ${number(bias)})`;
  const value = isOutput(app.content, layer) ? pass.output[unit] : pass.inputs[layer + 1][unit];
  const name = isOutput(app.content, layer) ? "output" : "activation";
  const python = `coefs_[${layer}][:, ${unit}]`;
  return `For this input: ${sum}, ${name} ${number(value)}. Its weights in Python: ${python}`;
}

/**
 * @param {App} app
 * @param {number} layer
 * @param {number} unit
 * @param {ReturnType<typeof weightImages>} images
 * @param {(layer: number, unit: number) => void} choose
 */
function incomingParts(app, layer, unit, images, choose) {
  const weights = incomingWeights(app.network(), layer, unit);
  if (layer === 0 && app.content.input.shape) {
    images.update(weights, app.x());
    return [images.root];
  }
  const inputs = app.pass().inputs[layer];
  const bars = furthest(weights, BARS).map((i) => ({
    name: unitName(app.content, layer - 1, i),
    value: weights[i],
    title: `weight ${number(weights[i])} × input ${number(inputs[i])}`,
    ...(layer > 0 && { onChoose: () => choose(layer - 1, i) }),
  }));
  return [shown(weights.length, "Weights"), signedBars(bars, "Strongest incoming weights")];
}

/**
 * @param {App} app
 * @param {number} layer
 * @param {number} unit
 * @param {(layer: number, unit: number) => void} choose
 */
function outgoingParts(app, layer, unit, choose) {
  const { content } = app;
  if (isOutput(content, layer)) return [];
  const weights = outgoingWeights(app.network(), layer, unit);
  const inOrder = isOutput(content, layer + 1) && weights.length <= BARS;
  const places = inOrder ? [...weights.keys()] : furthest(weights, BARS);
  const bars = places.map((j) => ({
    name: unitName(content, layer + 1, j),
    value: weights[j],
    onChoose: () => choose(layer + 1, j),
  }));
  const where = `Weights to ${layerName(content, layer + 1)}`;
  return [shown(weights.length, where), signedBars(bars, "Outgoing weights")];
}

/**
 * @param {number} n
 * @param {string} what
 */
function shown(n, what) {
  const text = n > BARS ? `${what}, the ${BARS} strongest of ${n}.` : `${what}.`;
  return element("p", { class: "hint" }, text);
}

/**
 * The weights that lead to a unit.
 * @param {import("#content").Network} network
 * @param {number} layer
 * @param {number} unit
 */
export function incomingWeights({ sizes, weights }, layer, unit) {
  const width = sizes[layer + 1];
  return Float64Array.from({ length: sizes[layer] }, (_, i) => weights[layer][i * width + unit]);
}

/**
 * The weights that lead from a unit.
 * @param {import("#content").Network} network
 * @param {number} layer
 * @param {number} unit
 */
export function outgoingWeights({ sizes, weights }, layer, unit) {
  const width = sizes[layer + 2];
  return Float64Array.from(weights[layer + 1].subarray(unit * width, (unit + 1) * width));
}
