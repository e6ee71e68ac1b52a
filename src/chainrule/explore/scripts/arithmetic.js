/**
 * The network's arithmetic: forward, loss, the chain rule backward, and a step. No elements.
 *
 * It is what `chainrule.engine` computes, in double precision. Layer l computes
 *
 *     z[l] = inputs[l] @ W[l] + b[l],    activations[l] = f(z[l]),
 *     inputs[l + 1] = activations[l] * scales[l]
 *
 * and backward, with delta[l] = dL/dz[l] and upstream[l] = dL/dinputs[l + 1],
 *
 *     dL/dW[l][i][j] = inputs[l][i] * delta[l][j],    upstream[l - 1] = W[l] @ delta[l],
 *     delta[l - 1] = upstream[l - 1] * scales[l - 1] * f'(z[l - 1]).
 *
 * @typedef {import("#content").Network} Network
 * @typedef {import("#content").Named} Named
 * @typedef {(Float64Array | null)[]} Scales a factor for each unit of each hidden layer
 * @typedef {number | ArrayLike<number>} TargetValue a class, or numbers
 *
 * @typedef {object} Pass
 * @property {Float64Array[]} inputs of each layer; the first is the network's input
 * @property {Float64Array[]} z weighted sums of each layer
 * @property {Float64Array[]} activations of each hidden layer, before their scales
 * @property {Float64Array} raw the last weighted sums
 * @property {Float64Array} output probabilities, or predicted numbers
 *
 * @typedef {object} Gradient
 * @property {number} loss
 * @property {Float64Array[]} delta the loss's derivative by each layer's weighted sums
 * @property {Float64Array[]} upstream by what each hidden layer hands on
 * @property {Float64Array} input by the network's input
 */

// --- activations ----------------------------------------------------------------------------------

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** @param {number} z */
const sigmoid = (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));

/** @param {number} z */
const finiteExp = (z) => Math.exp(Math.min(z, 709)); // the engine's limit, too

/** @param {number} z */
const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** @param {number} z */
const normalDensity = (z) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/**
 * The standard normal distribution function: ½ + φ(z)·(z + z³/3 + z⁵/(3·5) + …).
 * @param {number} z
 */
function normalCdf(z) {
  if (Math.abs(z) > 9) return z > 0 ? 1 : 0;
  let term = z;
  let sum = z;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (z * z) / n;
    sum += term;
  }
  return 0.5 + normalDensity(z) * sum;
}

/**
 * f(z) and f'(z) by the engine's names; p are the activation's parameters.
 * @type {Record<string, {value: (z: number, p: any) => number, slope: (z: number, p: any) => number}>}
 */
