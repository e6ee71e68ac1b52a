/**
 * The drawing of the network: its real weights as lines, its activations as the colour of nodes.
 *
 * `#wiring` chooses what is shown, `#diagram_layout` where it is, `#diagram_drawing` makes the
 * elements, anew for every state; here they are put together, walked over by keyboard, and saved.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#diagram_drawing").Node} Node
 */
import { palette } from "#colors";
import { draw } from "#diagram_drawing";
import { arrange } from "#diagram_layout";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { fullName, isOutput, number, unitName } from "#names";
import { inUnits, reconstruction } from "#outputs";
import { paintGrey } from "#thumbnail";
import { unitLink } from "#unit_link";
import { chooseEdges, chooseUnits } from "#wiring";

const PIXELS = 14;
const INPUTS = 16;
const HIDDEN = 10;
const OUTPUTS = 12;
const EDGES = 60; // between two columns

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const frame = element("div", { class: "diagram scroll" });
  const flow = element("input", { type: "checkbox" });
  const name = element("span", {});
  const chosen = element("span", { class: "chosen-unit" }, name, " ", unitLink());
  const save = element("button", { type: "button" }, "Save as SVG");
  root.append(
    element(
      "div",
      { class: "controls" },
      element("label", {}, flow, " Show what flows: weight × activation"),
      save,
      chosen,
    ),
    frame,
    element(
      "p",
      { class: "hint" },
      "Of wide layers it shows the units that send most for this input, of their connections the ",
      "strongest. Choose a node to look into its unit.",
    ),
  );

  let room = 0;

  /** @param {number} [width] */
  function update(width = room) {
    room = width;
    const { layer, unit } = app.state;
    chosen.hidden = unit === null;
    name.textContent = unit === null ? "" : `${fullName(app.content, layer, unit)}:`;
    const focused = /** @type {SVGElement | null} */ (frame.querySelector(".node:focus"));
    const image = draw(describe(app, room, flow.checked));
    makeReachable(image, app);
    frame.replaceChildren(image);
    if (focused) nodeOf(image, focused.dataset.column, focused.dataset.unit)?.focus();
  }

  flow.addEventListener("change", () => update());
  save.addEventListener("click", () => download(frame.querySelector("svg")));
  keepUpdated(frame, app, update);
}

/**
 * All that the drawing says.
 * @param {App} app
 * @param {number} room
 * @param {boolean} flowing
 * @returns {import("#diagram_drawing").Drawn}
 */
function describe(app, room, flowing) {
  const { content } = app;
  const network = app.network();
  const pass = app.pass();
  const { sizes } = network;
  const last = sizes.length - 1;
  const { shape } = content.input;
  /** @type {number[]} */
  const limits = sizes.map((_, c) => (c === 0 ? (shape ? PIXELS : INPUTS) : HIDDEN));
  limits[last] = OUTPUTS;
  const units = chooseUnits(network, pass, limits, keptUnits(app));
  return {
    layout: arrange({ room, sizes, units, shape }),
    headings: sizes.map((size, c) => heading(content, c, size)),
    sizes,
    nodes: units.map((column, c) => column.map((unit) => nodeFor(app, c, unit))),
    edges: chooseEdges(network, pass, units, EDGES, flowing),
    image: shape ? picture(app) : null,
    lines: flowing ? "flow" : "weight",
    colors: palette(),
  };
}

/**
 * The chosen unit and those that are changed, of each column.
 * @param {App} app
 */
function keptUnits({ content, state }) {
  const kept = content.network.sizes.map(() => new Set(/** @type {number[]} */ ([])));
  if (state.unit !== null) kept[state.layer + 1].add(state.unit);
  for (const key of Object.keys(state.scales)) {
    const [layer, unit] = key.split(":").map(Number);
    kept[layer + 1].add(unit);
  }
  return kept;
}

/**
 * @param {App} app
 * @param {number} column
 * @param {number} unit
 * @returns {Node}
 */
function nodeFor(app, column, unit) {
  const { content, state } = app;
  const pass = app.pass();
  const output = isOutput(content, column - 1);
  const value = output ? pass.output[unit] : pass.inputs[column][unit];
  return {
    column,
    unit,
    name: unitName(content, column - 1, unit),
    value,
    factor: state.scales[`${column - 1}:${unit}`] ?? 1,
    chosen: column > 0 && state.layer === column - 1 && state.unit === unit,
    answer: output ? answerText(content, pass.output, unit) : "",
  };
}

