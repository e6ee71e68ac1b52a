/**
 * The elements of the network's drawing. Every colour is written into them, so that what is saved
 * is what is seen.
 *
 * @typedef {import("#diagram_layout").Layout} Layout
 * @typedef {import("#colors").Palette} Palette
 *
 * @typedef {object} Node
 * @property {number} column
 * @property {number} unit
 * @property {string} name
 * @property {number} value
 * @property {number} factor what it is multiplied by: 1 as it is, 0 off
 * @property {boolean} chosen
 * @property {string} answer what is written beside an output
 *
 * @typedef {object} Drawn
 * @property {Layout} layout
 * @property {{name: string, about: string}[]} headings
 * @property {number[]} sizes
 * @property {Node[][]} nodes
 * @property {import("#wiring").Edge[][]} edges
 * @property {string | null} image the picture that goes in
 * @property {string} lines what the lines show
 * @property {Palette} colors
 */
import { colorOf, css, limitOf, readableOn } from "#colors";
import { shorten } from "#diagram_layout";
import { svg } from "#elements";
import { number } from "#names";

const RADIUS = 11;
const PIXEL = 3;
const THICKEST = 4;

/**
 * @param {Drawn} drawn
 * @returns {SVGElement}
 */
export function draw(drawn) {
  const { width, height } = drawn.layout;
  return svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width: String(width),
      height: String(height),
      role: "group",
      "aria-label": "The network",
      "font-family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
      "font-size": "12",
    },
    svg("rect", { width: String(width), height: String(height), fill: css(drawn.colors.card) }),
    ...drawn.headings.map((heading, column) => headed(drawn, heading, column)),
    ...pictured(drawn),
    ...drawn.edges.map((edges, column) => connections(drawn, edges, column)),
    ...drawn.nodes.flatMap((nodes) => nodes.map((node, row) => noded(drawn, node, row))),
    ...drawn.layout.ends.flatMap((spot, column) => (spot ? [more(drawn, spot, column)] : [])),
    ...legend(drawn),
  );
}

/**
 * @param {Drawn} drawn
 * @param {{name: string, about: string}} heading
 * @param {number} column
 */
function headed({ layout, colors }, { name, about }, column) {
  const x = String(layout.columns[column]);
  const anchored = { x, "text-anchor": "middle" };
  return svg(
    "g",
    {},
    svg("text", { ...anchored, y: "16", "font-weight": "600", fill: css(colors.ink) }, name),
    svg("text", { ...anchored, y: "32", fill: css(colors.faint) }, about),
  );
}

/** @param {Drawn} drawn */
function pictured({ layout, image, colors }) {
  const { picture } = layout;
  if (!picture || !image) return [];
  const size = String(picture.size);
  const place = { x: String(picture.x), y: String(picture.y), width: size, height: size };
  return [
    svg("image", { ...place, href: image, style: "image-rendering: pixelated" }),
    svg("rect", { ...place, fill: "none", stroke: css(colors.grid) }),
  ];
}

/**
 * The connections between two columns; where a unit is chosen, others fade.
 * @param {Drawn} drawn
 * @param {import("#wiring").Edge[]} edges
 * @param {number} column
 */
function connections({ layout, nodes, colors }, edges, column) {
  const rows = [0, 1].map((next) => new Map(nodes[column + next].map((node, i) => [node.unit, i])));
  const chosen = nodes.flat().find((node) => node.chosen);
  const largest = edges.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0) || 1;
  const strokes = edges.map(({ from, to, value }) => {
    const start = layout.spots[column][rows[0].get(from) ?? 0];
    const end = layout.spots[column + 1][rows[1].get(to) ?? 0];
    const share = Math.abs(value) / largest;
    const touches =
      !chosen ||
      (chosen.column === column && chosen.unit === from) ||
      (chosen.column === column + 1 && chosen.unit === to);
    return svg("path", {
      d: curve(start, end),
      stroke: css(value < 0 ? colors.negative : colors.positive),
      "stroke-width": (0.3 + THICKEST * share).toFixed(2),
      "stroke-opacity": ((0.2 + 0.7 * share) * (touches ? 1 : 0.3)).toFixed(2),
    });
  });
  return svg("g", { class: "edges", fill: "none" }, ...strokes);
}

/**
 * @param {import("#diagram_layout").Spot} start
 * @param {import("#diagram_layout").Spot} end
 */
