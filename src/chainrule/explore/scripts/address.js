/**
 * The state in the page's address, after `#`: a finding can be sent to somebody.
 *
 * What is as in the beginning is left out; what a link has and makes no sense is as if it were not
 * there, since links are written by people too.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#app").State} State
 * @typedef {import("#content").Content} Content
 */
import { MOST_STEPS, initialState } from "#app";
import { bytesOf } from "#content";
import { bottleneckOf } from "#outputs";
import { targetsOf } from "#outputs";
import { fromGrey, toGrey } from "#pixels";

const DIGITS = 6; // of numbers in an address
const LARGEST = 1e30; // what a link may ask for; the network's numbers stay finite
const PAUSE = 200; // milliseconds: browsers refuse to change an address with every frame

/**
 * How each part of the state is written, and read again: `undefined` for what is not one.
 * @type {{[K in keyof State]: {
 *   write: (value: NonNullable<State[K]>, content: Content) => string,
 *   read: (text: string, content: Content) => State[K] | undefined}}}
 */
const PARTS = {
  tab: { write: String, read: (text) => (/^[a-z-]{1,40}$/.test(text) ? text : undefined) },
  source: {
    write: String,
    read: (text) => /** @type {const} */ (["sample", "drawn", "fields"]).find((s) => s === text),
  },
  sample: { write: String, read: (text, { samples }) => index(text, samples?.n ?? 0) },
  input: { write: writtenRow, read: readRow },
  label: { write: String, read: readLabel },
  layer: { write: String, read: (text, { network }) => index(text, network.weights.length) },
  unit: { write: String, read: (text) => index(text, Infinity) },
  scales: { write: writtenScales, read: readScales },
  bottleneck: { write: (value) => value.map(short).join(","), read: readBottleneck },
  threshold: { write: short, read: (text) => between(text, 0, 1) },
  rate: { write: short, read: (text) => between(text, 0, 1e6) },
  steps: { write: String, read: (text) => index(text, MOST_STEPS + 1) },
  weight: {
    write: (value) => value.join("."),
    read: (text, { network: { sizes } }) => {
      const [layer, from, to, ...rest] = text.split(".").map((part) => index(part, Infinity));
      if (layer === undefined || from === undefined || to === undefined || rest.length)
        return undefined;
      return from < sizes[layer] && to < sizes[layer + 1] ? [layer, from, to] : undefined;
    },
  },
  hiddenLayer: {
    write: String,
    // Counted from 1, so 0 is none of them.
    read: (text, { network }) => index(text, network.activations.length + 1) || undefined,
  },
  cell: {
    write: (value) => value.join("."),
    read: (text, { target }) => {
      const n = target.classes?.length ?? 0;
      const [truth, found, ...rest] = text.split(".").map((part) => index(part, n));
      if (truth === undefined || found === undefined || rest.length) return undefined;
      return [truth, found];
    },
  },
};

/**
 * Write the state as what follows `#`.
 * @param {State} state
 * @param {Content} content
 */
export function written(state, content) {
  const first = firstState(content);
  const keys = /** @type {(keyof State)[]} */ (Object.keys(PARTS));
  const pairs = keys
    .filter((key) => state[key] !== null && JSON.stringify(state[key]) !== JSON.stringify(first[key]))
    .map((key) => [key, PARTS[key].write(/** @type {never} */ (state[key]), content)]);
  return new URLSearchParams(pairs).toString();
}

/**
 * Read what follows `#`.
 * @param {string} text
 * @param {Content} content
 * @returns {State}
 */
