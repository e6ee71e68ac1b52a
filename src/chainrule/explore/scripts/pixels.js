/**
 * A drawing, placed in its frame as the training images are: scaled to a box, and put in the
 * middle by its centre of mass or by its box.
 *
 * MNIST's digits were made so: the longer side of the box is 20 pixels, and the centre of mass is
 * the middle of the 28 × 28 pixels.
 *
 * @typedef {import("#content").Input} Input
 * @typedef {import("#content").Placement} Placement
 * @typedef {object} Picture
 * @property {ArrayLike<number>} pixels row by row, from 0
 * @property {number} width
 * @property {number} height
 */

/**
 * @param {Picture} drawing of any size; 0 is the ground
 * @param {[height: number, width: number]} shape of what comes out
 * @param {Placement | null} placement null keeps the drawing where it is
 * @returns {number[]} whole numbers from 0 to 255
 */
export function place(drawing, [height, width], placement) {
  const drawn = boxOf(drawing);
  if (!drawn) return new Array(height * width).fill(0);
  const taken = placement
    ? placedWindow(drawing, drawn, [height, width], placement)
    : { left: 0, top: 0, width: drawing.width, height: drawing.height };
  return resampled(drawing, taken, [height, width]);
}

/**
 * The smallest box around everything that is drawn; null where nothing is.
 * @param {Picture} picture
 */
export function boxOf({ pixels, width, height }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!(pixels[y * width + x] > 0)) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Where the pixels' weight lies, counted from the picture's corner.
 * @param {Picture} picture
 */
export function centerOfMass({ pixels, width, height }) {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    mass += pixels[i];
    x += pixels[i] * ((i % width) + 0.5);
    y += pixels[i] * (Math.floor(i / width) + 0.5);
  }
  return { x: x / mass, y: y / mass };
}

/**
 * Which part of a drawing becomes the frame; it may reach beyond the drawing, but leaves nothing out.
 * @param {Picture} drawing
 * @param {{left: number, top: number, width: number, height: number}} drawn
 * @param {[height: number, width: number]} shape
 * @param {Placement} placement
 */
function placedWindow(drawing, drawn, [height, width], { box, center }) {
  const longer = Math.max(drawn.width, drawn.height);
  // of the drawing's pixels for one; no frame is too small
  const unit = Math.max(longer / box, drawn.width / width, drawn.height / height);
  const middle =
    center === "mass"
      ? centerOfMass(drawing)
      : { x: drawn.left + drawn.width / 2, y: drawn.top + drawn.height / 2 };
  return {
    left: around(middle.x, width * unit, drawn.left, drawn.width),
    top: around(middle.y, height * unit, drawn.top, drawn.height),
    width: width * unit,
    height: height * unit,
  };
}

/**
 * Where a window begins that has something in its middle, or as near to it as shows all that is
 * drawn.
 * @param {number} middle
 * @param {number} length
 * @param {number} begin of what is drawn
 * @param {number} drawn its length
 */
function around(middle, length, begin, drawn) {
  return Math.min(Math.max(middle - length / 2, begin + drawn - length), begin);
}

/**
 * A part of a picture in other pixels: each is the mean over the area that it covers.
 * @param {Picture} picture
 * @param {{left: number, top: number, width: number, height: number}} part
 * @param {[height: number, width: number]} shape
 */
function resampled({ pixels, width: n, height: m }, part, [height, width]) {
  const columns = coverage(part.left, part.width / width, width, n);
  const rows = coverage(part.top, part.height / height, height, m);
  return rows.flatMap((row) =>
    columns.map((column) => {
      let sum = 0;
      for (const [y, high] of row) for (const [x, wide] of column) sum += high * wide * pixels[y * n + x];
      return Math.round(Math.min(sum, 255));
    }),
  );
}

/**
 * Which old pixels each new one covers along one axis, and which share of it each is.
 * @param {number} begin
 * @param {number} length of a new pixel
 * @param {number} count
 * @param {number} end of the old pixels
 * @returns {[place: number, share: number][][]}
 */
function coverage(begin, length, count, end) {
  return Array.from({ length: count }, (_, i) => {
    const low = begin + i * length;
    const high = low + length;
    /** @type {[number, number][]} */
    const covered = [];
    for (let p = Math.max(Math.floor(low), 0); p < Math.min(Math.ceil(high), end); p++)
      covered.push([p, (Math.min(high, p + 1) - Math.max(low, p)) / length]);
    return covered;
  });
}

/**
 * Pixels as grey from 0 to 255.
 * @param {Input} input
 * @param {number[]} row in the data's units
 */
export function toGrey(input, row) {
  const { least, range } = greyRange(input);
  return row.map((value) => Math.round(Math.min(Math.max(((value - least) / range) * 255, 0), 255)));
}

/**
 * Grey from 0 to 255 in the data's units.
 * @param {Input} input
 * @param {number[]} grey
 */
export function fromGrey(input, grey) {
  const { least, range } = greyRange(input);
  return grey.map((value) => least + (value * range) / 255);
}

/**
 * Black, and how far white is from it.
 * @param {Pick<Input, "low" | "high">} input
 */
export function greyRange({ low, high }) {
  const least = Math.min(...low);
  return { least, range: Math.max(...high) - least || 1 };
}
