/**
 * What the trained network says of every sample in the page, and how wrong that is: computed once,
 * in short pieces, with the weights as they were trained and every unit as it is.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#content").Content} Content
 *
 * @typedef {object} Verdict
 * @property {number} sample
 * @property {number | null} truth the class, where there are classes
 * @property {number | null} predicted the class it is taken for
 * @property {number} confidence the probability of that class
 * @property {number | null} loss null where the truth is not known
 * @property {boolean} wrong
 */
import { forward, loss } from "#arithmetic";
import { mostProbable, probabilitiesOf } from "#outputs";

const PIECE = 8; // milliseconds

/** @type {WeakMap<Content, {verdicts: Verdict[], done: boolean, listeners: (() => void)[]}>} */
const known = new WeakMap();

/**
 * The verdicts, or null where they are still being computed; then `listener` is called when they
 * are there.
 * @param {App} app
 * @param {() => void} listener
 * @returns {Verdict[] | null}
 */
export function verdictsOf(app, listener) {
  const { content } = app;
  const found = known.get(content) ?? begin(app);
  if (found.done) return found.verdicts;
  found.listeners.push(listener);
  return null;
}

/** @param {App} app */
function begin(app) {
  const { content } = app;
  const n = content.samples?.n ?? 0;
  const run = {
    verdicts: /** @type {Verdict[]} */ ([]),
    done: n === 0,
    listeners: /** @type {(() => void)[]} */ ([]),
  };
  known.set(content, run);
  function piece() {
    const end = performance.now() + PIECE;
    while (run.verdicts.length < n && performance.now() < end)
      run.verdicts.push(verdictOf(app, run.verdicts.length));
    run.done = run.verdicts.length === n;
    if (!run.done) setTimeout(piece);
    else run.listeners.splice(0).forEach((listener) => listener());
  }
  if (!run.done) setTimeout(piece);
  return run;
}

/**
 * @param {App} app
 * @param {number} sample
 * @returns {Verdict}
 */
function verdictOf(app, sample) {
  const { content } = app;
  const pass = forward(content.network, app.sampleInput(sample));
  const target = app.sampleTarget(sample);
  const cost = target === null ? null : loss(content.network, pass, target);
  if (content.task !== "classification")
    return {
      sample,
      truth: null,
      predicted: null,
      confidence: 1,
      loss: cost,
      wrong: isWrong(content, pass.output, target),
    };
  const probabilities = probabilitiesOf(content, pass.output);
  const predicted = mostProbable(probabilities);
  const truth = target === null ? null : classOf(target);
  return {
    sample,
    truth,
    predicted,
    confidence: probabilities[predicted],
    loss: cost,
    wrong: truth !== null && truth !== predicted,
  };
}

/**
 * The class that a target is: itself, or of one output 0 or 1.
 * @param {import("#arithmetic").TargetValue} target
 */
export function classOf(target) {
  return typeof target === "number" ? target : Math.round(target[0]);
}

/**
 * Of several labels: whether any of them is not as it should be.
 * @param {Content} content
 * @param {Float64Array} output
 * @param {import("#arithmetic").TargetValue | null} target
 */
function isWrong({ task }, output, target) {
  if (task !== "multilabel" || target === null || typeof target === "number") return false;
  return output.some((p, i) => p > 0.5 !== target[i] > 0.5);
}

/**
 * Those that are most wrong: mistakes by their confidence, or where there are no classes
 * everything by its loss.
 * @param {Verdict[]} verdicts
 * @param {Content["task"]} task
 */
export function worstFirst(verdicts, task) {
  if (task === "classification")
    return verdicts
      .filter(({ wrong }) => wrong)
      .sort((one, other) => other.confidence - one.confidence);
  return verdicts
    .filter(({ loss: cost, wrong }) => cost !== null && (task !== "multilabel" || wrong))
    .sort((one, other) => (other.loss ?? 0) - (one.loss ?? 0));
}
