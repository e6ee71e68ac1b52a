/**
 * What every unit does for every sample: computed once for a network, in short pieces between
 * which the page answers its reader.
 *
 * @typedef {import("#content").Network} Network
 *
 * @typedef {object} Responses
 * @property {number} n how many samples there are
 * @property {number} done how many of them are computed
 * @property {Float32Array[]} layers of each layer, n times its width: activations of hidden
 *   layers, weighted sums of the last
 */
import { forward } from "#arithmetic";

const PIECE = 8; // milliseconds

/**
 * Begin to compute the responses to `n` samples.
 * @param {Network} network
 * @param {number} n
 * @param {(i: number) => ArrayLike<number>} sample the network's input for a sample
 * @param {(responses: Responses) => void} listener called when all are there
 * @returns {Responses} as far as they are there
 */
export function respond(network, n, sample, listener) {
  const sizes = network.sizes.slice(1);
  const responses = { n, done: 0, layers: sizes.map((size) => new Float32Array(n * size)) };
  setTimeout(piece);

  function piece() {
    const end = performance.now() + PIECE;
    while (responses.done < n && performance.now() < end) {
      const i = responses.done++;
      const pass = forward(network, sample(i));
      const values = [...pass.activations.slice(0, sizes.length - 1), pass.raw];
      values.forEach((layer, l) => responses.layers[l].set(layer, i * sizes[l]));
    }
    if (responses.done < n) setTimeout(piece);
    else listener(responses);
  }
  return responses;
}

/**
 * The samples for which a unit's response is largest, that first.
 * @param {Responses} responses
 * @param {number} layer
 * @param {number} unit
 * @param {number} count
 * @returns {{sample: number, value: number}[]}
 */
export function mostExciting(responses, layer, unit, count) {
  const values = responsesOf(responses, layer, unit);
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[j] - values[i] || i - j);
  return order.slice(0, count).map((sample) => ({ sample, value: values[sample] }));
}

/**
 * The share of samples for which a unit is other than zero.
 * @param {Responses} responses
 * @param {number} layer
 * @param {number} unit
 */
export function shareActive(responses, layer, unit) {
  const values = responsesOf(responses, layer, unit);
  return values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0) / values.length;
}

/**
 * A unit's response to each sample.
 * @param {Responses} responses
 * @param {number} layer
 * @param {number} unit
 */
function responsesOf(responses, layer, unit) {
  const width = responses.layers[layer].length / responses.n;
  return Float32Array.from({ length: responses.n }, (_, i) => responses.layers[layer][i * width + unit]);
}
