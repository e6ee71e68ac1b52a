/**
 * An autoencoder's answer: the input beside what it makes of it, what is lost, and sliders on the
 * bottleneck that drive the decoder.
 *
 * @typedef {import("#app").App} App
 */
import { alteredLine } from "#altered";
import { forwardFrom } from "#arithmetic";
import { signedBars, furthest } from "#bars";
import { colorScale } from "#color_scale";
import { colorOf, limitOf, paint, palette } from "#colors";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { inputName, layerName, number } from "#names";
import { reconstruction, reconstructionError } from "#outputs";
import { paintGrey } from "#thumbnail";

const SLIDERS = 32;
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
    compared.update(reconstruction(app.content, bottleneck.output()));
    error.textContent = number(reconstructionError(app));
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

/**
 * A slider for each unit of the narrowest hidden layer. Once one is moved, the reconstruction is
 * what the decoder makes of the sliders, until the input changes or the reader lets go of them.
 * @param {App} app
 * @param {() => void} onMove
 */
function bottleneckSliders(app, onMove) {
  const hidden = app.content.network.sizes.slice(1, -1);
  const layer = hidden.indexOf(Math.min(...hidden));
  const range = rangeOf(app, layer);
  /** @type {Float64Array | null} */
  let moved = null;
  let of = inputOf(app);
  const release = element("button", { type: "button", onclick: letGo }, "Back to the input's own");
  const rows = Array.from({ length: Math.min(SLIDERS, hidden[layer]) }, (_, i) => slider(i));

  /** @param {number} i */
  function slider(i) {
    const [low, high] = range(i);
    const said = element("output", {});
    const box = element("input", {
      type: "range",
      min: low,
      max: high,
      step: (high - low) / 200 || 1,
      oninput: move,
    });
    function move() {
      moved ??= Float64Array.from(code());
      moved[i] = Number(box.value);
      onMove();
    }
    return { box, said, root: element("label", {}, element("span", {}, `unit ${i}`), box, said) };
  }

  function letGo() {
    moved = null;
    onMove();
  }

  /** What the input's own bottleneck is. */
  function code() {
    return app.pass().inputs[layer + 1];
  }

  function output() {
    if (!moved) return app.pass().output;
    return forwardFrom(app.network(), layer + 1, moved, app.scales()).output;
  }

  function update() {
    const now = inputOf(app);
    if (of.some((part, i) => part !== now[i])) moved = null; // another input has its own
    of = now;
    const values = moved ?? code();
    rows.forEach(({ box, said }, i) => {
      if (document.activeElement !== box || !moved) box.value = String(values[i]);
      said.textContent = number(values[i]);
    });
    release.disabled = moved === null;
  }

  const width = hidden[layer];
  const shown = width > SLIDERS ? ` Its first ${SLIDERS} of ${width} units:` : "";
  const root = element(
    "section",
    { class: "bottleneck" },
    element("h3", {}, "The bottleneck"),
    element(
      "p",
      { class: "hint" },
      `All that the decoder gets is ${width} numbers, the activations of ${layerName(app.content, layer)}. `,
      `Move them, and it shows what they stand for.${shown}`,
    ),
    element("div", { class: "bottleneck-sliders" }, ...rows.map((row) => row.root)),
    release,
  );
  return { root, update, output };
}

/**
 * What the bottleneck follows from.
 * @param {App} app
 */
function inputOf({ state: { sample, input, scales, steps, rate } }) {
  return [sample, input, scales, steps, rate];
}

/**
 * How far a unit goes: its range over the samples in the page, and some room beyond.
 * @param {App} app
 * @param {number} layer
 * @returns {(unit: number) => [number, number]}
 */
function rangeOf(app, layer) {
  const width = app.content.network.sizes[layer + 1];
  const codes = samplesToLookAt(app).map(
    (x) => forwardFrom(app.content.network, 0, x).inputs[layer + 1],
  );
  const lows = new Float64Array(width).fill(Infinity);
  const highs = new Float64Array(width).fill(-Infinity);
  for (const code of codes)
    code.forEach((value, i) => {
      lows[i] = Math.min(lows[i], value);
      highs[i] = Math.max(highs[i], value);
    });
  return (i) => {
    const room = 0.1 * (highs[i] - lows[i]) || 1;
    return [lows[i] - room, highs[i] + room];
  };
}

const LOOKED_AT = 60;

/** @param {App} app */
function samplesToLookAt(app) {
  const n = app.content.samples?.n ?? 0;
  if (!n) return [app.x()];
  const step = Math.max(1, Math.floor(n / LOOKED_AT));
  return Array.from({ length: Math.ceil(n / step) }, (_, i) => app.sampleInput(i * step));
}
