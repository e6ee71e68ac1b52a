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
import { distance, reconstruction } from "#outputs";
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
  const bottleneck = bottleneckSliders(app, update);
  root.append(
    altered.root,
    element("p", { "aria-live": "polite" }, "Root mean squared error: ", error, ` ${unitOf(app)}`),
    compared.root,
    bottleneck.root,
  );

  function update() {
    altered.update();
    bottleneck.update();
    const found = reconstruction(app.content, bottleneck.output());
    compared.update(found);
    error.textContent = number(distance(found, app.raw()));
  }
  keepUpdated(root, app, update);
}

/** @param {App} app */
function unitOf({ content: { input } }) {
  if (!input.shape) return "in the units of the columns";
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
    element("h4", {}, "What it adds and loses"),
    bars,
  );

  /** @param {Float64Array} found */
  function update(found) {
    const x = app.raw();
    const difference = found.map((value, i) => value - x[i]);
    const rows = furthest(difference, BARS);
    body.replaceChildren(
      ...rows.map((i) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, inputName(app.content, i)),
          ...[x[i], found[i]].map((value) => element("td", { class: "number" }, number(value))),
        ),
      ),
    );
    bars.replaceChildren(
      signedBars(
        rows.map((i) => ({ name: inputName(app.content, i), value: difference[i] })),
        "Reconstruction less input",
      ),
    );
  }
  return { root, update };
}
