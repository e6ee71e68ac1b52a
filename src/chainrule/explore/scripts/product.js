/**
 * One weight's gradient, written out as the product that it is, with its numbers.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#factors").Product} Product
 * @typedef {import("#factors").Weight} Weight
 *
 * @typedef {object} Factor
 * @property {string} symbol
 * @property {number} value
 * @property {string} about
 */
import { element } from "#elements";
import { productOf, steepest } from "#factors";
import { OUTPUT_STEPS, SLOPES, digits } from "#formulas";
import { fullName, layerName, unitName } from "#names";

const TERMS = 4;

/** @param {App} app */
export function product(app) {
  const chooser = weightChooser(app);
  const title = element("h4", { "aria-live": "polite" });
  const formula = element("div", { class: "product", role: "group" });
  const upstream = element("div", { class: "upstream" });
  const root = element(
    "section",
    { class: "part", id: "product" },
    element("h3", {}, "One weight, factor by factor"),
    chooser.root,
    title,
    formula,
    upstream,
  );

  function update() {
    const gradient = app.gradient();
    const weight = weightOf(app);
    const found = productOf(app.network(), app.pass(), gradient, app.scales(), weight);
    chooser.update(weight);
    title.textContent = nameOf(app, weight);
    formula.replaceChildren(...written(found, factorsOf(app, weight, found)));
    upstream.replaceChildren(...upstreamParts(app, weight, found));
  }
  return { root, update };
}

/**
 * The weight that is followed: the reader's, or the last layer's steepest.
 * @param {App} app
 * @returns {Weight}
 */
function weightOf(app) {
  const gradient = app.gradient();
  const last = app.content.network.sizes.length - 2;
  return app.state.weight ?? steepest(app.pass(), gradient, last > 0 ? last - 1 : last);
}

/**
 * @param {App} app
 * @param {Weight} weight
 */
function nameOf(app, [layer, from, to]) {
  const { content } = app;
  const value = digits(app.network().weights[layer][from * content.network.sizes[layer + 1] + to]);
  const start =
    layer > 0 ? fullName(content, layer - 1, from) : `Input ${unitName(content, -1, from)}`;
  const end = fullName(content, layer, to);
  return `${start} → ${end[0].toLowerCase()}${end.slice(1)}: w = ${value}`;
}

/**
 * @param {App} app
 * @param {Weight} weight
 * @param {Product} found
 * @returns {Factor[]}
 */
function factorsOf({ content }, [layer, from, to], found) {
  const source =
    layer > 0 ? `what unit ${from} puts out` : `what ${unitName(content, -1, from)} is`;
  const input = { symbol: layer > 0 ? "a" : "x", value: found.input, about: source };
  if (found.upstream === null || found.slope === null) {
    const about = OUTPUT_STEPS[content.network.loss.name] ?? "what the loss says";
    return [{ symbol: "∂L/∂z", value: found.delta, about }, input];
  }
  const { name } = content.network.activations[layer];
  const arrives = {
    symbol: "∂L/∂a",
    value: found.upstream,
    about: `arrives from ${layerName(content, layer + 1)}`,
  };
  const slope = {
    symbol: "f′(z)",
    value: found.slope,
    about: `the slope of ${name}: ${SLOPES[name] ?? ""}`,
  };
  const factor = { symbol: "s", value: found.factor, about: `what you multiplied unit ${to} by` };
  return found.factor === 1 ? [arrives, slope, input] : [arrives, factor, slope, input];
}

/**
 * The formula as columns: symbol, number, what it is.
 * @param {Product} found
 * @param {Factor[]} factors
 */
function written(found, factors) {
  const result = { symbol: "∂L/∂w", value: found.gradient, about: "the gradient" };
  return [result, ...factors].map((factor, i) =>
    element(
      "div",
      { class: "signed" },
      i > 0 && element("span", { class: "sign" }, i === 1 ? "=" : "×"),
      element(
        "div",
        { class: i === 0 ? "factor result" : "factor" },
        element("i", {}, factor.symbol),
        element("b", {}, digits(factor.value)),
        element("span", {}, factor.about),
      ),
    ),
  );
}

/**
 * Where ∂L/∂a comes from: the sum over the units of the next layer, the largest terms of it.
 * @param {App} app
 * @param {Weight} weight
 * @param {Product} found
 */
function upstreamParts({ content }, [layer, , to], found) {
  if (found.upstream === null) return [];
  const shown = found.terms.slice(0, TERMS);
  const rest = found.terms.slice(TERMS);
  const sum = rest.reduce((total, { weight, delta }) => total + weight * delta, 0);
  const lines = shown.map(({ unit, weight, delta }) => [
    unitName(content, layer + 1, unit),
    `${digits(weight)} × ${digits(delta)}`,
    digits(weight * delta),
  ]);
  if (rest.length) lines.push([`${rest.length} more`, "", digits(sum)]);
  lines.push(["∂L/∂a", "the sum", digits(found.upstream)]);
  return [
    element(
      "p",
      { class: "hint" },
      `∂L/∂a of unit ${to} is a sum: over each way on to ${layerName(content, layer + 1)}, the weight `,
      "there times what arrives at its end, ∂L/∂z.",
    ),
    element("table", { class: "terms" }, element("tbody", {}, ...lines.map(termRow))),
  ];
}

/**
 * @param {string[]} line
 * @param {number} i
 * @param {string[][]} lines
 */
function termRow([name, term, value], i, lines) {
  return element(
    "tr",
    i === lines.length - 1 ? { class: "sum" } : {},
    element("th", { scope: "row" }, name),
    element("td", { class: "number" }, term),
    element("td", { class: "number" }, value),
  );
}

/**
 * Three fields that name a weight, and a button for the steepest.
 * @param {App} app
 */
function weightChooser(app) {
  const { sizes } = app.content.network;
  const layers = sizes.slice(1).map((_, layer) => {
    const from = layer > 0 ? layerName(app.content, layer - 1) : "inputs";
    return element(
      "option",
      { value: String(layer) },
      `${from} → ${layerName(app.content, layer)}`,
    );
  });
  const layer = /** @type {HTMLSelectElement} */ (
    element("select", { onchange: changeLayer }, ...layers)
  );
  const from = numberField(changeEnds);
  const to = numberField(changeEnds);
  const steep = element("button", { type: "button", onclick: changeLayer }, "The steepest here");

  function changeLayer() {
    app.set({ weight: steepest(app.pass(), app.gradient(), Number(layer.value)) });
  }

  function changeEnds() {
    const ends = [from, to].map((field) => Math.round(Number(field.value)));
    const limits = [sizes[Number(layer.value)], sizes[Number(layer.value) + 1]];
    const [i, j] = ends.map((end, side) => Math.max(0, Math.min(limits[side] - 1, end || 0)));
    app.set({ weight: [Number(layer.value), i, j] });
  }

  /** @param {Weight} weight */
  function update([l, i, j]) {
    layer.value = String(l);
    from.max = String(sizes[l] - 1);
    to.max = String(sizes[l + 1] - 1);
    if (document.activeElement !== from) from.value = String(i);
    if (document.activeElement !== to) to.value = String(j);
  }

  const root = element(
    "div",
    { class: "controls" },
    element("label", {}, "weights of ", layer),
    element("label", {}, "from ", from),
    element("label", {}, "to ", to),
    steep,
  );
  return { root, update };
}

/** @param {() => void} onchange */
function numberField(onchange) {
  const field = element("input", { type: "number", min: "0", step: "1", onchange });
  return /** @type {HTMLInputElement} */ (field);
}