export const ACTIVATIONS = {
  identity: { value: (z) => z, slope: () => 1 },
  sigmoid: { value: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { value: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  leaky_relu: {
    value: (z, p) => Math.max(z, p.slope * z),
    slope: (z, p) => (z > 0 ? 1 : p.slope),
  },
  elu: { value: (z) => (z > 0 ? z : Math.expm1(z)), slope: (z) => (z > 0 ? 1 : Math.exp(z)) },
  selu: {
    value: (z) => SELU_SCALE * (z > 0 ? z : SELU_ALPHA * Math.expm1(z)),
    slope: (z) => SELU_SCALE * (z > 0 ? 1 : SELU_ALPHA * Math.exp(z)),
  },
  gelu: {
    value: (z) => z * normalCdf(z),
    slope: (z) => normalCdf(z) + z * normalDensity(z),
  },
  silu: {
    value: (z) => z * sigmoid(z),
    slope: (z) => sigmoid(z) * (1 + z * sigmoid(-z)),
  },
  mish: {
    value: (z) => z * Math.tanh(softplus(z)),
    slope: (z) => {
      const t = Math.tanh(softplus(z));
      return t + z * (1 - t * t) * sigmoid(z);
    },
  },
  softplus: { value: softplus, slope: sigmoid },
};

/**
 * f'(z) of an activation.
 * @param {Named} activation
 * @param {number} z
 */
export function slope({ name, parameters }, z) {
  return ACTIVATIONS[name].slope(z, parameters);
}

// --- losses with their output functions -----------------------------------------------------------

/** @param {ArrayLike<number>} raw */
function softmax(raw) {
  const highest = Math.max(...Array.from(raw));
  const e = Float64Array.from(raw, (value) => Math.exp(value - highest));
  const total = e.reduce((sum, value) => sum + value, 0);
  return e.map((value) => value / total);
}

/**
 * @param {ArrayLike<number>} raw
 * @param {number} y
 * @param {number} smoothing
 */
function crossEntropy(raw, y, smoothing) {
  const k = raw.length;
  const highest = Math.max(...Array.from(raw));
  let total = 0;
  for (let j = 0; j < k; j++) total += Math.exp(raw[j] - highest);
  const logOfSum = Math.log(total) + highest;
  let value = 0;
  const gradient = softmax(raw);
  for (let j = 0; j < k; j++) {
    const target = (j === y ? 1 - smoothing : 0) + smoothing / k;
    value += target === 0 ? 0 : target * (logOfSum - raw[j]);
    gradient[j] -= target;
  }
  return { value, gradient };
}

/**
 * A loss that is a sum over outputs, each with a target of its own.
 * @param {(raw: number, y: number, p: any) => [value: number, gradient: number]} one
 * @returns {(raw: Float64Array, y: TargetValue, p: any) => {value: number, gradient: Float64Array}}
 */
function each(one) {
  return (raw, y, p) => {
    const targets = /** @type {ArrayLike<number>} */ (y);
    let value = 0;
    const gradient = raw.map((r, j) => {
      const [v, g] = one(r, targets[j], p);
      value += v;
      return g;
    });
    return { value, gradient };
  };
}

/** @param {ArrayLike<number>} raw */
const asTheyAre = (raw) => Float64Array.from(raw);

/**
 * By the engine's names: the output function, and the loss of one sample with its gradient by raw
 * outputs.
 * @type {Record<string, {
 *   output: (raw: Float64Array, p: any) => Float64Array,
 *   loss: (raw: Float64Array, y: any, p: any) => {value: number, gradient: Float64Array}}>}
 */
export const LOSSES = {
  softmax_cross_entropy: {
    output: softmax,
    loss: (raw, y, p) => crossEntropy(raw, y, p.label_smoothing ?? 0),
  },
  grouped_softmax_cross_entropy: {
    output: (raw, p) => joined(groups(raw, p.sizes).map(softmax)),
    loss: (raw, y, p) => {
      const parts = groups(raw, p.sizes).map((part, j) =>
        crossEntropy(part, y[j], p.label_smoothing ?? 0),
      );
      return {
        value: parts.reduce((sum, part) => sum + part.value, 0),
        gradient: joined(parts.map((part) => part.gradient)),
      };
    },
  },
  sigmoid_cross_entropy: {
    output: (raw) => raw.map(sigmoid),
    loss: each((raw, y, p) => {
      const smoothing = p.label_smoothing ?? 0;
      const target = (1 - smoothing) * y + smoothing / 2;
      return [softplus(raw) - target * raw, sigmoid(raw) - target];
    }),
  },
  squared: { output: asTheyAre, loss: each((raw, y) => [(raw - y) ** 2 / 2, raw - y]) },
  absolute: {
    output: asTheyAre,
    loss: each((raw, y) => [Math.abs(raw - y), Math.sign(raw - y)]),
  },
  huber: {
    output: asTheyAre,
    loss: each((raw, y, { delta }) => {
      const c = Math.min(Math.max(raw - y, -delta), delta);
      return [c * (raw - y - c / 2), c];
    }),
  },
  quantile: {
    output: asTheyAre,
    loss: (raw, y, { levels }) => {
      let value = 0;
      const gradient = raw.map((r, j) => {
        const level = levels[j % levels.length];
        const rest = r - y[Math.floor(j / levels.length)];
        const g = Math.max(Math.min(Math.sign(rest), 1 - level), -level);
        value += g * rest;
        return g;
      });
      return { value, gradient };
    },
  },
  poisson: {
    output: (raw) => raw.map(finiteExp),
    loss: each((raw, y) => {
      const gradient = finiteExp(raw) - y;
      return [gradient - y * raw + (y > 0 ? y * Math.log(y) : 0), gradient];
    }),
  },
};

/**
 * @param {Float64Array} raw
 * @param {number[]} sizes
 */
function groups(raw, sizes) {
  let end = 0;
  return sizes.map((size) => raw.subarray(end, (end += size)));
}

/** @param {Float64Array[]} parts */
function joined(parts) {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

// --- the passes -----------------------------------------------------------------------------------

/**
 * Take one row through the network.
 * @param {Network} network
 * @param {ArrayLike<number>} x the network's input
 * @param {Scales} [scales]
 * @returns {Pass}
 */
export function forward(network, x, scales) {
  return forwardFrom(network, 0, x, scales);
}

/**
 * Take what a layer gets through the rest of the network. What lies before is empty in the pass.
 * @param {Network} network
 * @param {number} first the layer, from 0
 * @param {ArrayLike<number>} values what it gets
 * @param {Scales} [scales]
 * @returns {Pass}
 */
export function forwardFrom(network, first, values, scales) {
  const { activations, loss } = network;
  /** @type {Pass} */
  const pass = {
    inputs: [],
    z: [],
    activations: [],
    raw: new Float64Array(),
    output: new Float64Array(),
  };
  pass.inputs[first] = Float64Array.from(values);
  for (let layer = first; layer < network.weights.length; layer++) {
    const z = sums(network, layer, pass.inputs[layer]);
    pass.z[layer] = z;
    if (layer === activations.length) break;
    const { name, parameters } = activations[layer];
    const { value } = ACTIVATIONS[name];
    const a = z.map((sum) => value(sum, parameters));
    const factors = scales?.[layer];
    pass.activations[layer] = a;
    pass.inputs[layer + 1] = factors ? a.map((one, j) => one * factors[j]) : a;
  }
  pass.raw = pass.z[activations.length];
  pass.output = LOSSES[loss.name].output(pass.raw, loss.parameters);
  return pass;
}

/**
 * @param {Network} network
 * @param {number} layer
 * @param {Float64Array} inputs
 */
function sums({ weights, biases }, layer, inputs) {
  const z = Float64Array.from(biases[layer]);
  const W = weights[layer];
  const width = z.length;
  for (let i = 0, at = 0; i < inputs.length; i++, at += width) {
    const input = inputs[i];
    if (input === 0) continue; // most pixels of most images
    for (let j = 0; j < width; j++) z[j] += input * W[at + j];
  }
  return z;
}

/**
 * The loss of one row.
 * @param {Network} network
 * @param {Pass} pass
 * @param {TargetValue} target
 */
export function loss({ loss: { name, parameters } }, pass, target) {
  return LOSSES[name].loss(pass.raw, target, parameters).value;
}

/**
 * Follow the chain rule from the loss of one row to the input.
 * @param {Network} network
 * @param {Pass} pass
 * @param {TargetValue} target
 * @param {Scales} [scales]
 * @returns {Gradient}
 */
export function backward(network, pass, target, scales) {
  const { activations, weights } = network;
  const { name, parameters } = network.loss;
  const { value, gradient } = LOSSES[name].loss(pass.raw, target, parameters);
  /** @type {Float64Array[]} */
  const delta = [];
  /** @type {Float64Array[]} */
  const upstream = [];
  delta[activations.length] = gradient;
  for (let layer = activations.length; layer > 0; layer--) {
    const below = layer - 1;
    const arriving = sentBack(weights[layer], delta[layer]);
    const factors = scales?.[below];
    upstream[below] = arriving;
    delta[below] = arriving.map(
      (d, i) => d * (factors?.[i] ?? 1) * slope(activations[below], pass.z[below][i]),
    );
  }
  return { loss: value, delta, upstream, input: sentBack(weights[0], delta[0]) };
}

/**
 * W @ delta.
 * @param {Float32Array} W
 * @param {Float64Array} delta
 */
function sentBack(W, delta) {
  const width = delta.length;
  const sent = new Float64Array(W.length / width);
  for (let i = 0, at = 0; i < sent.length; i++, at += width) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += W[at + j] * delta[j];
    sent[i] = sum;
  }
  return sent;
}

/**
 * The loss's derivative by one weight.
 * @param {Pass} pass
 * @param {Gradient} gradient
 * @param {number} layer
 * @param {number} i the unit that it comes from
 * @param {number} j the unit that it goes to
 */
export function weightGradient(pass, gradient, layer, i, j) {
  return pass.inputs[layer][i] * gradient.delta[layer][j];
}

/**
 * The network after one step of gradient descent on one row.
 * @param {Network} network
 * @param {Pass} pass
 * @param {Gradient} gradient
 * @param {number} rate
 * @returns {Network}
 */
export function stepped(network, pass, gradient, rate) {
  const weights = network.weights.map((W, layer) => {
    const delta = gradient.delta[layer];
    const width = delta.length;
    const moved = W.slice();
    pass.inputs[layer].forEach((input, i) => {
      if (input === 0) return;
      for (let j = 0; j < width; j++) moved[i * width + j] -= rate * input * delta[j];
    });
    return moved;
  });
  const biases = network.biases.map((b, layer) =>
    b.map((bias, j) => bias - rate * gradient.delta[layer][j]),
  );
  return { ...network, weights, biases };
}
