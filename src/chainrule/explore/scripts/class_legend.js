/**
 * What colours and shapes of points say: the classes, or a regression's target.
 *
 * @typedef {import("#app").App} App
 */
import { element, svg } from "#elements";
import { number } from "#names";
import { SHAPES } from "#scatter";

export const COLORS = 10; // of the style sheet's --class-0 to --class-9
export const MOST_CLASSES = 40; // that are shown side by side; of more one is chosen from a list

/** @param {number | null} group */
export function shapeOf(group) {
  return group === null ? 0 : group % SHAPES.length;
}

/**
 * What colours and shapes say; one of several classes can be chosen, which makes the others fade.
 * @param {App} app
 * @param {(only: number | null) => void} onOnly
 */
export function legend(app, onOnly) {
  const { task, target } = app.content;
  /** @type {number | null} */
  let only = null;
  const apply = () => onOnly(only);
  if (task === "regression") return { root: scaleOf(target), apply };
  if (task !== "classification" || !target.classes) return { root: element("p"), apply };

  /** @param {number | null} chosen */
  function choose(chosen) {
    only = chosen;
    apply();
  }
  const chooser = target.classes.length > MOST_CLASSES ? classList : classButtons;
  const root = element(
    "div",
    { class: "class-legend", role: "group", "aria-label": "Classes" },
    ...chooser(target.classes, choose),
    element("span", {}, sign(SHAPES[0], "wrong"), "mistake"),
  );
  return { root, apply };
}

/** @param {import("#content").Target} target */
function scaleOf({ low, high, name }) {
  const ends = [low[0], high[0]].map((value) => (value === undefined ? "" : number(value)));
  return element(
    "p",
    { class: "color-scale regression" },
    ends[0],
    element("i"),
    ends[1],
    ` ${name ?? ""}`,
  );
}

/**
 * @param {string} path
 * @param {string} kind
 */
function sign(path, kind) {
  return svg(
    "svg",
    { viewBox: "-7 -7 14 14", "aria-hidden": "true" },
    svg("path", { d: path, class: `dot ${kind}` }),
  );
}

/**
 * @param {string[]} classes
 * @param {(chosen: number | null) => void} choose
 */
function classButtons(classes, choose) {
  const buttons = classes.map((text, i) =>
    element(
      "button",
      { type: "button", "aria-pressed": "false", onclick: () => toggle(i) },
      sign(SHAPES[shapeOf(i)], `class-${i % COLORS}`),
      text,
    ),
  );
  /** @param {number} i */
  function toggle(i) {
    const isOn = buttons[i].getAttribute("aria-pressed") === "true";
    buttons.forEach((button, j) => button.setAttribute("aria-pressed", String(j === i && !isOn)));
    choose(isOn ? null : i);
  }
  return buttons;
}

/**
 * Of more classes than there are colours and shapes, each of them stands for several.
 * @param {string[]} classes
 * @param {(chosen: number | null) => void} choose
 */
function classList(classes, choose) {
  const list = element(
    "select",
    { onchange: () => choose(list.value ? Number(list.value) : null) },
    element("option", { value: "" }, `all ${classes.length} classes`),
    ...classes.map((text, i) => element("option", { value: i }, text)),
  );
  return [element("label", {}, "Show ", list)];
}
