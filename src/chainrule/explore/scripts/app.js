/**
 * The page's state, and what follows from it.
 *
 * The state is plain data: it fits into an address. Everything else is computed from it and kept
 * until the state changes. Panels subscribe, and are told at most once a frame.
 *
 * @typedef {import("#content").Content} Content
 * @typedef {import("#content").Network} Network
 * @typedef {import("#arithmetic").Pass} Pass
 * @typedef {import("#arithmetic").Gradient} Gradient
 * @typedef {import("#arithmetic").Scales} Scales
 * @typedef {import("#arithmetic").TargetValue} TargetValue
 *
 * @typedef {object} State
 * @property {string} tab which panels are open
 * @property {"sample" | "drawn" | "fields"} source where the input comes from
 * @property {number | null} sample the sample that is shown, or was changed
 * @property {number[] | null} input x where it is not a sample as it is
 * @property {number | number[] | null} label the target that a reader chose; null is the sample's
 * @property {number} layer the chosen unit's, from 0; the outputs are the last
 * @property {number | null} unit
 * @property {Record<string, number>} scales "layer:unit" -> factor; those left out are 1
 * @property {number[] | null} bottleneck what a reader set an autoencoder's to; null is the input's own
 * @property {number} threshold below this probability the answer is "I don't know"
 * @property {number} rate the learning rate of steps
 * @property {number} steps how many steps were taken on this input
 * @property {[layer: number, from: number, to: number] | null} weight the one whose product is written
 * @property {number} hiddenLayer which hidden space is drawn, from 1; 0 is the first there is
 * @property {[truth: number, found: number] | null} cell of the confusion matrix
 *
 * @typedef {object} Answer
 * @property {Float64Array} probabilities of each class; of a regression the raw predictions
 * @property {number[]} order the classes, the most probable first
 * @property {number} best
 * @property {boolean} unsure whether the best is below the threshold
 * @property {number} entropy in bits
 */
import { backward, forward, forwardFrom } from "#arithmetic";
import { History } from "#history";
import { bottleneckOf, centralOf, mostProbable, probabilitiesOf } from "#outputs";
import { greyRange } from "#pixels";
import { Walk } from "#walk";

export const MOST_STEPS = 100;
const FRAME = 1000 / 60; // milliseconds

/** Steps were taken on one input with one target: another one has none. */
const ENDS_STEPS = ["source", "sample", "input", "label"];
/** Where they lead is known until one of these changes. */
const DIRECTS_STEPS = [...ENDS_STEPS, "scales", "rate"];
/** What the page computes from the state is known until one of these changes. */
const COMPUTED_FROM = [...DIRECTS_STEPS, "steps", "threshold", "bottleneck"];
/** What a bottleneck was set to is of one input and one network. */
const ENDS_BOTTLENECK = [...DIRECTS_STEPS, "steps"];

/** @returns {State} */
export function initialState() {
  return {
    tab: "network",
    source: "sample",
    sample: null,
    input: null,
    label: null,
    layer: 0,
    unit: null,
    scales: {},
    bottleneck: null,
    threshold: 0.5,
    rate: 0.1,
    steps: 0,
    weight: null,
    hiddenLayer: 0,
    cell: null,
  };
}

export class App {
  /** @type {Set<(app: App, changed: Set<string>) => void>} */
  #listeners = new Set();
  /** @type {Set<string>} */
  #changed = new Set();
  /** @type {Map<string, any>} */
  #known = new Map();
  #history = new History();
  #waiting = false;
  /** @type {Walk} */
  #walk;

  /**
   * @param {Content} content
   * @param {Partial<State>} [state] where it differs from the first
   */
  constructor(content, state = {}) {
    this.content = content;
    this.#walk = new Walk(content.network);
    /** @type {State} */
    this.state = { ...initialState(), sample: content.samples ? 0 : null, ...state };
  }

  /**
   * Change the state.
   * @param {Partial<State>} changes
   */
  set(changes) {
    const keys = this.#differing(changes);
    if (!keys.length) return;
    this.#history.remember(this.state, changes, keys);
    if (keys.some((key) => ENDS_STEPS.includes(key))) {
      changes = { steps: 0, ...changes };
      this.#history.forgetSteps();
    }
    if (this.state.bottleneck && keys.some((key) => ENDS_BOTTLENECK.includes(key)))
      changes = { bottleneck: null, ...changes };
    this.#apply(changes);
  }

