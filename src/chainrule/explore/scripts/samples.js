/**
 * The page's samples to pick from, some at a time: of one class, or only what the network gets
 * wrong. Buttons lead to the sample before and after, and to any.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";
import { number, percent } from "#names";
import { chooseSample, sampleTiles } from "#sample_tiles";
import { classOf, verdictsOf } from "#verdicts";

const PAGE = 12;

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const { samples, target } = app.content;
  if (!samples) return;
  const { n } = samples;
  const classes = samples.target ? target.classes ?? [] : [];
  const tiles = sampleTiles(app, "Samples");
  const about = element("p", { class: "hint", "aria-live": "polite" });
  const only = element("select", { "aria-label": "Which samples", onchange: filter }, [
    element("option", { value: "" }, "all samples"),
    element("option", { value: "wrong" }, "mistakes"),
    ...classes.map((name, i) => element("option", { value: String(i) }, name)),
  ]);
  only.hidden = !classes.length;
  const button = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ onclick) =>
    element("button", { type: "button", "aria-label": label, title: label, onclick }, text);
  const first = button("«", "Samples before these", () => turn(-PAGE));
  const last = button("»", "Samples after these", () => turn(PAGE));
  const before = button("‹", "Sample before", () => take(Math.max(place() - 1, 0)));
  const after = button("›", "Sample after", () => take(Math.min(place() + 1, found.length - 1)));
  const random = button("Random", "Random sample", () => take(Math.floor(Math.random() * found.length)));
  let found = Array.from({ length: n }, (_, i) => i);
  let begin = 0;

  function filter() {
    const verdicts = verdictsOf(app, filter);
    const all = Array.from({ length: n }, (_, i) => i);
    if (only.value === "wrong") found = all.filter((i) => verdicts?.[i].wrong);
    else found = all.filter((i) => only.value === "" || isOf(app, i, Number(only.value)));
    begin = 0;
    show();
  }

  /** @param {number} by */
  function turn(by) {
    begin = Math.min(Math.max(begin + by, 0), Math.max(found.length - 1, 0));
    begin -= begin % PAGE;
    show();
  }

  /** Where the sample at hand is among those found; just before the ones shown if it is not. */
  function place() {
    const at = found.indexOf(app.state.sample ?? -1);
    return at < 0 ? begin - 1 : at;
  }

  /** @param {number} at */
  function take(at) {
    begin = at - (at % PAGE);
    show();
    chooseSample(app, found[at]);
  }

  function mark() {
    tiles.mark();
    before.disabled = place() <= 0;
    after.disabled = place() >= found.length - 1;
  }

  function show() {
    const end = Math.min(begin + PAGE, found.length);
    const verdicts = verdictsOf(app, show);
    tiles.show(found.slice(begin, end).map((i) => tileOf(app, i, verdicts?.[i])));
    about.textContent = found.length ? `${begin + 1} to ${end} of ${found.length}` : verdicts ? "There are none." : "Looking for them …";
    first.disabled = begin === 0;
    last.disabled = end === found.length;
    random.disabled = !found.length;
    mark();
  }

  root.append(
    element("p", { class: "controls small" }, only, random, element("span", { class: "steps" }, first, before, after, last), about),
    tiles.root,
  );
  show();
  app.subscribe(mark);
}

/**
 * Whether a sample is of a class, or has a label.
 * @param {App} app
 * @param {number} sample
 * @param {number} kind
 */
function isOf(app, sample, kind) {
  const truth = app.sampleTarget(sample);
  if (truth === null) return false;
  return app.content.task === "multilabel" ? labelsOf(truth).includes(kind) : classOf(truth) === kind;
}

/** @param {import("#arithmetic").TargetValue} truth */
function labelsOf(truth) {
  return typeof truth === "number" ? [truth] : Array.from(truth).flatMap((one, i) => (one > 0.5 ? [i] : []));
}

/**
 * @param {App} app
 * @param {number} sample
 * @param {import("#verdicts").Verdict} [verdict]
 * @returns {import("#sample_tiles").Tile}
 */
function tileOf(app, sample, verdict) {
  const { target, task } = app.content;
  const truth = app.sampleTarget(sample);
  if (task === "classification" && truth !== null) {
    const name = target.classes?.[classOf(truth)] ?? "";
    const taken = verdict?.wrong && verdict.predicted !== null ? target.classes?.[verdict.predicted] : null;
    return { sample, value: name, about: taken ? `taken for ${taken}` : verdict ? percent(verdict.confidence, 0) : "" };
  }
  if (task === "multilabel" && truth !== null) {
    const held = labelsOf(truth).map((i) => target.classes?.[i]);
    return { sample, value: held.join(", ") || "none", about: verdict?.wrong ? "mistaken" : "" };
  }
  if (task === "regression" && truth !== null) {
    const first = typeof truth === "number" ? truth : truth[0];
    return { sample, value: number(first * (target.scale[0] ?? 1) + (target.mean[0] ?? 0)), about: target.name ?? "" };
  }
  return { sample, value: String(sample + 1), about: "" };
}
