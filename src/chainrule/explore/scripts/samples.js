/**
 * The page's samples to pick from, some at a time: of one class, or only what the network gets wrong.
 *
 * @typedef {import("#app").App} App
 */
import { percent } from "#answer";
import { element } from "#elements";
import { number } from "#names";
import { chooseSample, sampleTiles } from "#sample_tiles";
import { classOf, verdictsOf } from "#verdicts";

const PAGE = 12;

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const { samples, target, task } = app.content;
  if (!samples) return;
  const { n } = samples;
  const classes = task === "classification" && samples.target ? target.classes ?? [] : [];
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
  const back = button("‹", "Samples before these", () => turn(-PAGE));
  const on = button("›", "Samples after these", () => turn(PAGE));
  const any = button("Any", "Take any of these samples", () => pick());
  let found = Array.from({ length: n }, (_, i) => i);
  let begin = 0;

  function filter() {
    const verdicts = verdictsOf(app, filter);
    found = Array.from({ length: n }, (_, i) => i).filter((i) => {
      if (only.value === "wrong") return verdicts?.[i].wrong;
      const truth = app.sampleTarget(i);
      return only.value === "" || (truth !== null && classOf(truth) === Number(only.value));
    });
    begin = 0;
    show();
  }

  /** @param {number} by */
  function turn(by) {
    begin = Math.min(Math.max(begin + by, 0), Math.max(found.length - 1, 0));
    begin -= begin % PAGE;
    show();
  }

  function pick() {
    if (!found.length) return;
    const place = Math.floor(Math.random() * found.length);
    begin = place - (place % PAGE);
    show();
    chooseSample(app, found[place]);
  }

  function show() {
    const end = Math.min(begin + PAGE, found.length);
    const verdicts = verdictsOf(app, show);
    tiles.show(found.slice(begin, end).map((i) => tileOf(app, i, verdicts?.[i])));
    about.textContent = found.length ? `${begin + 1} to ${end} of ${found.length}` : "There are none.";
    back.disabled = begin === 0;
    on.disabled = end === found.length;
    any.disabled = !found.length;
  }

  root.append(
    element("p", { class: "controls small" }, only, back, on, any, about),
    tiles.root,
  );
  show();
  app.subscribe(tiles.mark);
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
  if (task === "regression" && truth !== null) {
    const first = typeof truth === "number" ? truth : truth[0];
    return { sample, value: number(first * (target.scale[0] ?? 1) + (target.mean[0] ?? 0)), about: target.name ?? "" };
  }
  return { sample, value: String(sample + 1), about: "" };
}