  /** Take the last change of the network back. */
  undo() {
    const changes = this.#history.undo(this.state);
    if (changes) this.#apply(changes);
  }

  /** Make the change again that was taken back last. */
  redo() {
    const changes = this.#history.redo(this.state);
    if (changes) this.#apply(changes);
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  /**
   * Be told of changes, all of a frame at once.
   * @param {(app: App, changed: Set<string>) => void} listener
   */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * @param {Partial<State>} changes
   * @returns {(keyof State)[]}
   */
  #differing(changes) {
    const keys = /** @type {(keyof State)[]} */ (Object.keys(changes));
    return keys.filter((key) => !same(this.state[key], changes[key]));
  }

  /** @param {Partial<State>} changes */
  #apply(changes) {
    const keys = Object.keys(changes);
    keys.forEach((key) => this.#changed.add(key));
    this.state = { ...this.state, ...changes };
    if (keys.some((key) => COMPUTED_FROM.includes(key))) this.#known.clear();
    if (keys.some((key) => DIRECTS_STEPS.includes(key))) this.#walk.restart();
    if (this.#waiting) return;
    this.#waiting = true;
    const tell = () => {
      const changed = this.#changed;
      this.#changed = new Set();
      this.#waiting = false;
      for (const listener of this.#listeners) listener(this, changed);
    };
    // A page in the background has no frames.
    if (typeof requestAnimationFrame === "undefined" || document.hidden) setTimeout(tell, FRAME);
    else requestAnimationFrame(tell);
  }

  /**
   * @template T
   * @param {string} name
   * @param {() => T} compute
   * @returns {T}
   */
  #once(name, compute) {
    if (!this.#known.has(name)) this.#known.set(name, compute());
    return this.#known.get(name);
  }

  // --- what follows ---

  /**
   * The row that is looked at, in the data's units.
   * @returns {ArrayLike<number>}
   */
  raw() {
    const { input, sample } = this.state;
    if (input) return input;
    if (sample !== null && this.content.samples) return this.sampleRow(sample);
    return this.#once("empty", () => emptyRow(this.content));
  }

  /**
   * A sample in the data's units.
   * @param {number} i
   */
  sampleRow(i) {
    const width = this.content.network.sizes[0];
    const { X } = /** @type {import("#content").Samples} */ (this.content.samples);
    return X.subarray(i * width, (i + 1) * width);
  }

  /**
   * A sample's target as the loss takes it; null where the data has none.
   * @param {number} i
   * @returns {number | Float64Array | null}
   */
  sampleTarget(i) {
    if (this.content.task === "autoencoder") return this.sampleInput(i);
    const target = this.content.samples?.target?.[i] ?? null;
    return target === null ? null : forLoss(this.content, target);
  }

  /**
   * A sample as the network's input.
   * @param {number} i
   */
  sampleInput(i) {
    return this.networkInput(this.sampleRow(i));
  }

  /** The network's input. */
  x() {
    return this.#once("x", () => this.networkInput(this.raw()));
  }

  /**
   * What the first layer gets for a row in the data's units.
   * @param {ArrayLike<number>} row
   */
  networkInput(row) {
    const { shift, scale } = this.content.input;
    const by = (/** @type {number | number[]} */ numbers, /** @type {number} */ i) =>
      typeof numbers === "number" ? numbers : numbers[i];
    return Float64Array.from(row, (value, i) => (value - by(shift, i)) * by(scale, i));
  }

  /**
   * The factors of units that a reader has changed.
   * @returns {Scales}
   */
  scales() {
    return this.#once("scales", () => scalesOf(this.content.network, this.state.scales));
  }

  /**
   * The network after the steps that a reader has taken.
   * @returns {Network}
   */
  network() {
    return this.#once("network", () => this.#walked().network);
  }

  /** The loss before the first step, and after each. */
  losses() {
    return [...this.#walked().losses, this.gradient().loss];
  }

  /** Where the steps lead. */
  #walked() {
    const { steps, rate } = this.state;
    // Most often there are none, and the target would cost a pass for nothing.
    if (steps !== this.#walk.losses.length)
      this.#walk.to(steps, rate, this.x(), this.target(), this.scales());
    return this.#walk;
  }

  /** What every layer does: from a bottleneck that a reader has set on, what follows from that. */
  pass() {
    return this.#once("pass", () => {
      const own = forward(this.network(), this.x(), this.scales());
      const { bottleneck } = this.state;
      if (!bottleneck) return own;
      const first = bottleneckOf(this.content) + 1;
      const rest = forwardFrom(this.network(), first, bottleneck, this.scales());
      const joined = (/** @type {Float64Array[]} */ before, /** @type {Float64Array[]} */ after) => [
        ...before.slice(0, first),
        ...after.slice(first),
      ];
      return {
        ...rest,
        inputs: joined(own.inputs, rest.inputs),
        z: joined(own.z, rest.z),
        activations: joined(own.activations, rest.activations),
      };
    });
  }

  /** The chain rule, followed back; nothing goes back through a bottleneck that a reader has set. */
  gradient() {
    return this.#once("gradient", () => {
      const found = backward(this.network(), this.pass(), this.target(), this.scales());
      if (!this.state.bottleneck) return found;
      const first = bottleneckOf(this.content) + 1;
      found.delta.slice(0, first).forEach((delta) => delta.fill(0));
      found.upstream.slice(0, first - 1).forEach((upstream) => upstream.fill(0));
      found.input.fill(0);
      return found;
    });
  }

  /**
   * What the loss compares the output with: what a reader chose, or the sample's own; without
   * either, what the untouched network answers.
   * @returns {TargetValue}
   */
  target() {
    return this.#once("target", () => {
      const { task } = this.content;
      if (task === "autoencoder") return this.x();
      const chosen = this.state.label ?? this.truth();
      if (chosen !== null) return forLoss(this.content, chosen);
      const { output } = forward(this.content.network, this.x());
      if (task === "regression") return centralOf(this.content, output);
      if (task === "multilabel") return output.map(Math.round);
      return forLoss(this.content, mostProbable(probabilitiesOf(this.content, output)));
    });
  }

  /**
   * The target that the data has for what is shown; null where it has none, as for a drawing.
   * @returns {number | number[] | null}
   */
  truth() {
    const { sample, source } = this.state;
    if (source !== "sample" || sample === null) return null;
    return this.content.samples?.target?.[sample] ?? null;
  }

  /** @returns {Answer} */
  answer() {
    return this.#once("answer", () => {
      const probabilities = probabilitiesOf(this.content, this.pass().output);
      const order = [...probabilities.keys()].sort((i, j) => probabilities[j] - probabilities[i]);
      const best = mostProbable(probabilities);
      const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
      return {
        probabilities,
        order,
        best,
        unsure: probabilities[best] < this.state.threshold,
        entropy,
      };
    });
  }
}

/**
 * A target as the loss takes it: of two classes, a number for the single output.
 * @param {Content} content
 * @param {number | number[]} target
 * @returns {number | Float64Array}
 */
function forLoss({ network }, target) {
  if (typeof target !== "number") return Float64Array.from(target);
  return network.loss.name === "softmax_cross_entropy" ? target : Float64Array.of(target);
}

/**
 * @param {Network} network
 * @param {Record<string, number>} factors
 * @returns {Scales}
 */
export function scalesOf({ sizes, activations }, factors) {
  /** @type {Scales} */
  const scales = activations.map(() => null);
  for (const [key, factor] of Object.entries(factors)) {
    const [layer, unit] = key.split(":").map(Number);
    (scales[layer] ??= new Float64Array(sizes[layer + 1]).fill(1))[unit] = factor;
  }
  return scales;
}

/** @param {Content} content */
function emptyRow({ input, network }) {
  if (input.kind === "image") return new Float64Array(network.sizes[0]).fill(greyRange(input).least);
  return Float64Array.from(input.low, (low, i) => (low + input.high[i]) / 2);
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function same(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
