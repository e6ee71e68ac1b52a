/**
 * Where a reader says what the right answer is, and what the loss against it is.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";
import { LOSSES, digits } from "#formulas";
import { outputName } from "#names";
import { targetsOf } from "#outputs";
import { classOf } from "#verdicts";

/** @param {App} app */
export function trueLabel(app) {
  const { task } = app.content;
  const field = FIELDS[task](app);
  const own = element(
    "button",
    { type: "button", class: "link", onclick: () => app.set({ label: null }) },
    "take the sample's own",
  );
  const origin = element("span", { class: "origin" });
  const loss = element("b", { class: "loss" });
  const formula = LOSSES[app.content.network.loss.name] ?? "";
  const legend =
    task === "autoencoder" ? "The right answer is the input itself." : "The right answer:";
  const root = element(
    "div",
    { class: "true-label" },
    element(
      "fieldset",
      { class: "choices" },
      element("legend", {}, legend),
      field?.root,
      origin,
      own,
    ),
    element(
      "p",
      { "aria-live": "polite" },
      "Loss of this one row: ",
      loss,
      element("span", { class: "formula" }, ` = ${formula}`),
    ),
  );

  function update() {
    field?.update();
    own.hidden = app.state.label === null || app.truth() === null;
    origin.textContent = task === "autoencoder" ? "" : originOf(app);
    loss.textContent = digits(app.gradient().loss);
  }
  return { root, update };
}

/** @param {App} app */
function originOf(app) {
  if (app.state.label !== null) return "You chose it.";
  return app.truth() === null
    ? "Nobody has said what it is: this is what the network answers."
    : "As the data says.";
}

/**
 * How the right answer of each task is given.
 * @type {Record<import("#content").Task, (app: App) => {root: HTMLElement, update: () => void} | null>}
 */
const FIELDS = {
  classification: classField,
  multilabel: labelFields,
  regression: numberFields,
  autoencoder: () => null,
};

/** @param {App} app */
function classField(app) {
  const classes = app.content.target.classes ?? [];
  const select = element(
    "select",
    { id: "true-label", onchange: () => app.set({ label: Number(select.value) }) },
    ...classes.map((name, i) => element("option", { value: i }, name)),
  );
  const update = () => (select.value = String(classOf(app.target())));
  return { root: element("label", {}, "it is ", select), update };
}

/** @param {App} app */
function labelFields(app) {
  const names = app.content.target.classes ?? [];
  const boxes = names.map(() => element("input", { type: "checkbox", onchange: change }));
  function change() {
    app.set({ label: boxes.map((box) => Number(box.checked)) });
  }
  function update() {
    const target = /** @type {ArrayLike<number>} */ (app.target());
    boxes.forEach((box, i) => (box.checked = target[i] > 0.5));
  }
  const labels = names.map((name, i) => element("label", {}, boxes[i], ` ${name}`));
  return { root: element("div", { class: "choices" }, ...labels), update };
}

/** @param {App} app */
function numberFields(app) {
  const { mean, scale } = app.content.target;
  const n = targetsOf(app.content);
  const fields = Array.from({ length: n }, () =>
    element("input", { type: "number", step: "any", onchange: change }),
  );
  const unit = (/** @type {number} */ i) => ({ by: scale[i] ?? 1, from: mean[i] ?? 0 });

  function change() {
    const values = fields.map((field, i) => (Number(field.value) - unit(i).from) / unit(i).by);
    if (fields.every((field) => field.value !== "") && values.every(Number.isFinite))
      app.set({ label: values });
    else update();
  }

  function update() {
    const target = /** @type {ArrayLike<number>} */ (app.target());
    fields.forEach((field, i) => {
      if (document.activeElement !== field)
        field.value = String(Number((target[i] * unit(i).by + unit(i).from).toPrecision(7)));
    });
  }
  const labels = fields.map((field, i) =>
    element("label", {}, `${outputName(app.content, i)} `, field),
  );
  return { root: element("div", { class: "choices" }, ...labels), update };
}
