/**
 * An autoencoder's answer: the input beside what it makes of it, what is lost, and sliders on the
 * bottleneck that drive the decoder.
 *
 * @typedef {import("#app").App} App
 */
import { alteredLine } from "#altered";
import { furthest, signedBars } from "#bars";
import { bottleneckSliders } from "#bottleneck";
import { colorScale } from "#color_scale";
import { colorOf, limitOf, paint, palette } from "#colors";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { inputName, number } from "#names";
import { distance, inColumns, reconstruction } from "#outputs";
import { paintGrey } from "#thumbnail";

const BARS = 14;

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const error = element("b", { class: "error" });
  const altered = alteredLine(app);
  const compared = app.content.input.shape ? images(app, app.content.input.shape) : table(app);
  const bottleneck = bottleneckSliders(app);
  root.append(
    altered.root,
    element("p", { "aria-live": "polite" }, "Root mean squared error: ", error, ` ${unitOf(app)}`),
    compared.root,
    bottleneck.root,
  );

  function update() {
    altered.update();
    bottleneck.update();
    const found = reconstruction(app.content, app.pass().output);
    compared.update(found);
    error.textContent = number(distance(found, app.raw()));
  }
  keepUpdated(root, app, update);
}

/**
 * What the error is of: a preparation makes standard deviations of numbers, and 0 and 1 of choices.
 * @param {App} app
 */
function unitOf({ content: { input, model } }) {
  if (!input.shape)
    return model.prepared
      ? "of the columns as the network takes them: numbers in standard deviations, choices as 0 and 1"
      : "in the units of the columns";
  const most = input.high.reduce((highest, value) => Math.max(highest, value), -Infinity);
  return `on a scale to ${number(most)}`;
}

/**
 * Input, reconstruction, difference.
 * @param {App} app
 * @param {number[]} shape
 */
function images(app, shape) {
  const { input } = app.content;
  const canvases = ["Input", "Reconstruction", "Difference"].map((name) =>
    element("canvas", { class: "pixels", role: "img", "aria-label": name }),
  );
  const legend = colorScale();
  const captions = ["the input", "what it makes of it", "what it adds (blue) and loses (orange)"];
  const root = element(
    "div",
    { class: "reconstructed" },
    ...canvases.map((canvas, i) =>
      element("figure", {}, canvas, element("figcaption", {}, captions[i]), i === 2 && legend.root),
    ),
  );

  /** @param {Float64Array} found */
  function update(found) {
    const x = app.raw();
    const difference = found.map((value, i) => value - x[i]);
    const limit = limitOf(difference);
    const colors = palette();
    paintGrey(canvases[0], x, input);
    paintGrey(canvases[1], clipped(found, input), input);
    paint(canvases[2], difference, shape, (value) => colorOf(value, limit, colors));
    legend.update(limit, true);
  }
  return { root, update };
}

/**
 * Brightness beyond that of the data is drawn as its brightest and darkest.
 * @param {Float64Array} values
 * @param {import("#content").Input} input
 */
function clipped(values, { low, high }) {
  const least = low.reduce((lowest, value) => Math.min(lowest, value), Infinity);
  const most = high.reduce((highest, value) => Math.max(highest, value), -Infinity);
  return values.map((value) => Math.max(least, Math.min(most, value)));
}

/** @param {App} app */
function table(app) {
  const body = element("tbody", {});
  const bars = element("div", {});
  const heads = ["", "input", "reconstruction"].map((text) =>
    element("th", { scope: "col", class: text ? "number" : "" }, text),
  );
  const root = element(
    "div",
    {},
    element(
      "div",
      { class: "scroll" },
      element("table", { class: "data" }, element("thead", {}, element("tr", {}, ...heads)), body),
    ),
    element("h4", {}, `What it adds and loses${app.content.model.prepared ? ", as the network takes it" : ""}`),
    bars,
  );

  /** @param {Float64Array} found */
  function update(found) {
    const x = app.raw();
    const difference = found.map((value, i) => value - x[i]);
    const columns = [x, found].map((row) => inColumns(app.content, row));
    body.replaceChildren(
      ...furthest(changesOf(app.content.input.fields, difference), BARS).map((i) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, app.content.input.fields[i].name),
          ...columns.map((column) => cell(column[i])),
        ),
      ),
    );
    const rows = furthest(difference, BARS);
    bars.replaceChildren(
      signedBars(
        rows.map((i) => ({ name: inputName(app.content, i), value: difference[i] })),
        "Reconstruction less input",
      ),
    );
  }
  return { root, update };
}

/** @param {number | string} value */
function cell(value) {
  return typeof value === "number"
    ? element("td", { class: "number" }, number(value))
    : element("td", {}, value);
}

/**
 * By how much each column changes: of a choice the largest of its numbers.
 * @param {import("#content").Input["fields"]} fields
 * @param {Float64Array} difference
 */
function changesOf(fields, difference) {
  return Float64Array.from(fields, (field) =>
    field.kind === "number"
      ? difference[field.feature]
      : Math.max(...field.features.map((feature) => Math.abs(difference[feature]))),
  );
}
