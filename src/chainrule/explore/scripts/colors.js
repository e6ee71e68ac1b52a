/**
 * The page's colours as numbers, and numbers as colours: what a canvas or a saved file needs.
 *
 * Zero has the colour of the card, so that silent units are blank; what is above it is blue,
 * what is below it orange, in light and dark. The style sheet alone says which blue.
 */

/** @typedef {[number, number, number]} Color red, green and blue, from 0 to 255 */

const NAMES = /** @type {const} */ (["card", "ink", "faint", "grid", "accent", "positive", "negative"]);

/** @typedef {Record<typeof NAMES[number], Color>} Palette */

const LIMITS = [1, 1.5, 2, 3, 5, 7, 10];

/** @type {Palette | null} */
let known = null; // asking for a style in the middle of changes makes the browser compute it anew

/**
 * The colours of the page as it is shown now.
 * @returns {Palette}
 */
export function palette() {
  if (known) return known;
  const style = getComputedStyle(document.documentElement);
  const colors = NAMES.map((name) => [name, parse(style.getPropertyValue(`--${name}`))]);
  return (known = Object.fromEntries(colors));
}

/**
 * Call back when the reader's system changes between light and dark.
 * @param {() => void} listener
 */
export function onThemeChange(listener) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    known = null;
    listener();
  });
}

/**
 * A colour as the style sheet writes it: `#fff` or `#ffffff`.
 * @param {string} text
 * @returns {Color}
 */
export function parse(text) {
  const digits = text.trim().replace("#", "");
  const pairs = digits.length === 3 ? [...digits].map((digit) => digit + digit) : digits.match(/../g);
  const [red = 0, green = 0, blue = 0] = (pairs ?? []).map((pair) => Number.parseInt(pair, 16));
  return [red, green, blue];
}

/**
 * A colour between two others.
 * @param {Color} from
 * @param {Color} to
 * @param {number} share 0 gives `from`, 1 gives `to`
 * @returns {Color}
 */
export function mix(from, to, share) {
  const part = (/** @type {0 | 1 | 2} */ i) => Math.round(from[i] + share * (to[i] - from[i]));
  return [part(0), part(1), part(2)];
}

/**
 * The colour of a value, on a scale from -limit over 0 to limit.
 * @param {number} value
 * @param {number} limit
 * @param {Palette} colors
 * @returns {Color}
 */
export function colorOf(value, limit, colors) {
  const end = value < 0 ? colors.negative : colors.positive;
  return mix(colors.card, end, Math.min(1, Math.abs(value) / limit));
}

/**
 * The colour of text that can be read on another colour.
 * @param {Color} background
 * @returns {string}
 */
export function readableOn([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#1d2330" : "#ffffff";
}

/**
 * A colour as style sheets, canvases and drawings write it.
 * @param {Color} color
 */
export function css([red, green, blue]) {
  return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;
}

/**
 * Where a scale for these values ends: a round number that hardly changes with the values.
 * @param {Iterable<number>} values
 */
export function limitOf(values) {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || !Number.isFinite(largest)) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const limit = power * (LIMITS.find((limit) => limit * power >= largest * (1 - 1e-9)) ?? 10);
  return Number(limit.toPrecision(2)); // 0.3 and not 0.30000000000000004
}

/**
 * Paint values as pixels, one each: the canvas gets the shape's size, the style sheet makes it
 * larger.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number[]} shape rows, columns
 * @param {(value: number) => Color} color
 */
export function paint(canvas, values, [rows, columns], color) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    image.data.set(color(values[i]), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
