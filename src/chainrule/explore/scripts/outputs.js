/**
 * What the network puts out as the data has it: classes, predictions, reconstructions. No elements.
 *
 * @typedef {import("#content").Content} Content
 */

/**
 * The probability of each class; a single output is that of the second of two.
 * @param {Pick<Content, "task">} content
 * @param {Float64Array} output
 */
export function probabilitiesOf({ task }, output) {
  const isBinary = task === "classification" && output.length === 1;
  return isBinary ? Float64Array.of(1 - output[0], output[0]) : output;
}

/**
 * The class that an input is taken for: the most probable, of equals the first, as in Python.
 * @param {ArrayLike<number>} probabilities
 */
export function mostProbable(probabilities) {
  return Array.from(probabilities).reduce((best, p, i) => (p > probabilities[best] ? i : best), 0);
}

/**
 * Predictions in the target's units.
 * @param {Content} content
 * @param {Float64Array} output
 */
export function inUnits({ target: { mean, scale } }, output) {
  return output.map((value, i) => value * (scale[i] ?? 1) + (mean[i] ?? 0));
}

/**
 * The root of the mean squared difference of two rows.
 * @param {ArrayLike<number>} one
 * @param {ArrayLike<number>} other
 */
export function distance(one, other) {
  const squares = Array.from(one, (value, i) => (value - other[i]) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/**
 * A network's output as a row of X.
 * @param {Content} content
 * @param {Float64Array} output
 */
export function reconstruction({ input: { shift, scale } }, output) {
  const by = (/** @type {number | number[]} */ numbers, /** @type {number} */ i) =>
    typeof numbers === "number" ? numbers : numbers[i];
  return output.map((value, i) => value / by(scale, i) + by(shift, i));
}

/**
 * A row of X by the columns of its table, in their own units: of a choice the nearest option.
 * @param {Content} content
 * @param {ArrayLike<number>} row
 * @returns {(number | string)[]}
 */
export function inColumns({ input: { fields } }, row) {
  return fields.map((field) => {
    if (field.kind === "number") return row[field.feature] * field.scale + field.mean;
    const values = field.features.map((feature) => row[feature]);
    const off = field.options.map(({ encoded }) => distance(encoded, values));
    return field.options[off.indexOf(Math.min(...off))].label;
  });
}

/**
 * By how much a regression's prediction is off, of several targets the largest, in their units.
 * @param {Content} content
 * @param {Float64Array} output
 * @param {ArrayLike<number>} truth as the loss takes it
 */
export function offBy(content, output, truth) {
  const predicted = centralOf(content, output);
  return Math.max(...predicted.map((value, i) => Math.abs(value - truth[i]) * (content.target.scale[i] ?? 1)));
}

/**
 * The narrowest hidden layer, from 0: an autoencoder's bottleneck.
 * @param {Content} content
 */
export function bottleneckOf({ network: { sizes } }) {
  const hidden = sizes.slice(1, -1);
  return hidden.indexOf(Math.min(...hidden));
}

/**
 * How many numbers a regression's target has: fewer than outputs where these are quantiles.
 * @param {Content} content
 */
export function targetsOf({ network }) {
  return /** @type {number} */ (network.sizes.at(-1)) / levelsOf(network);
}

/**
 * One prediction for each number of the target: of its quantiles the middle one.
 * @param {Content} content
 * @param {Float64Array} output
 */
export function centralOf({ network }, output) {
  const levels = levelsOf(network);
  return Float64Array.from(
    { length: output.length / levels },
    (_, i) => ascending(output.subarray(i * levels, (i + 1) * levels))[Math.floor(levels / 2)],
  );
}

/**
 * The quantiles that a target's outputs stand for: outputs may cross, and predictions do not.
 * @param {Float64Array} output
 */
export function ascending(output) {
  return output.slice().sort();
}

/** @param {import("#content").Network} network */
function levelsOf({ loss }) {
  return /** @type {number[] | undefined} */ (loss.parameters.levels)?.length ?? 1;
}
