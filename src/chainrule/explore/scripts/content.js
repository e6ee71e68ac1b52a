/**
 * What the page was told: the JSON document that Python wrote, with its arrays read.
 *
 * A network input is what the first layer gets; x is a row as `samples.X` has it: pixels from 0 to
 * 255, or columns as the estimator takes them. Between the two lies (x - shift) * scale.
 *
 * @typedef {"classification" | "multilabel" | "regression" | "autoencoder"} Task
 * @typedef {{name: string, parameters: Record<string, any>}} Named
 * @typedef {Uint8Array | Float32Array} Numbers
 * @typedef {{dtype: "uint8" | "float16" | "float32", shape: number[], data: string}} Packed
 *
 * @typedef {object} Network
 * @property {number[]} sizes widths from the input to the output
 * @property {Named[]} activations one for each hidden layer
 * @property {Named} loss the output function belongs to it
 * @property {Float32Array[]} weights of each layer, n_in × n_out, row by row
 * @property {Float32Array[]} biases of each layer
 *
 * @typedef {object} NumberField a column with a slider: x[feature] = (value - mean) / scale
 * @property {"number"} kind
 * @property {string} name
 * @property {number} feature
 * @property {number} mean
 * @property {number} scale
 * @property {number} low
 * @property {number} high
 * @property {boolean} integer
 *
 * @typedef {object} ChoiceField a column with a list of values
 * @property {"choice"} kind
 * @property {string} name
 * @property {number[]} features
 * @property {{label: string, encoded: number[]}[]} options
 *
 * @typedef {{box: number, center: "mass" | "box", margin: number}} Placement
 *
 * @typedef {object} Input
 * @property {"image" | "table"} kind
 * @property {[height: number, width: number] | null} shape
 * @property {number | number[]} shift
 * @property {number | number[]} scale
 * @property {number[]} low the range of each feature of x
 * @property {number[]} high
 * @property {Placement | null} placement how training images sit in their frame
 * @property {(NumberField | ChoiceField)[]} fields
 *
 * @typedef {object} Target
 * @property {string | null} name
 * @property {string[] | null} classes
 * @property {string[] | null} names of regression's and an autoencoder's outputs
 * @property {number[]} mean a prediction in the target's units is output * scale + mean
 * @property {number[]} scale
 * @property {number[]} low
 * @property {number[]} high
 * @property {"training" | "data" | null} range_of
 *
 * @typedef {object} Samples
 * @property {number} n
 * @property {Numbers} X n rows of as many numbers as there are features
 * @property {(number | number[])[] | null} target as the loss takes it
 * @property {string[]} places
 * @property {number[]} rows
 *
 * @typedef {object} Hidden
 * @property {number} layer from 1
 * @property {[number, number]} explained
 * @property {Float32Array} points n × 2
 * @property {Float32Array} mean
 * @property {Float32Array} axes 2 × width; a point is (activations - mean) @ axes.T
 *
 * @typedef {{low: number, high: number, n: number, confidence: number, accuracy: number}} Bin
 *
 * @typedef {object} Measured what holds over all rows of the data
 * @property {string} name
 * @property {number} n
 * @property {boolean} learnt_from
 * @property {Record<string, number | null>} figures
 * @property {number[][] | null} confusion
 * @property {Bin[] | null} reliability
 * @property {Hidden[]} hidden
 *
 * @typedef {object} Code Python in parts
 * @property {string[]} lines load the model, and read the data's rows into X
 * @property {string | null} row sets x to the row of number {row}
 * @property {string} values sets x from {values}, a row as samples.X has it
 * @property {string} shown from x to the row as samples.X has it
 * @property {string} outputs what the network puts out for x, in the target's units
 * @property {string} weights the list of arrays, layer by layer
 * @property {string} biases
 *
 * @typedef {object} Content
 * @property {string} title
 * @property {Task} task
 * @property {{estimator: string, file: string | null, prepared: boolean, dtype: string,
 *   n_parameters: number}} model
 * @property {string} library
 * @property {Network} network
 * @property {"float16" | "float32"} stored how the page has the weights
 * @property {number} weights_rounding
 * @property {number | null} outputs_rounding
 * @property {Input} input
 * @property {Target} target
 * @property {Samples | null} samples
 * @property {Measured | null} measured
 * @property {Code} code
 * @property {string[]} notes
 */

/**
 * Read the document's arrays.
 * @param {any} document
 * @returns {Content}
 */
export function decode(document) {
  const { network, samples, measured } = document;
  return {
    ...document,
    stored: network.weights.dtype,
    network: networkOf(network),
    samples: samples && { ...samples, X: unpacked(samples.X) },
    measured: measured && { ...measured, hidden: measured.hidden.map(hiddenOf) },
  };
}

/**
 * @param {{layer_sizes: number[], activations: Named[], loss: Named, weights: Packed}} network
 * @returns {Network}
 */
function networkOf({ layer_sizes: sizes, activations, loss, weights }) {
  const flat = /** @type {Float32Array} */ (unpacked(weights));
  let end = 0;
  const taken = (/** @type {number} */ n) => flat.subarray(end, (end += n));
  const widths = sizes.slice(1);
  return {
    sizes,
    activations,
    loss,
    weights: widths.map((width, layer) => taken(sizes[layer] * width)),
    biases: widths.map(taken),
  };
}

/** @param {any} hidden */
function hiddenOf(hidden) {
  const { points, mean, axes } = hidden;
  return { ...hidden, points: unpacked(points), mean: unpacked(mean), axes: unpacked(axes) };
}

/**
 * Read an array.
 * @param {Packed} packed
 * @returns {Numbers}
 */
export function unpacked({ dtype, data }) {
  const bytes = bytesOf(data);
  if (dtype === "uint8") return bytes;
  // Arrays of numbers read their bytes in the processor's order; all that browsers run on has the
  // least significant first, as the document does.
  if (dtype === "float32") return new Float32Array(bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) numbers[i] = fromHalf(halves[i]); // faster than from()
  return numbers;
}

/** @param {string} data base64 */
export function bytesOf(data) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * The value of a number of IEEE 754's binary16.
 * @param {number} bits
 */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
