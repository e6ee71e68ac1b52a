/**
 * What the network answers without a unit, or with more or less of it, beside what it answers
 * unchanged.
 *
 * @typedef {import("#app").App} App
 */
import { forward } from "#arithmetic";
import { element } from "#elements";
import { fullName, isOutput, number, outputName } from "#names";
import { inUnits, probabilitiesOf, reconstruction } from "#outputs";

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
    undo.disabled = !app.canUndo;
    redo.disabled = !app.canRedo;
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
  const { content } = app;
  const unchanged = forward(app.network(), app.x()).output;
  const [before, after] = [unchanged, app.pass().output].map((output) => shownOutput(content, output));
  const header = ["", "unchanged", "changed"].map((text) => element("th", { scope: "col" }, text));
  const rows = chosenOutputs(content, before, after);
  return [
    element("p", {}, verdict(content, before, after)),
    element(
      "table",
      { class: "before-after" },
      element("thead", {}, element("tr", {}, header)),
      element("tbody", {}, rows.map((i) => row(content, i, [before[i], after[i]]))),
    ),
  ];
}

/**
 * An output as it is shown: probabilities of classes, or numbers in the data's units.
 * @param {import("#content").Content} content
 * @param {Float64Array} output
 */
function shownOutput(content, output) {
  if (content.target.classes) return probabilitiesOf(content, output);
  return content.task === "autoencoder" ? reconstruction(content, output) : inUnits(content, output);
}

/**
 * The most probable classes before or after, or the numbers that move most.
 * @param {import("#content").Content} content
 * @param {Float64Array} before
 * @param {Float64Array} after
 */
function chosenOutputs({ target }, before, after) {
  const rank = target.classes
    ? before.map((value, i) => Math.max(value, after[i]))
    : before.map((value, i) => Math.abs(value - after[i]));
  return [...rank.keys()].sort((i, j) => rank[j] - rank[i]).slice(0, ROWS);
}

/**
 * @param {import("#content").Content} content
 * @param {number} i
 * @param {number[]} values before and after
 */
function row(content, i, values) {
  const { classes } = content.target;
  const cells = values.map((value) => {
    const cell = element("td", { "data-value": value }, written(content, value));
    if (classes) cell.style.setProperty("--size", value.toFixed(3));
    return cell;
  });
  const name = classes ? classes[i] : outputName(content, i);
  return element("tr", {}, element("th", { scope: "row" }, name), cells);
}

/**
 * @param {import("#content").Content} content
 * @param {number} value
 */
function written({ target }, value) {
  return target.classes ? `${(100 * value).toFixed(1)} %` : number(value);
}

/**
 * What the change does, in a sentence.
 * @param {import("#content").Content} content
 * @param {Float64Array} before
 * @param {Float64Array} after
 */
function verdict({ task, target }, before, after) {
  if (task === "classification") {
    const [old, now] = [before, after].map((values) => values.indexOf(Math.max(...values)));
    const [from, to] = [target.classes?.[old], target.classes?.[now]];
    return old === now ? `The answer stays ${from}.` : `The answer changes from ${from} to ${to}.`;
  }
  const most = before.reduce((far, value, i) => Math.max(far, Math.abs(value - after[i])), 0);
  return target.classes
    ? `A probability moves by up to ${(100 * most).toFixed(1)} percentage points.`
    : `An output moves by up to ${number(most)}.`;
}
