/**
 * How much of the loss's gradient arrives at each layer: its length, and each unit's part.
 *
 * @typedef {import("#app").App} App
 */
import { colorScale } from "#color_scale";
import { limitOf, onThemeChange, palette } from "#colors";
import { element } from "#elements";
import { norm } from "#factors";
import { layerName, number, unitName } from "#names";
import { unitGrid } from "#unit_grid";

/** @param {App} app */
export function arriving(app) {
  const layers = app.content.network.sizes.slice(1).map((_, layer) => layerRow(app, layer));
  const root = element(
    "section",
    { class: "part", id: "arriving" },
    element("h3", {}, "What arrives at each layer"),
    element(
      "p",
      { class: "hint" },
      "The gradient of the loss by each unit's weighted sum, ∂L/∂z: how the loss rises when the sum ",
      "does. It is computed from the last layer back to the first. Choose a tile to follow a weight ",
      "that leads to its unit.",
    ),
    ...layers.map((layer) => layer.root).reverse(),
  );

  function update() {
    const gradient = app.gradient();
    const sizes = gradient.delta.map(norm);
    const longest = Math.max(...sizes) || 1;
    layers.forEach((layer, l) => layer.update(gradient.delta[l], sizes[l] / longest));
  }

  onThemeChange(update);
  return { root, update };
}

/**
 * @param {App} app
 * @param {number} layer
 */
function layerRow(app, layer) {
  const { content } = app;
  const name = layerName(content, layer);
  const size = element("b", {});
  const bar = element("i", { class: "positive" });
  const reading = element("p", { class: "reading" });
  const legend = colorScale();
  /** @type {Float64Array} */
  let shown = new Float64Array();
  const grid = unitGrid({
    label: `Gradient arriving at ${name}`,
    n: content.network.sizes[layer + 1],
    nameOf: () => "",
    describe: (i) => `${unitName(content, layer, i)}: ${number(shown[i])}`,
    onPoint: say,
    onChoose: (i) => app.set({ weight: [layer, chosenInput(app, layer), i] }),
  });

  /** @param {number | null} i */
  function say(i) {
    const unit = i ?? chosen();
    reading.textContent =
      unit === null ? "" : `${unitName(content, layer, unit)}: ∂L/∂z = ${number(shown[unit])}`;
  }

  function chosen() {
    const { weight } = app.state;
    return weight && weight[0] === layer ? weight[2] : null;
  }

  /**
   * @param {Float64Array} delta
   * @param {number} share
   */
  function update(delta, share) {
    shown = delta;
    const limit = limitOf(delta);
    size.textContent = number(norm(delta));
    bar.style.setProperty("--size", share.toFixed(3));
    grid.draw({ values: delta, limit, chosen: chosen(), factor: () => 1, colors: palette() });
    legend.update(limit, true);
    say(null);
  }

  const root = element(
    "div",
    { class: "arriving", "data-layer": String(layer) },
    element("h4", {}, name),
    element("p", { class: "length" }, "length ", size, element("span", { class: "meter" }, bar)),
    grid.root,
    element("div", { class: "under" }, legend.root, reading),
  );
  return { root, update };
}

/**
 * The input whose weight to a layer's units is followed: the one followed before, or the largest.
 * @param {App} app
 * @param {number} layer
 */
function chosenInput(app, layer) {
  const { weight } = app.state;
  if (weight && weight[0] === layer) return weight[1];
  const inputs = app.pass().inputs[layer];
  return inputs.reduce(
    (best, value, i) => (Math.abs(value) > Math.abs(inputs[best]) ? i : best),
    0,
  );
}
