/**
 * What the network answers without a unit, or with more or less of it, beside what it answers as
 * it was trained.
 *
 * @typedef {import("#app").App} App
 */
import { forward } from "#arithmetic";
import { element } from "#elements";
import { fullName, isOutput, number, outputName } from "#names";

const MOST = 3;
const ROWS = 5;

/** @param {App} app */
export function experiment(app) {
  const slider = element("input", { type: "range", min: "0", max: String(MOST), step: "0.05" });
  const amount = element("output", {});
  const off = element("button", { type: "button" }, "Switch off");
  const undo = element("button", { type: "button", onclick: () => app.undo() }, "Undo");
  const redo = element("button", { type: "button", onclick: () => app.redo() }, "Redo");
  const controls = element(
    "div",
    { class: "controls" },
    element("label", { class: "scale" }, "Activation × ", slider, amount),
    off,
  );
  const effect = element("div", { class: "effect", "aria-live": "polite" });
  const changes = element("ul", { class: "changes", "aria-label": "Changed units" });
  const reset = element("button", { type: "button" }, "Reset all units");
  const root = element(
    "section",
    { class: "part experiment" },
    element("h4", {}, "Change it"),
    controls,
    element("div", { class: "controls" }, undo, redo, reset),
    effect,
    changes,
  );

  reset.addEventListener("click", () => app.set({ scales: {} }));
  off.addEventListener("click", () => scaleBy(factorOf(app) === 0 ? 1 : 0));
  slider.addEventListener("input", () => scaleBy(slider.valueAsNumber));

  /** @param {number} factor */
  function scaleBy(factor) {
    const { layer, unit } = app.state;
    if (unit !== null) app.set({ scales: withFactor(app.state.scales, `${layer}:${unit}`, factor) });
  }

  function update() {
    const { state, content } = app;
    const keys = Object.keys(state.scales);
    controls.hidden = state.unit === null || isOutput(content, state.layer);
    slider.value = String(factorOf(app));
    amount.textContent = factorOf(app).toFixed(2);
    off.textContent = factorOf(app) === 0 ? "Switch on" : "Switch off";
    undo.toggleAttribute("disabled", !app.canUndo);
    redo.toggleAttribute("disabled", !app.canRedo);
    reset.hidden = keys.length === 0;
    effect.replaceChildren(...(keys.length ? comparison(app) : []));
    changes.replaceChildren(...keys.map((key) => change(app, key)));
  }
  return { root, update };
}

/** @param {App} app */
function factorOf({ state }) {
  return state.scales[`${state.layer}:${state.unit}`] ?? 1;
}

/**
 * Factors with another one for a unit; a unit that is as it was trained has none.
 * @param {Record<string, number>} scales
 * @param {string} key
 * @param {number} factor
 */
export function withFactor(scales, key, factor) {
  const others = Object.entries(scales).filter(([other]) => other !== key);
  return Object.fromEntries(factor === 1 ? others : [...others, [key, factor]]);
}

/**
 * @param {App} app
 * @param {string} key
 */
function change(app, key) {
  const [layer, unit] = key.split(":").map(Number);
  const name = fullName(app.content, layer, unit);
  const factor = app.state.scales[key];
  const look = () => app.set({ layer, unit });
  const restore = () => app.set({ scales: withFactor(app.state.scales, key, 1) });
  return element(
    "li",
    {},
    element("button", { type: "button", class: "link", onclick: look }, name),
    element("span", {}, factor === 0 ? "switched off" : `× ${factor.toFixed(2)}`),
    element("button", { type: "button", "aria-label": `Reset ${name}`, onclick: restore }, "Reset"),
  );
}

/**
 * The answer before and after.
 * @param {App} app
 */
function comparison(app) {
  const before = forward(app.network(), app.x()).output;
  const after = app.pass().output;
  const places = shownOutputs(app.content, before, after);
  const header = ["", "as trained", "changed"].map((text) => element("th", { scope: "col" }, text));
  const rows = places.map((i) => row(app.content, i, before[i], after[i]));
  return [
    element("p", {}, verdict(app.content, before, after)),
    element(
      "table",
      { class: "before-after" },
      element("thead", {}, element("tr", {}, ...header)),
      element("tbody", {}, ...rows),
    ),
  ];
}

/**
 * The outputs that are largest before or after, in their order.
 * @param {import("#content").Content} content
 * @param {Float64Array} before
 * @param {Float64Array} after
 */
function shownOutputs({ target }, before, after) {
  const size = target.classes
    ? (/** @type {number} */ i) => Math.max(before[i], after[i])
    : (/** @type {number} */ i) => Math.abs(after[i] - before[i]);
  return [...before.keys()].sort((i, j) => size(j) - size(i)).slice(0, ROWS);
}

/**
 * @param {import("#content").Content} content
 * @param {number} i
 * @param {number} before
 * @param {number} after
 */
function row(content, i, before, after) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, outputName(content, i)),
    ...[before, after].map((value) => {
      const cell = element("td", { "data-value": String(value) }, written(content, i, value));
      if (content.target.classes) cell.style.setProperty("--size", value.toFixed(3));
      return cell;
    }),
  );
}

/**
 * @param {import("#content").Content} content
 * @param {number} i
 * @param {number} value
 */
function written({ target, task }, i, value) {
  if (target.classes) return `${(100 * value).toFixed(1)} %`;
  if (task === "autoencoder") return number(value);
  return number(value * (target.scale[i] ?? 1) + (target.mean[i] ?? 0));
}

/**
 * What the change does, in a sentence.
 * @param {import("#content").Content} content
 * @param {Float64Array} before
 * @param {Float64Array} after
 */
function verdict(content, before, after) {
  if (content.task === "classification") {
    const [old, now] = [before, after].map((values) => answerOf(content, values));
    return old === now ? `The answer stays ${old}.` : `The answer changes from ${old} to ${now}.`;
  }
  const most = before.reduce((far, value, i) => Math.max(far, Math.abs(value - after[i])), 0);
  return content.target.classes
    ? `A probability moves by up to ${(100 * most).toFixed(1)} percentage points.`
    : `An output moves by up to ${number(most * Math.max(1, ...(content.target.scale ?? [])))}.`;
}

/**
 * @param {import("#content").Content} content
 * @param {Float64Array} values
 */
function answerOf({ target }, values) {
  if (values.length === 1) return target.classes?.[values[0] > 0.5 ? 1 : 0] ?? "";
  return target.classes?.[values.indexOf(Math.max(...values))] ?? "";
}
