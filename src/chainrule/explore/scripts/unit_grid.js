/**
 * All units of a layer as tiles on one canvas, which pointer and keyboard can walk over.
 *
 * To a screen reader it is a list box with one option at a time: the tile under the cursor.
 */
import { colorOf, css, readableOn } from "#colors";
import { element } from "#elements";

const AREA = 150; // pixels of height that a layer takes about, whatever its width
const SMALLEST = 8;
const LARGEST = 26;
const FONT = "600 12px system-ui, sans-serif";
const SHORT = 2; // letters of a name that fit on a tile

/**
 * @typedef {object} Tiles
 * @property {number} [width] that there is for them, where it is known
 * @property {ArrayLike<number>} values
 * @property {number} limit where the colours end
 * @property {number | null} chosen
 * @property {(i: number) => number} factor what a unit is multiplied by: 1 as it is, 0 off
 * @property {import("#colors").Palette} colors
 */

/**
 * @param {object} options
 * @param {string} options.label
 * @param {number} options.n
 * @param {(i: number) => string} options.nameOf
 * @param {(i: number) => string} options.describe what is said of a tile that is pointed at
 * @param {(i: number | null) => void} options.onPoint
 * @param {(i: number) => void} options.onChoose
 */
export function unitGrid({ label, n, nameOf, describe, onPoint, onChoose }) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const chosenRing = element("div", { class: "ring chosen" });
  const cursorRing = element("div", { class: "ring cursor", role: "option" });
  const root = element(
    "div",
    { class: "unit-grid", role: "listbox", tabindex: "0", "aria-label": label },
    canvas,
    chosenRing,
    cursorRing,
  );
  const id = `grid-${label.replaceAll(/\W+/g, "-")}`;
  let size = SMALLEST;
  let columns = 1;
  let cursor = 0;

  root.addEventListener("pointermove", (event) => onPoint(tileAt(event)));
  root.addEventListener("pointerleave", () => onPoint(null));
  root.addEventListener("click", (event) => {
    const i = tileAt(event);
    if (i !== null) onChoose(i);
  });
  root.addEventListener("focus", () => moveTo(cursor));
  root.addEventListener("blur", () => onPoint(null));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") onChoose(cursor);
    else if (!(event.key in steps())) return;
    else moveTo(steps()[event.key]);
    event.preventDefault();
  });

  /** @returns {Record<string, number>} where each key leads */
  function steps() {
    return {
      ArrowLeft: cursor - 1,
      ArrowRight: cursor + 1,
      ArrowUp: cursor - columns,
      ArrowDown: cursor + columns,
      Home: 0,
      End: n - 1,
      PageUp: cursor % columns,
      PageDown: n - 1,
    };
  }

  /** @param {number} i */
  function moveTo(i) {
    if (i < 0 || i >= n) return;
    cursor = i;
    put(cursorRing, i);
    cursorRing.id = `${id}-${i}`; // a new name makes a screen reader say the option
    cursorRing.setAttribute("aria-label", describe(i));
    cursorRing.setAttribute("aria-posinset", String(i + 1));
    cursorRing.setAttribute("aria-setsize", String(n));
    root.setAttribute("aria-activedescendant", cursorRing.id);
    onPoint(i);
  }

  /** @param {PointerEvent | MouseEvent} event */
  function tileAt(event) {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / size);
    const row = Math.floor((event.clientY - box.top) / size);
    const i = row * columns + column;
    return column >= 0 && column < columns && row >= 0 && i < n ? i : null;
  }

  /**
   * @param {HTMLElement} ring
   * @param {number} i
   */
  function put(ring, i) {
    const left = (i % columns) * size;
    const top = Math.floor(i / columns) * size;
    Object.assign(ring.style, {
      transform: `translate(${left}px, ${top}px)`,
      width: `${size - 1}px`,
      height: `${size - 1}px`,
    });
  }

  /** @param {Tiles} tiles */
  function draw({ width = root.clientWidth, values, limit, chosen, factor, colors }) {
    ({ size, columns } = arrange(width, n));
    const context = resize(canvas, columns * size, Math.ceil(n / columns) * size);
    for (let i = 0; i < n; i++) {
      const color = colorOf(values[i], limit, colors);
      const left = (i % columns) * size;
      const top = Math.floor(i / columns) * size;
      context.fillStyle = css(color);
      context.fillRect(left, top, size - 1, size - 1);
      context.strokeStyle = css(colors.grid);
      context.strokeRect(left + 0.5, top + 0.5, size - 2, size - 2);
      if (factor(i) !== 1) mark(context, left, top, size - 1, factor(i), css(colors.ink));
      const name = nameOf(i);
      if (size === LARGEST && name.length <= SHORT) write(context, name, left, top, color);
    }
    chosenRing.hidden = chosen === null;
    if (chosen !== null) put(chosenRing, chosen);
    cursorRing.setAttribute("aria-selected", String(chosen === cursor));
    if (document.activeElement === root) moveTo(cursor);
    else put(cursorRing, cursor);
  }

  return { root, draw };
}

/**
 * How large tiles are, and how many are in a row: full rows where that is possible.
 * @param {number} width
 * @param {number} n
 */
export function arrange(width, n) {
  const wanted = Math.floor(Math.sqrt((width * AREA) / n));
  const size = Math.max(SMALLEST, Math.min(LARGEST, wanted));
  const most = Math.max(1, Math.min(n, Math.floor(width / size)));
  let columns = most;
  while (n % columns !== 0 && columns > most / 2) columns--;
  return { size, columns: n % columns === 0 ? columns : most };
}

/**
 * Give a canvas a size in the page's pixels, as sharp as the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function resize(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  Object.assign(context, { font: FONT, textAlign: "center", textBaseline: "middle" });
  return context;
}

/**
 * Mark a unit that is not as it was trained: a cross where it is off, a dash where it is scaled.
 * @param {CanvasRenderingContext2D} context
 * @param {number} left
 * @param {number} top
 * @param {number} size
 * @param {number} factor
 * @param {string} color
 */
function mark(context, left, top, size, factor, color) {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(left + 2, top + size - 2);
  context.lineTo(left + size - 2, top + 2);
  if (factor === 0) {
    context.moveTo(left + 2, top + 2);
    context.lineTo(left + size - 2, top + size - 2);
  }
  context.stroke();
  context.lineWidth = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {number} left
 * @param {number} top
 * @param {import("#colors").Color} background
 */
function write(context, name, left, top, background) {
  context.fillStyle = readableOn(background);
  context.fillText(name, left + (LARGEST - 1) / 2, top + LARGEST / 2);
}
