/**
 * What colours and shapes of points say: the classes, or a regression's target.
 *
 * @typedef {import("#app").App} App
 */
import { element, svg } from "#elements";
import { number } from "#names";
import { SHAPES } from "#scatter";

export const COLORS = 10; // of the style sheet's --class-0 to --class-9

/** @param {number | null} group */
export function shapeOf(group) {
  return group === null ? 0 : group % SHAPES.length;
}

/**
 * Colours and shapes of the classes, as buttons that make the others fade.
 * @param {App} app
 * @param {(only: number | null) => void} onOnly
 */
export function legend(app, onOnly) {
  const { classes, low, high, name } = app.content.target;
  /** @type {number | null} */
  let only = null;
  const apply = () => onOnly(only);
  if (app.content.task !== "classification" || !classes) {
    const ends = [low[0], high[0]].map((value) => (value === undefined ? "" : number(value)));
    const scale = element(
      "p",
      { class: "color-scale regression" },
      ends[0],
      element("i"),
      ends[1],
      ` ${name ?? ""}`,
    );
    return { root: app.content.task === "regression" ? scale : element("p"), apply };
  }
  const buttons = classes.map((text, i) =>
    element(
      "button",
      { type: "button", "aria-pressed": "false", onclick: () => toggle(i) },
      svg(
        "svg",
        { viewBox: "-7 -7 14 14", "aria-hidden": "true" },
        svg("path", { d: SHAPES[shapeOf(i)], class: `dot class-${i % COLORS}` }),
      ),
      text,
    ),
  );
  /** @param {number} i */
  function toggle(i) {
    only = only === i ? null : i;
    buttons.forEach((button, j) => button.setAttribute("aria-pressed", String(j === only)));
    apply();
  }
  const wrong = svg(
    "svg",
    { viewBox: "-7 -7 14 14", "aria-hidden": "true" },
    svg("path", { d: SHAPES[0], class: "dot wrong" }),
  );
  const root = element(
    "div",
    { class: "class-legend", role: "group", "aria-label": "Classes" },
    ...buttons,
    element("span", {}, wrong, "mistake"),
  );
  return { root, apply };
}
