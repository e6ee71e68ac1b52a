/**
 * Which units and connections a drawing of the network shows, where not all can be shown.
 *
 * Columns count from 0, the inputs. They are chosen from the answer back to the input: in each
 * those units that send most to what is shown right of them, for the input at hand. What a unit
 * sends is its activation times the length of its weights to there.
 *
 * @typedef {import("#content").Network} Network
 * @typedef {import("#arithmetic").Pass} Pass
 *
 * @typedef {object} Edge a connection from a unit of a column to one of the next
 * @property {number} column
 * @property {number} from
 * @property {number} to
 * @property {number} value its weight, or the weight times what it carries
 */

const SILENT = 1e-9; // so that among units that send nothing the strongest weights decide

/**
 * The units of each column, in their own order.
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
  for (let column = last - 1; column >= 0; column--) {
    const scores = sent(network, pass, column, columns[column + 1]);
    columns[column] = strongest(scores, limits[column], kept[column]);
  }
  return columns;
}

/**
 * How much each unit of a column sends to some units of the next.
 * @param {Network} network
 * @param {Pass} pass
 * @param {number} column
 * @param {number[]} targets
 */
export function sent(network, pass, column, targets) {
  const width = network.sizes[column + 1];
  const weights = network.weights[column];
  return Float64Array.from(pass.inputs[column], (value, i) => {
    const square = targets.reduce((sum, j) => sum + weights[i * width + j] ** 2, 0);
    return (Math.abs(value) + SILENT) * Math.sqrt(square);
  });
}

/**
 * The places of the largest numbers, in order of place.
 * @param {ArrayLike<number>} scores
 * @param {number} limit
 * @param {Set<number>} kept places that are among them whatever their number
 */
export function strongest(scores, limit, kept) {
  const places = Array.from(scores, (_, i) => i);
  if (places.length <= limit) return places;
  const rank = (/** @type {number} */ i) => (kept.has(i) ? Infinity : Math.abs(scores[i]));
  places.sort((i, j) => (rank(i) === rank(j) ? i - j : rank(j) - rank(i)));
  return places.slice(0, limit).sort((i, j) => i - j);
}

/**
 * The strongest connections between shown units, the weakest first, so that strong ones lie on
 * top.
 * @param {Network} network
 * @param {Pass} pass
 * @param {number[][]} columns
 * @param {number} limit how many between two columns
 * @param {boolean} flowing whether what flows through counts, or the weight alone
 * @returns {Edge[][]}
 */
export function chooseEdges(network, pass, columns, limit, flowing) {
  return columns.slice(0, -1).map((froms, column) => {
    const width = network.sizes[column + 1];
    const edges = froms.flatMap((from) => {
      const carried = flowing ? pass.inputs[column][from] : 1;
      return columns[column + 1].map((to) => {
        return { column, from, to, value: network.weights[column][from * width + to] * carried };
      });
    });
    edges.sort((a, b) => Math.abs(a.value) - Math.abs(b.value));
    return edges.slice(-limit);
  });
}