export function read(text, content) {
  const parameters = new URLSearchParams(text.replace(/^#/, ""));
  const keys = /** @type {(keyof State)[]} */ (Object.keys(PARTS));
  const found = keys.flatMap((key) => {
    const one = parameters.get(key);
    const value = one === null ? undefined : PARTS[key].read(one, content);
    return value === undefined ? [] : [[key, value]];
  });
  return consistent({ ...firstState(content), ...Object.fromEntries(found) }, content);
}

/**
 * Keep the address and the state alike, whichever changes.
 * @param {App} app
 */
export function keepInAddress(app) {
  let known = location.hash;
  let timer = 0;
  function write() {
    if (known !== location.hash) return; // a reader has just changed it, and is heard in a moment
    const now = written(app.state, app.content);
    if (now !== known.slice(1)) history.replaceState(null, "", `#${now}`);
    known = location.hash;
  }
  app.subscribe(() => {
    clearTimeout(timer);
    timer = window.setTimeout(write, PAUSE);
  });
  addEventListener("hashchange", () => {
    if (known === location.hash) return; // heard already: events may come late
    known = location.hash;
    app.set(read(known, app.content));
  });
}

/** @param {Content} content */
function firstState({ samples }) {
  return { ...initialState(), sample: samples ? 0 : null };
}

/**
 * Parts of a link that do not go together are left out.
 * @param {State} state
 * @param {Content} content
 * @returns {State}
 */
function consistent(state, { input, network: { sizes } }) {
  const unit = state.unit !== null && state.unit < sizes[state.layer + 1] ? state.unit : null;
  const changed = input.kind === "image" ? "drawn" : "fields";
  return { ...state, unit, source: state.input ? changed : "sample" };
}

// --- single values ---

/**
 * @param {string} text
 * @param {number} end
 */
function index(text, end) {
  return /^\d{1,9}$/.test(text) && Number(text) < end ? Number(text) : undefined;
}

/**
 * @param {string} text
 * @param {number} low
 * @param {number} high
 */
function between(text, low, high) {
  const value = text.trim() === "" ? NaN : Number(text);
  return value >= low && value <= high ? value : undefined;
}

/**
 * @param {string} text with commas
 * @param {number} length how many there have to be
 * @param {[low: number, high: number]} [range]
 */
function numbers(text, length, [low, high] = [-LARGEST, LARGEST]) {
  const parts = text.split(",");
  const found = parts.flatMap((part) => between(part, low, high) ?? []);
  return parts.length === length && found.length === length ? found : undefined;
}

/** @param {number} value */
function short(value) {
  return String(Number(value.toPrecision(DIGITS)));
}

/**
 * @param {string} text
 * @param {Content} content
 */
function readLabel(text, content) {
  const { task, target } = content;
  if (task === "classification") return index(text, target.classes?.length ?? 0);
  return numbers(text, targetsOf(content), task === "multilabel" ? [0, 1] : undefined);
}

/**
 * @param {string} text
 * @param {Content} content
 */
function readBottleneck(text, content) {
  const numbers = text.split(",").map((part) => between(part, -1e6, 1e6));
  const known = numbers.filter((one) => one !== undefined);
  const width = content.network.sizes[bottleneckOf(content) + 1];
  const fits = content.task === "autoencoder" && numbers.length === width;
  return fits && known.length === width ? known : undefined;
}

/** @param {Record<string, number>} scales */
function writtenScales(scales) {
  return Object.entries(scales)
    .map(([key, factor]) => `${key.replace(":", ".")}_${short(factor)}`)
    .join("~");
}

/**
 * @param {string} text
 * @param {Content} content
 */
function readScales(text, { network: { sizes, activations } }) {
  const found = text.split("~").flatMap((part) => {
    const [, layer, unit, factor] = /^(\d+)\.(\d+)_(.+)$/.exec(part) ?? [];
    const value = factor === undefined ? undefined : between(factor, -1e6, 1e6);
    const exists = Number(layer) < activations.length && Number(unit) < sizes[Number(layer) + 1];
    return exists && value !== undefined ? [[`${Number(layer)}:${Number(unit)}`, value]] : [];
  });
  return Object.fromEntries(found);
}

/**
 * An image as bytes, runs of zeros as two; a table's row as numbers.
 * @param {number[]} row
 * @param {Content} content
 */
function writtenRow(row, { input }) {
  if (input.kind === "table") return row.map(short).join(",");
  const bytes = toGrey(input, row);
  /** @type {number[]} */
  const packed = [];
  for (let i = 0; i < bytes.length; ) {
    packed.push(bytes[i]);
    let zeros = 0;
    while (bytes[i] === 0 && bytes[i + zeros] === 0 && zeros < 255) zeros++;
    if (zeros) packed.push(zeros);
    i += Math.max(zeros, 1);
  }
  const text = btoa(packed.map((byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {string} text
 * @param {Content} content
 */
function readRow(text, { input, network }) {
  const length = network.sizes[0];
  if (input.kind === "table") return numbers(text, length);
  const grey = greyOf(text, length);
  return grey && fromGrey(input, grey);
}

/**
 * @param {string} text
 * @param {number} length
 */
function greyOf(text, length) {
  let packed;
  try {
    packed = bytesOf(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined; // not base64
  }
  /** @type {number[]} */
  const row = [];
  for (let i = 0; i < packed.length && row.length <= length; i++) {
    if (packed[i]) row.push(packed[i]);
    else row.push(...new Array(packed[++i] ?? 0).fill(0));
  }
  return row.length === length ? row : undefined;
}
