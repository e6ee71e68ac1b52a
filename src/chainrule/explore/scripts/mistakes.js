/**
 * The samples that the network is most wrong about, the most confident mistake first.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#verdicts").Verdict} Verdict
 */
import { forward } from "#arithmetic";
import { element } from "#elements";
import { number } from "#names";
import { distance, offBy, reconstruction } from "#outputs";
import { sampleTiles } from "#sample_tiles";
import { verdictsOf, worstFirst } from "#verdicts";

const SHOWN = 24;

const HEADINGS = {
  classification: "Confident mistakes first",
  multilabel: "Worst mistakes first",
  regression: "Largest errors first",
  autoencoder: "Worst reconstructions first",
};

/** @param {App} app */
export function mistakes(app) {
  const { task } = app.content;
  const about = element("p", { class: "hint" });
  const tiles = sampleTiles(app, HEADINGS[task]);
  const more = /** @type {HTMLButtonElement} */ (
    element("button", { type: "button", onclick: () => show(Infinity) }, "Show all")
  );
  const root = element(
    "section",
    { id: "mistakes" },
    element("h3", {}, HEADINGS[task]),
    about,
    tiles.root,
    more,
  );
  /** @type {Verdict[] | null} */
  let found = null;

  /** @param {number} most */
  function show(most) {
    if (!found) return;
    tiles.show(found.slice(0, most).map((verdict) => tileOf(app, verdict)));
    more.hidden = found.length <= most;
    more.textContent = `Show all ${found.length}`;
  }

  function update() {
    tiles.mark();
    if (found) return;
    const verdicts = verdictsOf(app, update);
    more.hidden = true;
    about.textContent = verdicts ? "" : "Looking at the samples…";
    if (!verdicts) return;
    found = worstFirst(verdicts, task);
    about.textContent = summary(app, found.length, verdicts.length);
    show(SHOWN);
  }
  return { root, update };
}

/**
 * @param {App} app
 * @param {number} wrong
 * @param {number} n
 */
function summary({ content }, wrong, n) {
  if (!content.samples) return "The page has no samples: it was made without --data.";
  if (!content.samples.target && content.task !== "autoencoder")
    return "The data has no right answers to compare with.";
  if (content.task === "regression" || content.task === "autoencoder")
    return `Of the ${n} samples in the page.`;
  const all = content.measured?.n ?? n;
  const chosen =
    all > n ? ` The page was given more of its mistakes than of the rest, out of ${all} rows.` : "";
  return wrong
    ? `${wrong} of the ${n} samples in the page are mistakes.${chosen}`
    : `None of the ${n} samples in the page is a mistake.`;
}

/**
 * @param {App} app
 * @param {Verdict} verdict
 * @returns {import("#sample_tiles").Tile}
 */
function tileOf(app, { sample, truth, predicted, confidence, loss }) {
  const { content } = app;
  const { classes } = content.target;
  if (!classes) return { sample, ...errorOf(app, sample) };
  if (predicted === null || truth === null)
    return { sample, value: number(loss ?? 0), about: "loss" };
  const percent = `${(100 * confidence).toFixed(confidence > 0.9995 ? 2 : confidence > 0.99 ? 1 : 0)} %`;
  return { sample, value: `${classes[predicted]}, not ${classes[truth]}`, about: percent };
}

/**
 * By how much a number or a reconstruction is off, in the units that a reader sees beside it.
 * @param {App} app
 * @param {number} sample
 */
function errorOf(app, sample) {
  const { content } = app;
  const { output } = forward(content.network, app.sampleInput(sample));
  if (content.task === "autoencoder") {
    const error = distance(reconstruction(content, output), app.sampleRow(sample));
    return { value: number(error), about: "root mean squared error" };
  }
  const truth = /** @type {Float64Array} */ (app.sampleTarget(sample));
  return { value: `off by ${number(offBy(content, output, truth))}`, about: content.target.name ?? "" };
}
