/** Contents of pages, small ones, and random numbers that are the same in every run. */

/**
 * Numbers from 0 to 1: the Mulberry32 generator.
 * @param {number} seed
 */
export function randomNumbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A network with drawn weights. */
export function networkOf(sizes, loss, activation = "tanh") {
  const random = randomNumbers(sizes.length);
  const drawn = (n) => Float32Array.from({ length: n }, () => 2 * random() - 1);
  const widths = sizes.slice(1);
  return {
    sizes,
    activations: widths.slice(1).map(() => ({ name: activation, parameters: {} })),
    loss: { parameters: {}, ...loss },
    weights: widths.map((width, i) => drawn(sizes[i] * width)),
    biases: widths.map(drawn),
  };
}

/** A page of a table with three columns, four samples and three classes, or as `changes` say. */
export function contentOf(changes = {}) {
  return {
    task: "classification",
    network: networkOf([3, 5, 4, 3], { name: "softmax_cross_entropy" }),
    input: { kind: "table", shape: null, shift: 0, scale: 1, low: [0, -1, 2], high: [1, 1, 4] },
    target: { name: null, classes: ["a", "b", "c"], mean: [], scale: [] },
    samples: {
      n: 4,
      X: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      target: [0, 1, 2, 0],
    },
    ...changes,
  };
}

/** A page of images of 4 × 5 pixels. */
export function imagesContent(changes = {}) {
  return contentOf({
    network: networkOf([20, 6, 3], { name: "softmax_cross_entropy" }),
    input: {
      kind: "image",
      shape: [4, 5],
      shift: 0,
      scale: 1 / 255,
      low: new Array(20).fill(0),
      high: new Array(20).fill(255),
    },
    samples: { n: 4, X: new Uint8Array(80).map((_, i) => 3 * i), target: [0, 1, 2, 0] },
    ...changes,
  });
}

/** Pages of every kind, by name. */
export const CONTENTS = {
  table: contentOf(),
  images: imagesContent(),
  "no samples": contentOf({ samples: null }),
  "two classes": contentOf({
    network: networkOf([3, 4, 1], { name: "sigmoid_cross_entropy" }),
    target: { classes: ["no", "yes"], mean: [], scale: [] },
  }),
  labels: contentOf({
    task: "multilabel",
    network: networkOf([3, 4, 3], { name: "sigmoid_cross_entropy" }),
  }),
  "one label": contentOf({
    task: "multilabel",
    network: networkOf([3, 4, 1], { name: "sigmoid_cross_entropy" }),
    target: { classes: ["there"], mean: [], scale: [] },
  }),
  numbers: contentOf({
    task: "regression",
    network: networkOf([3, 4, 2], { name: "squared" }),
    target: { classes: null, mean: [0, 0], scale: [1, 1] },
    samples: null,
  }),
  quantiles: contentOf({
    task: "regression",
    network: networkOf([3, 4, 6], { name: "quantile", parameters: { levels: [0.1, 0.5, 0.9] } }),
    target: { classes: null, mean: [0, 0], scale: [1, 1] },
    samples: null,
  }),
  copies: contentOf({
    task: "autoencoder",
    network: networkOf([3, 2, 3], { name: "squared" }),
    target: { classes: null, mean: [], scale: [] },
  }),
};