function curve(start, end) {
  const bend = (end.x - start.x) / 2;
  const points = [
    [start.x + bend, start.y],
    [end.x - bend, end.y],
    [end.x, end.y],
  ];
  const written = points.map((point) => point.map((value) => value.toFixed(1)).join(" "));
  return `M${start.x.toFixed(1)} ${start.y.toFixed(1)}C${written.join(" ")}`;
}

/**
 * @param {Drawn} drawn
 * @param {Node} node
 * @param {number} row
 */
function noded({ layout, nodes, colors }, node, row) {
  const { x, y } = layout.spots[node.column][row];
  const isPixel = node.column === 0 && layout.picture !== null;
  const limit = limitOf(nodes[node.column].map(({ value }) => value));
  const fill = colorOf(node.value, limit, colors);
  const circle = svg("circle", {
    r: String(isPixel ? PIXEL : RADIUS),
    fill: css(isPixel ? colors.accent : fill),
    stroke: css(node.chosen ? colors.accent : isPixel ? colors.card : colors.faint),
    "stroke-width": node.chosen ? "3" : "1",
    "stroke-dasharray": node.factor === 1 ? "none" : "3 2",
  });
  return svg(
    "g",
    {
      class: node.column === 0 ? "node input" : "node",
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      "data-column": String(node.column),
      "data-unit": String(node.unit),
    },
    svg("title", {}, `${node.name}: ${number(node.value)}`),
    circle,
    ...(isPixel ? [] : labels(layout, node, nodes, readableOn(fill), colors)),
  );
}

/**
 * What is written in and beside a node: names at the sides, numbers between.
 * @param {Layout} layout
 * @param {Node} node
 * @param {Node[][]} nodes
 * @param {string} readable
 * @param {Palette} colors
 */
function labels(layout, node, nodes, readable, colors) {
  if (node.column === nodes.length - 1) return [answered(layout, node, nodes, colors)];
  const beside = { y: "4", fill: css(colors.ink) };
  if (node.column === 0) {
    const name = shorten(node.name, layout.letters);
    return [svg("text", { ...beside, x: "-16", "text-anchor": "end" }, name)];
  }
  const size = node.unit > 999 ? "7" : "9";
  const inside = { y: "3.2", fill: readable, "text-anchor": "middle", "font-size": size };
  const off = node.factor === 0 ? [cross(colors)] : [];
  return [svg("text", inside, String(node.unit)), ...off];
}

/**
 * An output's name and value beside its node, one below the other where they are long.
 * @param {Layout} layout
 * @param {Node} node
 * @param {Node[][]} nodes
 * @param {Palette} colors
 */
function answered({ letters }, { name, answer }, nodes, colors) {
  const outputs = nodes.at(-1) ?? [];
  const below = outputs.some((node) => node.name.length + node.answer.length >= letters);
  const place = below ? { x: "16", dy: "13" } : { dx: "5" };
  return svg(
    "text",
    { x: "16", y: below ? "-2" : "4", fill: css(colors.ink) },
    svg("tspan", { "font-weight": "600" }, shorten(name, letters)),
    svg("tspan", { ...place, fill: css(colors.faint) }, answer),
  );
}

/** @param {Palette} colors */
function cross(colors) {
  return svg("path", { d: "M-8 -8L8 8M-8 8L8 -8", stroke: css(colors.negative), "stroke-width": "2" });
}

/**
 * @param {Drawn} drawn
 * @param {import("#diagram_layout").Spot} spot
 * @param {number} column
 */
function more({ layout, nodes, sizes, colors }, { x, y }, column) {
  const hidden = sizes[column] - nodes[column].length;
  const place = { x: String(x), y: (y + 4).toFixed(1), "text-anchor": "middle" };
  const text = layout.width / sizes.length < 90 ? `… ${hidden}` : `… ${hidden} more`;
  return svg("text", { class: "more", ...place, fill: css(colors.faint) }, text);
}

/** @param {Drawn} drawn */
function legend({ layout, lines, colors }) {
  const y = layout.height - 12;
  const entry = (/** @type {number} */ x, /** @type {string} */ color, /** @type {string} */ text) => [
    svg("path", { d: `M${x} ${y}h22`, stroke: color, "stroke-width": "3" }),
    svg("text", { x: String(x + 28), y: String(y + 4), fill: css(colors.faint) }, text),
  ];
  return [
    ...entry(8, css(colors.positive), `positive ${lines}`),
    ...entry(8 + layout.width / 2, css(colors.negative), `negative ${lines}`),
  ];
}

