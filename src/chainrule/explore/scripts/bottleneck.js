/**
 * Sliders on an autoencoder's bottleneck, which drive its decoder.
 *
 * @typedef {import("#app").App} App
 */
import { forwardFrom } from "#arithmetic";
import { element } from "#elements";
import { layerName, number } from "#names";
import { bottleneckOf } from "#outputs";

const SLIDERS = 32;
const LOOKED_AT = 60; // samples, for how far a unit goes
/** Of activations that end somewhere: where. @type {Record<string, [number, number]>} */
const REACHED = { relu: [0, Infinity], softplus: [0, Infinity], sigmoid: [0, 1], tanh: [-1, 1], elu: [-1, Infinity] };

/**
 * A slider for each unit of the narrowest hidden layer. Once one is moved, the page shows what the
 * decoder makes of the sliders, until the input changes or the reader lets go of them.
 * @param {App} app
 */
export function bottleneckSliders(app) {
  const layer = bottleneckOf(app.content);
  const width = app.content.network.sizes[layer + 1];
  const range = rangeOf(app, layer);
  const letGo = () => app.set({ bottleneck: null });
  const release = element("button", { type: "button", onclick: letGo }, "Back to the input's own");
  const rows = Array.from({ length: Math.min(SLIDERS, width) }, (_, i) => slider(i));

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
      const moved = values();
      moved[i] = Number(box.value);
      app.set({ bottleneck: moved });
    }
    return { box, said, root: element("label", {}, element("span", {}, `unit ${i}`), box, said) };
  }

  function values() {
    return Array.from(app.pass().inputs[layer + 1]);
  }

  function update() {
    const now = values();
    rows.forEach(({ box, said }, i) => {
      if (document.activeElement !== box || !app.state.bottleneck) box.value = String(now[i]);
      said.textContent = number(now[i]);
    });
    release.disabled = app.state.bottleneck === null;
  }

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
  return { root, update };
}

/**
 * How far a unit goes: its range over the samples in the page, and some room beyond, as far as
 * its activation goes.
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
    const [least, most] = REACHED[app.content.network.activations[layer].name] ?? [-Infinity, Infinity];
    return [Math.max(lows[i] - room, least), Math.min(highs[i] + room, most)];
  };
}

/** @param {App} app */
function samplesToLookAt(app) {
  const n = app.content.samples?.n ?? 0;
  if (!n) return [app.x()];
  const step = Math.max(1, Math.floor(n / LOOKED_AT));
  return Array.from({ length: Math.ceil(n / step) }, (_, i) => app.sampleInput(i * step));
}
