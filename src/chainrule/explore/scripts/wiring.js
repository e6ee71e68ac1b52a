/**
 * Which units and weights a drawing of the network shows, where not all can be shown.
 *
 * Columns are chosen from the answer back to the input: in each those units that send most to
 * what is shown right of them, for the input at hand. What a unit sends is its activation times
 * the length of its weights to there.
 *
 * @typedef {import("#content").Network} Network
 * @typedef {import("#arithmetic").Pass} Pass
 *
 * @typedef {object} Edge
 * @property {number} layer the layer of weights, from 0
 * @property {number} from
 * @property {number} to
 * @property {number} weight
 */

const SILENT = 1e-9; // so that among units that send nothing the strongest weights decide

/**
 * The units of each column, from the inputs to the outputs, in their own order.
 * @param {Network} network
 * @param {Pass} pass
 * @param {number[]} limits how many units each column may show
 * @param {Set<number>[]} kept units of each column that are shown whatever they send
 * @returns {number[][]}
 */
export function chooseUnits(network, pass, limits, kept) {
  const last = network.sizes.length - 1;
  /** @type {number[][]} */
  const columns = [];
  columns[last] = strongest(pass.output, limits[last], kept[last]);
  for (let l = last - 1; l >= 0; l--) {
    columns[l] = strongest(sent(network, pass, l, columns[l + 1]), limits[l], kept[l]);
  }
  return columns;
}

/**
 * How much each unit of a column sends to some units of the next.
 * @param {Network} network
 * @param {Pass} pass
 * @param {number} l
 * @param {number[]} targets
 */
export function sent(network, pass, l, targets) {
  const width = network.sizes[l + 1];
  const values = pass.inputs[l];
  return Float64Array.from(values, (value, i) => {
    const length = Math.hypot(...targets.map((j) => network.weights[l][i * width + j]));
    return (Math.abs(value) + SILENT) * length;
  });
}

/**
 * The places of the largest numbers, in order of place.
 * @param {ArrayLike<number>} scores
 * @param {number} limit
 * @param {Set<number>} kept places that are among them whatever their number
 */
export function strongest(scores, limit, kept = new Set()) {
  const places = Array.from(scores, (_, i) => i);
  if (places.length <= limit) return places;
  const rank = (/** @type {number} */ i) => (kept.has(i) ? Infinity : Math.abs(scores[i]));
  places.sort((i, j) => (rank(i) === rank(j) ? i - j : rank(j) - rank(i)));
  return places.slice(0, limit).sort((i, j) => i - j);
}

/**
 * The strongest weights between shown units, the weakest first, so that strong ones lie on top.
 * @param {Network} network
 * @param {number[][]} columns
 * @param {number} limit how many between two columns
 * @returns {Edge[][]} those of each layer of weights
 */
export function chooseEdges(network, columns, limit) {
  return columns.slice(0, -1).map((froms, layer) => {
    const width = network.sizes[layer + 1];
    const edges = froms.flatMap((from) =>
      columns[layer + 1].map((to) => {
        return { layer, from, to, weight: network.weights[layer][from * width + to] };
      }),
    );
    edges.sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight));
    return edges.slice(-limit);
  });
}
