/**
 * Sliders on an autoencoder's bottleneck, which drive its decoder.
 *
 * @typedef {import("#app").App} App
 */
import { forwardFrom } from "#arithmetic";
import { element } from "#elements";
import { layerName, number } from "#names";

const SLIDERS = 32;
const LOOKED_AT = 60; // samples, for how far a unit goes

/**
 * A slider for each unit of the narrowest hidden layer. Once one is moved, the reconstruction is
 * what the decoder makes of the sliders, until the input changes or the reader lets go of them.
 * @param {App} app
 * @param {() => void} onMove
 */
export function bottleneckSliders(app, onMove) {
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

/** @param {App} app */
function samplesToLookAt(app) {
  const n = app.content.samples?.n ?? 0;
  if (!n) return [app.x()];
  const step = Math.max(1, Math.floor(n / LOOKED_AT));
  return Array.from({ length: Math.ceil(n / step) }, (_, i) => app.sampleInput(i * step));
}
