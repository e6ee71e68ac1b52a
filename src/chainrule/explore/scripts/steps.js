/**
 * Steps against the gradient: a learning rate, the loss before and after, a curve over all steps.
 *
 * The steps are plain gradient descent on this one sample, from the weights that were trained.
 *
 * @typedef {import("#app").App} App
 */
import { MOST_STEPS } from "#app";
import { element, svg } from "#elements";
import { steepness } from "#factors";
import { digits } from "#formulas";

const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const WIDTH = 420;
const HEIGHT = 150;
const LEFT = 64; // room for the axes' numbers
const BELOW = 24;

/** @param {App} app */
export function steps(app) {
  const rate = /** @type {HTMLInputElement} */ (
    element("input", { type: "number", min: "0", step: "any", list: "rates", onchange: changeRate })
  );
  const rates = element(
    "datalist",
    { id: "rates" },
    ...RATES.map((r) => element("option", { value: String(r) })),
  );
  const once = button("Step once", () => take(1));
  const often = button("Ten steps", () => take(10));
  const reset = button("Reset the weights", () => app.set({ steps: 0 }));
  const said = element("p", { class: "steps-said", "aria-live": "polite" });
  const promise = element("p", { class: "hint" });
  const curve = element("div", {});

  function changeRate() {
    const value = Number(rate.value);
    if (value > 0 && Number.isFinite(value)) app.set({ rate: value });
    else rate.value = String(app.state.rate);
  }

  /** @param {number} count */
  function take(count) {
    app.set({ steps: Math.min(MOST_STEPS, app.state.steps + count) });
  }

  function update() {
    const { state } = app;
    if (document.activeElement !== rate) rate.value = String(state.rate);
    const losses = app.losses();
    once.disabled = often.disabled = state.steps >= MOST_STEPS;
    reset.disabled = state.steps === 0;
    said.replaceChildren(...summary(losses));
    promise.textContent = promised(app, losses);
    curve.replaceChildren(...(losses.length > 1 ? [drawn(losses)] : []));
  }

  const root = element(
    "section",
    { class: "part", id: "steps" },
    element("h3", {}, "Step the weights"),
    element(
      "p",
      { class: "hint" },
      "Every weight and bias goes a little against its gradient: w ← w − η · ∂L/∂w. The whole page ",
      "then shows the network with the new weights.",
    ),
    element(
      "div",
      { class: "controls" },
      element("label", {}, "learning rate η ", rate),
      rates,
      once,
      often,
      reset,
    ),
    said,
    promise,
    curve,
  );
  return { root, update };
}

/**
 * @param {string} text
 * @param {() => void} onclick
 */
function button(text, onclick) {
  return /** @type {HTMLButtonElement} */ (element("button", { type: "button", onclick }, text));
}

/** @param {number[]} losses */
function summary(losses) {
  const last = losses[losses.length - 1];
  if (losses.length === 1)
    return ["The loss is ", element("b", {}, digits(last)), "; no step is taken yet."];
  const taken = losses.length === 2 ? "one step" : `${losses.length - 1} steps`;
  return [
    "Before: ",
    element("b", { class: "before" }, digits(losses[0])),
    ` → after ${taken}: `,
    element("b", { class: "after" }, digits(last)),
    last > losses[0] ? ". The loss has risen: the steps are too long." : ".",
  ];
}

/**
 * What the gradient alone says of the next step, and what the last step did of it.
 * @param {App} app
 * @param {number[]} losses
 */
function promised(app, losses) {
  const gradient = app.gradient();
  const fall = app.state.rate * steepness(app.pass(), gradient);
  const last = losses[losses.length - 1];
  return (
    `By the gradient alone, the next step lowers the loss by η · ‖∂L/∂w‖² = ${digits(fall)}` +
    (fall > last ? ", more than there is of it: a shorter step follows the slope better." : ".")
  );
}

/** @param {number[]} losses */
function drawn(losses) {
  const most = Math.max(...losses) || 1;
  const x = (/** @type {number} */ i) => LEFT + (i / (losses.length - 1)) * (WIDTH - LEFT - 10);
  const y = (/** @type {number} */ value) => 10 + (1 - value / most) * (HEIGHT - BELOW - 10);
  const line = losses.map(
    (value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`,
  );
  const text = (
    /** @type {number} */ left,
    /** @type {number} */ top,
    /** @type {string} */ content,
    anchor = "end",
  ) => svg("text", { x: String(left), y: String(top), "text-anchor": anchor }, content);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "loss-curve",
      role: "img",
      "aria-label": `The loss over ${losses.length - 1} steps, from ${digits(losses[0])} to ${digits(losses[losses.length - 1])}`,
    },
    svg("path", { class: "axis", d: `M${LEFT} 10V${HEIGHT - BELOW}H${WIDTH - 10}` }),
    svg("path", { class: "line", d: line.join("") }),
    ...losses.map((value, i) =>
      svg("circle", { cx: x(i).toFixed(1), cy: y(value).toFixed(1), r: "3" }),
    ),
    text(LEFT - 6, 16, digits(most)),
    text(LEFT - 6, HEIGHT - BELOW, "0"),
    text(LEFT, HEIGHT - 6, "0", "middle"),
    text(WIDTH - 10, HEIGHT - 6, losses.length === 2 ? "1 step" : `${losses.length - 1} steps`),
  );
}
