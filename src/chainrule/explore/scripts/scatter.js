/**
 * Points in a plane, as a list box that pointer and arrow keys walk over: an arrow leads to the
 * nearest point that way. Both axes have one scale, so that distances are distances.
 *
 * @typedef {object} Mark
 * @property {number} x
 * @property {number} y
 * @property {string} name
 * @property {string} className
 * @property {number} shape which of `SHAPES`
 * @property {string} [color] where the class does not say it
 */
import { element, svg } from "#elements";

export const SHAPES = [
  "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0Z",
  "M-3.7 -3.7H3.7V3.7H-3.7Z",
  "M0 -5L4.8 3.6H-4.8Z",
  "M0 -5.4L5 0L0 5.4L-5 0Z",
];
const MARGIN = 14;
const TALLEST = 520;

/**
 * @param {object} options
 * @param {string} options.label
 * @param {(i: number) => void} options.onChoose
 * @param {(i: number | null) => void} options.onPoint
 */
export function scatter({ label, onChoose, onPoint }) {
  const root = element("div", { class: "scatter" });
  /** @type {Mark[]} */
  let marks = [];
  /** @type {SVGElement[]} */
  let dots = [];
  /** @type {SVGElement | null} */
  let here = null;
  let [width, height] = [0, 0];
  let toScreen = (/** @type {number} */ x, /** @type {number} */ y) => [x, y];
  let cursor = 0;

  /**
   * Draw all points anew.
   * @param {Mark[]} given
   */
  function draw(given) {
    marks = given;
    width = Math.max(200, root.clientWidth);
    height = Math.min(TALLEST, Math.round(width * 0.8));
    toScreen = fitted(marks, width, height);
    dots = marks.map((mark, i) => dot(mark, toScreen(mark.x, mark.y), i));
    here = svg(
      "g",
      { class: "here", "aria-hidden": "true" },
      svg("circle", { r: "9" }),
      svg("path", { d: "M-14 0H14M0 -14V14" }),
    );
    const image = svg(
      "svg",
      {
        viewBox: `0 0 ${width} ${height}`,
        width: String(width),
        height: String(height),
        role: "listbox",
        "aria-label": label,
      },
      ...dots,
      here,
    );
    const hadFocus = root.contains(document.activeElement);
    root.replaceChildren(image);
    reach(Math.min(cursor, marks.length - 1), hadFocus);
  }

  /**
   * Put the input at hand where it belongs, or where that is out of the picture at its edge.
   * @param {[number, number]} current
   * @returns {boolean} whether it is in the picture
   */
  function place(current) {
    const [x, y] = toScreen(...current);
    const [left, top] = [Math.max(0, Math.min(width, x)), Math.max(0, Math.min(height, y))];
    here?.setAttribute("transform", `translate(${left.toFixed(1)} ${top.toFixed(1)})`);
    return left === x && top === y;
  }

  /**
   * @param {Mark} mark
   * @param {number[]} spot
   * @param {number} i
   */
  function dot(mark, [x, y], i) {
    const path = svg("path", {
      d: SHAPES[mark.shape],
      class: `dot ${mark.className}`,
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      role: "option",
      tabindex: "-1",
      "aria-label": mark.name,
      "aria-selected": "false",
    });
    if (mark.color) path.style.setProperty("--mark", mark.color);
    path.addEventListener("pointerenter", () => onPoint(i));
    path.addEventListener("pointerleave", () => onPoint(null));
    path.addEventListener("focus", () => onPoint(i));
    path.addEventListener("click", () => {
      reach(i, false);
      onChoose(i);
    });
    path.addEventListener("keydown", (event) => walk(event, i));
    return path;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  function walk(event, i) {
    if (event.key === "Enter" || event.key === " ") onChoose(i);
    else {
      const next = nearest(marks, i, event.key);
      if (next === null) return;
      reach(next, true);
    }
    event.preventDefault();
  }

  /**
   * Make one point the one that Tab leads to.
   * @param {number} i
   * @param {boolean} focus
   */
  function reach(i, focus) {
    dots[cursor]?.setAttribute("tabindex", "-1");
    cursor = Math.max(0, i);
    dots[cursor]?.setAttribute("tabindex", "0");
    if (focus) dots[cursor]?.focus({ preventScroll: true });
  }

  /** @param {number | null} chosen */
  function select(chosen) {
    dots.forEach((path, i) => path.setAttribute("aria-selected", String(i === chosen)));
    if (chosen !== null && !root.contains(document.activeElement)) reach(chosen, false);
  }

  return { root, draw, place, select };
}

/**
 * The map from the plane to the picture: one scale for both axes, y upwards.
 * @param {{x: number, y: number}[]} points
 * @param {number} width
 * @param {number} height
 */
export function fitted(points, width, height) {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, low, high] = [
    Math.min(...xs),
    Math.max(...xs),
    Math.min(...ys),
    Math.max(...ys),
  ];
  const scale = Math.min(
    (width - 2 * MARGIN) / (right - left || 1),
    (height - 2 * MARGIN) / (high - low || 1),
  );
  return (/** @type {number} */ x, /** @type {number} */ y) => [
    width / 2 + scale * (x - (left + right) / 2),
    height / 2 - scale * (y - (low + high) / 2),
  ];
}

const WAYS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
});

/**
 * The point that an arrow key leads to: of those that lie within 45 degrees of its way the nearest.
 * @param {{x: number, y: number}[]} points
 * @param {number} from
 * @param {string} key
 * @returns {number | null}
 */
export function nearest(points, from, key) {
  const way = WAYS[key];
  if (!way) return null;
  let best = null;
  let closest = Infinity;
  points.forEach(({ x, y }, i) => {
    const [right, up] = [x - points[from].x, y - points[from].y];
    const along = right * way[0] + up * way[1];
    const across = Math.abs(right * way[1]) + Math.abs(up * way[0]);
    if (i === from || along <= 0 || across > along) return;
    const distance = along + 2 * across;
    if (distance < closest) [best, closest] = [i, distance];
  });
  return best;
}
