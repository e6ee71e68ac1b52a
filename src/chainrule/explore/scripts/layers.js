/**
 * The layers: every unit's activation for the input at hand, as tiles, with what they add up to.
 *
 * @typedef {import("#app").App} App
 */
import { limitOf, palette } from "#colors";
import { colorScale } from "#color_scale";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { isOutput, layerName, number, unitName } from "#names";
import { unitGrid } from "#unit_grid";
import { unitLink } from "#unit_link";

const SILENT = 0.01; // of the layer's largest activation
const MOST_ACTIVE = 5;

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const layers = app.content.network.sizes.slice(1).map((_, layer) => layerView(app, layer));
  root.append(
    element("p", { class: "hint" }, "Choose a tile to look into its unit."),
    ...layers.map((layer) => layer.root),
  );
  keepUpdated(root, app, (width) => layers.forEach((layer) => layer.update(width)));
}

/**
 * One layer: heading, tiles, what is under the pointer, summary, scale.
 * @param {App} app
 * @param {number} layer
 */
function layerView(app, layer) {
  const { content } = app;
  const n = content.network.sizes[layer + 1];
  const reading = element("p", { class: "reading" });
  const link = unitLink();
  const summary = element("p", { class: "summary" });
  const legend = colorScale();
  const grid = unitGrid({
    label: `Activations of ${layerName(content, layer)}`,
    n,
    nameOf: (i) => (isOutput(content, layer) ? unitName(content, layer, i) : ""),
    describe: (i) => `${unitName(content, layer, i)}: ${number(valuesOf(app, layer)[i])}`,
    onPoint: (i) => say(i),
    onChoose: (i) => app.set({ layer, unit: i }),
  });

  /** @param {number | null} i */
  function say(i) {
    const { state } = app;
    const chosen = state.layer === layer ? state.unit : null;
    const shown = i ?? chosen;
    reading.textContent = shown === null ? "" : reads(app, layer, shown);
    link.hidden = shown === null || shown !== chosen;
  }

  /** @param {number} width */
  function update(width) {
    const values = valuesOf(app, layer);
    const limit = limitOf(values);
    const colors = palette();
    const chosen = app.state.layer === layer ? app.state.unit : null;
    const factor = (/** @type {number} */ i) => app.state.scales[`${layer}:${i}`] ?? 1;
    grid.draw({ width, values, limit, chosen, factor, colors });
    legend.update(limit, values.some((value) => value < 0));
    summary.replaceChildren(...summarise(app, layer, values));
    say(null);
  }

  const root = element(
    "section",
    { class: "layer", "data-layer": String(layer) },
    element("h3", {}, heading(content, layer)),
    grid.root,
    element("div", { class: "under" }, legend.root, reading, link),
    summary,
  );
  return { root, update };
}

/**
 * What the tiles of a layer show: activations, and of the last layer what goes into the output
 * function.
 * @param {App} app
 * @param {number} layer
 */
function valuesOf(app, layer) {
  const pass = app.pass();
  return isOutput(app.content, layer) ? pass.raw : pass.inputs[layer + 1];
}

/**
 * @param {import("#content").Content} content
 * @param {number} layer
 */
function heading(content, layer) {
  const { sizes, activations } = content.network;
  const name = layerName(content, layer);
  const n = sizes[layer + 1];
  const many = (/** @type {string} */ one) => (n === 1 ? one : `${one}s`);
  const scores = content.target.classes
    ? `${many("score")}, before ${n === 1 ? "it is a probability" : "they are probabilities"}`
    : many("number");
  const what = isOutput(content, layer) ? scores : `${many("unit")}, ${activations[layer].name}`;
  return `${name[0].toUpperCase()}${name.slice(1)}: ${n} ${what}`;
}

/**
 * @param {App} app
 * @param {number} layer
 * @param {number} i
 */
function reads(app, layer, i) {
  const factor = app.state.scales[`${layer}:${i}`] ?? 1;
  const changed = factor === 1 ? "" : factor === 0 ? ", switched off" : `, times ${number(factor)}`;
  return `${unitName(app.content, layer, i)}: ${number(valuesOf(app, layer)[i])}${changed}`;
}

/**
 * The layer in a sentence, and its most active units to choose from.
 * @param {App} app
 * @param {number} layer
 * @param {Float64Array} values
 */
function summarise(app, layer, values) {
  const sizes = values.map(Math.abs);
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const silent = sizes.reduce((count, size) => count + (size <= SILENT * largest ? 1 : 0), 0);
  const by = isOutput(app.content, layer) ? values : sizes; // a very low score is no large one
  const order = Array.from(by.keys()).sort((i, j) => by[j] - by[i]);
  const choices = order.slice(0, MOST_ACTIVE).map((unit) => {
    const name = unitName(app.content, layer, unit);
    const choose = () => app.set({ layer, unit });
    return element("button", { type: "button", class: "link", onclick: choose }, name);
  });
  const share = `${Math.round((100 * silent) / values.length)} %`;
  const first = isOutput(app.content, layer)
    ? "Largest: "
    : `Silent, below 1 % of the largest: ${silent} of ${values.length} units (${share}). Largest: `;
  return [first, ...choices.flatMap((choice, i) => (i ? [", ", choice] : [choice]))];
}
