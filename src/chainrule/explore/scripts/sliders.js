/**
 * A table's row by hand: a slider for each column of numbers, a list for each of choices.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#content").NumberField} NumberField
 * @typedef {import("#content").ChoiceField} ChoiceField
 *
 * @typedef {object} Control
 * @property {HTMLElement} root
 * @property {(row: ArrayLike<number>) => void} show
 */
import { element } from "#elements";
import { number } from "#names";

const STEPS = 200; // of a slider

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  /** @type {Control[]} */
  const controls = app.content.input.fields.map((field) =>
    field.kind === "number" ? numberControl(field, change) : choiceControl(field, change),
  );
  const reset = element("button", { type: "button", onclick: () => app.set({ source: "sample", input: null }) }, "Back to the sample as it is");

  /** @param {[feature: number, value: number][]} changes */
  function change(changes) {
    const row = Array.from(app.raw());
    for (const [feature, value] of changes) row[feature] = value;
    app.set({ source: "fields", input: row });
  }

  function update() {
    const row = app.raw();
    for (const control of controls) control.show(row);
    reset.hidden = app.content.samples === null || app.state.source === "sample";
  }
  root.append(element("div", { class: "fields" }, ...controls.map((control) => control.root), reset));
  update();
  app.subscribe((_, changed) => ["source", "sample", "input"].some((key) => changed.has(key)) && update());
}

/**
 * @param {NumberField} field
 * @param {(changes: [number, number][]) => void} change
 * @returns {Control}
 */
function numberControl(field, change) {
  const { name, feature, mean, scale, low, high, integer } = field;
  const range = high - low || 1;
  const step = integer ? Math.max(1, Math.round(range / STEPS)) : range / STEPS;
  const about = `${name}: ${number(low)} to ${number(high)} in the data`;
  const attributes = { min: String(low), max: String(high), "aria-label": name, title: about };
  const take = (/** @type {string} */ text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) change([[feature, (value - mean) / scale]]);
  };
  const slider = element("input", { type: "range", step: integer ? String(step) : "any", ...attributes, oninput: () => take(slider.value) });
  slider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step }[event.key];
    if (by === undefined || integer) return; // without steps of its own a slider has no keys
    event.preventDefault();
    take(String(Math.min(Math.max(Number(slider.value) + by, low), high)));
  });
  const box = element("input", { type: "number", step: "any", "aria-label": `${name}, as a number`, onchange: () => enter() });
  let shown = "";

  function enter() {
    if (box.value.trim() === "" || !Number.isFinite(Number(box.value))) box.value = shown;
    else take(box.value);
  }
  const note = element("small", {}, `outside of ${number(low)} to ${number(high)} in the data`);
  const root = element("label", { class: "field" }, element("span", { title: about }, name), slider, box, note);

  /** @param {ArrayLike<number>} row */
  function show(row) {
    const value = row[feature] * scale + mean;
    slider.value = String(value);
    shown = String(Number(value.toPrecision(5)));
    if (document.activeElement !== box) box.value = shown;
    const isOutside = value < low - 1e-6 * range || value > high + 1e-6 * range;
    root.classList.toggle("outside", isOutside);
    note.hidden = !isOutside;
  }
  return { root, show };
}

/**
 * @param {ChoiceField} field
 * @param {(changes: [number, number][]) => void} change
 * @returns {Control}
 */
function choiceControl({ name, features, options }, change) {
  const list = element(
    "select",
    { "aria-label": name, onchange: () => change(features.map((feature, i) => [feature, options[list.selectedIndex].encoded[i]])) },
    ...options.map(({ label }) => element("option", {}, label)),
  );
  const root = element("label", { class: "field" }, element("span", { title: name }, name), list);

  /** @param {ArrayLike<number>} row */
  function show(row) {
    list.selectedIndex = options.findIndex(({ encoded }) => encoded.every((value, i) => Math.abs(value - row[features[i]]) < 1e-4));
  }
  return { root, show };
}
