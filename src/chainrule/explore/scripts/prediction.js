/**
 * A regression's answer: each prediction in the target's units, on a scale with the range that
 * was there in training, beside the truth where it is known.
 *
 * @typedef {import("#app").App} App
 */
import { alteredLine } from "#altered";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { number, outputName } from "#names";
import { ascending, inUnits, targetsOf } from "#outputs";

const ROOM = 0.15; // of the range, on both sides

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const n = targetsOf(app.content);
  const targets = Array.from({ length: n }, (_, i) => targetView(app, i));
  const altered = alteredLine(app);
  const of = app.content.target.range_of;
  root.append(
    altered.root,
    element("div", { class: "predictions", "aria-live": "polite" }, ...targets.map((target) => target.root)),
    element(
      "p",
      { class: "hint", hidden: of === null },
      `The band is the range in ${rangeName(of)}; the dot is the prediction, the line the truth.`,
    ),
  );

  function update() {
    altered.update();
    const predicted = inUnits(app.content, app.pass().output);
    const truth = truthOf(app);
    const each = predicted.length / n;
    targets.forEach((target, i) =>
      target.update(predicted.subarray(i * each, (i + 1) * each), truth?.[i] ?? null),
    );
  }
  keepUpdated(root, app, update);
}

/**
 * The truth in the target's units, where the input has one.
 * @param {App} app
 */
function truthOf(app) {
  const truth = app.state.label ?? app.truth();
  if (truth === null) return null;
  return inUnits(app.content, Float64Array.from(typeof truth === "number" ? [truth] : truth));
}

/**
 * @param {App} app
 * @param {number} i
 */
function targetView(app, i) {
  const { target, network } = app.content;
  const levels = /** @type {number[] | undefined} */ (network.loss.parameters.levels);
  const name =
    levels && levels.length > 1 ? (target.name ?? "prediction") : outputName(app.content, i);
  const value = element("b", { class: "predicted" });
  const facts = element("p", { class: "reading" });
  const warning = element("p", { class: "beyond" });
  const scale = rangeScale(target, i);
  const root = element(
    "div",
    { class: "prediction" },
    element("p", {}, `${name} `, value),
    scale.root,
    facts,
    warning,
  );

  /**
   * @param {Float64Array} output one number, or one for each quantile
   * @param {number | null} truth
   */
  function update(output, truth) {
    const predicted = ascending(output);
    const middle = predicted[Math.floor(predicted.length / 2)];
    value.textContent = predicted.length > 1 ? quantiles(predicted, levels ?? []) : number(middle);
    facts.textContent =
      truth === null
        ? "The truth is not known for this input."
        : `${app.state.label === null ? "Truth" : "You say"}: ${number(truth)}; off by ${number(middle - truth)}.`;
    warning.textContent = beyond(target, i, middle);
    scale.update(predicted, truth);
  }
  return { root, update };
}

/**
 * @param {Float64Array} predicted
 * @param {number[]} levels
 */
function quantiles(predicted, levels) {
  return Array.from(predicted, (value, q) => `${number(100 * levels[q])} %: ${number(value)}`).join(
    ", ",
  );
}

/**
 * What to say of a prediction outside of what was there.
 * @param {import("#content").Target} target
 * @param {number} i
 * @param {number} value
 */
function beyond({ low, high, range_of: of }, i, value) {
  if (low[i] === undefined || (value >= low[i] && value <= high[i])) return "";
  const side = value < low[i] ? "below" : "above";
  return `That is ${side} every value in ${rangeName(of)}: it is a guess.`;
}

/** @param {"training" | "data" | null} of */
function rangeName(of) {
  return of === "training" ? "training" : "the data";
}

/**
 * A line with the range as a band, the prediction as a mark, and the truth as another.
 * @param {import("#content").Target} target
 * @param {number} i
 */
function rangeScale({ low, high }, i) {
  if (low[i] === undefined) return { root: null, update: () => {} };
  const [start, end] = [low[i], high[i]];
  const room = ROOM * (end - start) || 1;
  const share = (/** @type {number} */ value) =>
    Math.max(0, Math.min(1, (value - start + room) / (end - start + 2 * room)));
  const place = (/** @type {HTMLElement} */ mark, /** @type {number} */ value) =>
    mark.style.setProperty("--at", share(value).toFixed(4));
  const band = element("i", { class: "band" });
  const span = element("i", { class: "span" });
  const mark = element("i", { class: "mark" });
  const truthMark = element("i", { class: "truth" });
  const ends = [start, end].map((value) => {
    const text = element("span", {}, number(value));
    place(text, value);
    return text;
  });
  place(band, start);
  band.style.setProperty("--to", share(end).toFixed(4));
  const root = element(
    "div",
    { class: "range-scale" },
    element("div", { class: "line", "aria-hidden": "true" }, band, span, truthMark, mark),
    element("div", { class: "ends" }, ...ends),
  );

  /**
   * @param {Float64Array} predicted
   * @param {number | null} truth
   */
  function update(predicted, truth) {
    place(mark, predicted[Math.floor(predicted.length / 2)]);
    place(span, predicted[0]);
    span.style.setProperty("--to", share(predicted[predicted.length - 1]).toFixed(4));
    truthMark.hidden = truth === null;
    if (truth !== null) place(truthMark, truth);
  }
  return { root, update };
}