/**
 * What is written beside an output.
 * @param {import("#content").Content} content
 * @param {Float64Array} output
 * @param {number} i
 */
function answerText(content, output, i) {
  const { task, target } = content;
  if (target.classes) return `${(100 * output[i]).toFixed(output[i] > 0.1 ? 0 : 1)} %`;
  const shown = task === "autoencoder" ? reconstruction(content, output) : inUnits(content, output);
  return number(shown[i]);
}

/**
 * @param {import("#content").Content} content
 * @param {number} column
 * @param {number} size
 */
function heading({ network }, column, size) {
  if (column === 0) return { name: "input", about: String(size) };
  if (column === network.sizes.length - 1) return { name: "output", about: String(size) };
  return { name: `hidden ${column}`, about: `${size} ${network.activations[column - 1].name}` };
}

/**
 * The image that goes in, as an address.
 * @param {App} app
 */
function picture(app) {
  const canvas = element("canvas", {});
  paintGrey(canvas, app.raw(), app.content.input);
  return canvas.toDataURL();
}

/**
 * Make nodes buttons, one of which Tab leads to; arrow keys go from there to others.
 * @param {SVGElement} image
 * @param {App} app
 */
function makeReachable(image, app) {
  const nodes = /** @type {SVGElement[]} */ ([...image.querySelectorAll(".node:not(.input)")]);
  const first = nodes.find((node) => isChosen(node, app)) ?? nodes[0];
  for (const node of nodes) {
    node.setAttribute("role", "button");
    node.setAttribute("tabindex", node === first ? "0" : "-1");
    node.setAttribute("aria-pressed", String(isChosen(node, app)));
    node.setAttribute("aria-label", node.querySelector("title")?.textContent ?? "");
    node.addEventListener("click", () => choose(node, app));
    node.addEventListener("keydown", (event) => {
      const next = neighbour(nodes, node, event.key);
      if (event.key === "Enter" || event.key === " ") choose(node, app);
      else if (next) next.focus();
      else return;
      event.preventDefault();
    });
  }
}

/**
 * @param {SVGElement} node
 * @param {App} app
 */
function isChosen({ dataset }, { state }) {
  return state.layer === Number(dataset.column) - 1 && state.unit === Number(dataset.unit);
}

/**
 * @param {SVGElement} node
 * @param {App} app
 */
function choose({ dataset }, app) {
  app.set({ layer: Number(dataset.column) - 1, unit: Number(dataset.unit) });
}

/**
 * The node that an arrow key leads to: above or below, or at the same height beside it.
 * @param {SVGElement[]} nodes
 * @param {SVGElement} node
 * @param {string} key
 */
function neighbour(nodes, node, key) {
  const column = Number(node.dataset.column);
  const beside = { ArrowLeft: column - 1, ArrowRight: column + 1 }[key];
  const own = nodes.filter((other) => Number(other.dataset.column) === column);
  const row = own.indexOf(node);
  if (beside === undefined) return { ArrowUp: own[row - 1], ArrowDown: own[row + 1] }[key];
  const others = nodes.filter((other) => Number(other.dataset.column) === beside);
  return others[Math.min(others.length - 1, Math.round((row / own.length) * others.length))];
}

/**
 * @param {SVGElement} image
 * @param {string} [column]
 * @param {string} [unit]
 * @returns {SVGElement | null}
 */
function nodeOf(image, column, unit) {
  return image.querySelector(`.node[data-column="${column}"][data-unit="${unit}"]`);
}

/**
 * The drawing as a file of its own.
 * @param {SVGElement} image
 */
function standalone(image) {
  const copy = /** @type {SVGElement} */ (image.cloneNode(true));
  copy.setAttribute("role", "img");
  for (const node of copy.querySelectorAll(".node")) {
    ["role", "tabindex", "aria-pressed", "aria-label"].forEach((name) => node.removeAttribute(name));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** @param {SVGElement | null} image */
function download(image) {
  if (!image) return;
  const file = new Blob([standalone(image)], { type: "image/svg+xml" });
  const href = URL.createObjectURL(file);
  element("a", { href, download: "network.svg" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
