/**
 * Where everything of the network's drawing is: numbers, no elements.
 *
 * @typedef {object} Spot
 * @property {number} x
 * @property {number} y
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number[]} columns where the middle of each column is
 * @property {Spot[][]} spots of each column's shown units
 * @property {(Spot | null)[]} ends where a column that shows a part says how many more there are
 * @property {{x: number, y: number, size: number} | null} picture the image that goes in
 * @property {number} letters how long a name at the sides may be
 */

const TOP = 46; // room for the columns' headings
const BOTTOM = 34; // and for the legend
const ROW = 28;
const NARROWEST = 66; // between two columns
const LETTER = 7.2; // pixels

/**
 * @param {object} drawn
 * @param {number} drawn.room how wide the page's place for it is
 * @param {number[]} drawn.sizes units of each column
 * @param {number[][]} drawn.units those that are shown
 * @param {number[] | null} drawn.shape rows and columns of an image that goes in
 * @returns {Layout}
 */
export function arrange({ room, sizes, units, shape }) {
  const picture = shape && Math.min(168, Math.max(96, room / 5));
  const side = Math.min(150, Math.max(72, room / 6));
  const left = picture ? picture / 2 + 4 : side;
  const width = Math.max(room, left + side + NARROWEST * (sizes.length - 1));
  const rows = Math.max(...units.map((_, c) => (c === 0 && shape ? 0 : listed(c))));
  const height = TOP + BOTTOM + Math.max(rows * ROW, picture ?? 0);
  const middle = (TOP + height - BOTTOM) / 2;
  const columns = sizes.map((_, c) => left + (c * (width - left - side)) / (sizes.length - 1));

  /** @param {number} c */
  function hides(c) {
    return units[c].length < sizes[c] && !(c === 0 && shape);
  }

  /** @param {number} c */
  function listed(c) {
    return units[c].length + (hides(c) ? 1 : 0);
  }

  /**
   * @param {number} c
   * @param {number} row
   */
  function spot(c, row) {
    return { x: columns[c], y: middle + (row - (listed(c) - 1) / 2) * ROW };
  }

  const spots = units.map((column, c) => column.map((_, row) => spot(c, row)));
  const frame = picture ? { x: 4, y: middle - picture / 2, size: picture } : null;
  if (frame && shape) spots[0] = units[0].map((pixel) => pixelSpot(frame, shape, pixel));
  return {
    width,
    height,
    columns,
    spots,
    ends: units.map((column, c) => (hides(c) ? spot(c, column.length) : null)),
    picture: frame,
    letters: Math.floor((side - 22) / LETTER),
  };
}

/**
 * @param {{x: number, y: number, size: number}} frame
 * @param {number[]} shape
 * @param {number} pixel
 */
function pixelSpot(frame, [rows, columns], pixel) {
  const scale = frame.size / Math.max(rows, columns);
  return {
    x: frame.x + ((pixel % columns) + 0.5) * scale,
    y: frame.y + (Math.floor(pixel / columns) + 0.5) * scale,
  };
}

/**
 * A name that is no longer than there is room for.
 * @param {string} name
 * @param {number} letters
 */
export function shorten(name, letters) {
  const all = [...name];
  return all.length <= letters ? name : `${all.slice(0, Math.max(1, letters - 1)).join("")}…`;
}
