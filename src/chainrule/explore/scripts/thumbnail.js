/**
 * A sample's image, small.
 *
 * @typedef {import("#content").Content} Content
 */
import { paint } from "#colors";
import { element } from "#elements";
import { greyRange } from "#pixels";

/**
 * The image of a sample, in grey from the lowest to the highest number there is; null where the
 * network takes no images.
 * @param {Content} content
 * @param {number} sample
 */
export function thumbnail({ input, samples }, sample) {
  if (!input.shape || !samples) return null;
  const canvas = element("canvas", { class: "pixels", "aria-hidden": "true" });
  const n = input.shape[0] * input.shape[1];
  paintGrey(canvas, samples.X.subarray(sample * n, (sample + 1) * n), input);
  return canvas;
}

/**
 * Paint an input in grey.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values of a row of X
 * @param {import("#content").Input} input
 */
export function paintGrey(canvas, values, input) {
  const { least, range } = greyRange(input);
  paint(canvas, values, input.shape ?? [1, 1], (value) => {
    const grey = Math.round((255 * (value - least)) / range);
    return [grey, grey, grey];
  });
}
