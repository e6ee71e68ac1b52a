/**
 * Python that loads the model and gives the numbers on screen, as text. No elements.
 *
 * What is asked for is the estimator's own method. Units that a reader has changed, and steps that
 * he has taken, are changes of the estimator's weights: the lines make them first.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#content").Content} Content
 */
import { distance, inUnits, reconstruction } from "#outputs";

/** f(z) and f'(z) of each activation; a is f(z). */
export const ACTIVATIONS = /** @type {Record<string, [string, string]>} */ ({
  identity: ["z", "1"],
  sigmoid: ["expit(z)", "a * (1 - a)"],
  tanh: ["np.tanh(z)", "1 - a**2"],
  relu: ["np.maximum(z, 0)", "z > 0"],
  leaky_relu: ["np.maximum(z, SLOPE * z)", "np.where(z > 0, 1, SLOPE)"],
  elu: ["np.where(z > 0, z, np.expm1(np.minimum(z, 0)))", "np.where(z > 0, 1, a + 1)"],
  selu: [
    "np.where(z > 0, 1.0507009873554805 * z, 1.7580993408473766 * np.expm1(np.minimum(z, 0)))",
    "np.where(z > 0, 1.0507009873554805, a + 1.7580993408473766)",
  ],
  gelu: ["z * ndtr(z)", "ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)"],
  silu: ["z * expit(z)", "expit(z) * (1 + z * expit(-z))"],
  softplus: ["np.logaddexp(z, 0)", "expit(z)"],
  mish: [
    "z * np.tanh(np.logaddexp(z, 0))",
    "np.tanh(np.logaddexp(z, 0)) + z * expit(z) / np.cosh(np.logaddexp(z, 0)) ** 2",
  ],
});

/** dL/dz of the outputs; z are the last weighted sums. */
const OUTPUTS = /** @type {Record<string, string>} */ ({
  softmax_cross_entropy: "softmax(z, axis=1) - y",
  sigmoid_cross_entropy: "expit(z) - y",
  squared: "z - y",
  absolute: "np.sign(z - y)",
  huber: "np.clip(z - y, -DELTA, DELTA)",
  quantile: "np.clip(np.sign(z - y), -LEVELS, 1 - LEVELS)",
  poisson: "np.exp(z) - y",
});

/**
 * @param {App} app
 * @returns {string[]} lines
 */
export function pythonCode(app) {
  const { content, state } = app;
  const body = [...rowLines(app), ...stepLines(app), ...scaleLines(app), "", ...answerLines(app)];
  const special = ["expit", "ndtr", "softmax"].filter((name) =>
    body.some((line) => line.includes(`${name}(`)),
  );
  const [first, ...rest] = content.code.lines;
  const imports = special.length
    ? [first, `from scipy.special import ${special.join(", ")}`]
    : [first];
  return [...remarks(content, state), ...imports, ...rest, "", ...body];
}

/**
 * What a reader has to know of the numbers.
 * @param {Content} content
 * @param {import("#app").State} state
 */
function remarks({ stored, outputs_rounding: moved, model }, state) {
  const lines = [];
  if (stored !== model.dtype)
    lines.push(
      `# The page has the weights as ${stored}, the file as ${model.dtype}: the numbers differ a little` +
        (moved === null ? "." : `,\n# over the page's samples by ${moved.toPrecision(2)} at most.`),
    );
  if (state.steps || Object.keys(state.scales).length)
    lines.push(
      "# This changes the model's weights in memory, as you did in the page; its file stays.",
    );
  return lines;
}

/**
 * The row, from the data by its number, or number by number where it was drawn or changed.
 * @param {App} app
 */
function rowLines(app) {
  const { code, samples, input } = app.content;
  const { source, sample } = app.state;
  if (source === "sample" && sample !== null && samples && code.row)
    return [`# ${samples.places[sample]}`, code.row.replace("{row}", String(samples.rows[sample]))];
  const what =
    source === "drawn" ? "# What you have drawn: the pixels." : "# The row as you have set it.";
  return [
    what,
    ...code.values.replace("{values}", listed(app.raw(), input.shape?.[1])).split("\n"),
  ];
}

/**
 * Numbers with commas, a line of an image on each line.
 * @param {ArrayLike<number>} values
 * @param {number} [width]
 */
function listed(values, width = 8) {
  const texts = Array.from(values, shortest);
  const lines = [];
  for (let i = 0; i < texts.length; i += width) lines.push(texts.slice(i, i + width).join(", "));
  return lines.length === 1 ? lines[0] : `\n    ${lines.join(",\n    ")},\n`;
}

/**
 * The fewest digits that give a number of single precision back.
 * @param {number} value
 */
function shortest(value) {
  const wanted = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = wanted.toPrecision(digits);
    if (Math.fround(Number(text)) === wanted) return String(Number(text));
  }
  return String(Number(wanted.toPrecision(9)));
}

// --- changes --------------------------------------------------------------------------------------

/**
 * Steps of gradient descent on this row, written out: forward, backward, down.
 * @param {App} app
 */
function stepLines(app) {
  const { content, state } = app;
  if (!state.steps) return [];
  const { network, code } = content;
  const scaled = Object.keys(state.scales).length > 0;
  const rate = shortest(state.rate);
  return [
    "",
    `# ${state.steps === 1 ? "One step" : `${state.steps} steps`} of gradient descent on this row alone.`,
    `W, b = list(${code.weights}), list(${code.biases})`,
    `y = np.array([${targetNumbers(app).map(shortest).join(", ")}])`,
    ...(scaled ? scaleLists(app) : []),
    `f = [${perLayer(network, 0, "z")}]`,
    `slope = [${perLayer(network, 1, "z, a")}]`,
    `for step in range(${state.steps}):`,
    `    inputs, sums = [${networkInput(content)}], []`,
    "    for layer in range(len(W)):",
    "        sums.append(inputs[layer] @ W[layer] + b[layer])",
    "        if layer < len(f):",
    `            inputs.append(${scaled ? "scales[layer] * " : ""}f[layer](sums[layer]))`,
    "    z = sums[-1]",
    `    delta = ${outputStep(network)}`,
    "    for layer in reversed(range(len(W))):",
    "        upstream = delta @ W[layer].T",
    `        W[layer] -= ${rate} * inputs[layer].T @ delta`,
    `        b[layer] -= ${rate} * delta[0]`,
    "        if layer > 0:",
    "            z = sums[layer - 1]",
    `            delta = upstream * ${scaled ? "scales[layer - 1] * " : ""}slope[layer - 1](z, f[layer - 1](z))`,
  ];
}

/**
 * The functions of all hidden layers.
 * @param {import("#content").Network} network
 * @param {0 | 1} which f or f'
 * @param {string} of their arguments
 */
function perLayer({ activations }, which, of) {
  return activations
    .map(({ name, parameters }) =>
      ACTIVATIONS[name][which].replaceAll("SLOPE", String(parameters.slope)),
    )
    .map((text) => `lambda ${of}: ${text}`)
    .join(", ");
}

/** @param {import("#content").Network} network */
function outputStep({ loss: { name, parameters }, sizes }) {
  const levels = /** @type {number[]} */ (parameters.levels ?? []);
  const tiled = Array.from({ length: sizes.at(-1) ?? 0 }, (_, i) => levels[i % levels.length]);
  return OUTPUTS[name]
    .replaceAll("DELTA", String(parameters.delta))
    .replaceAll("LEVELS", `np.array([${tiled.join(", ")}])`);
}

/**
 * The target of each output: of a class 1 for it and 0 for the others, smoothed as in training.
 * @param {App} app
 */
function targetNumbers(app) {
  const { sizes, loss } = app.content.network;
  const n = /** @type {number} */ (sizes.at(-1));
  const target = app.target();
  const { levels, label_smoothing: smoothing = 0 } = loss.parameters;
  const numbers = Array.from({ length: n }, (_, i) => {
    if (typeof target === "number") return Number(i === target);
    return target[levels ? Math.floor(i / levels.length) : i];
  });
  const even = typeof target === "number" ? 1 / n : 1 / 2;
  return smoothing ? numbers.map((y) => (1 - smoothing) * y + smoothing * even) : numbers;
}

/**
 * What the first layer gets, from `x`.
 * @param {Content} content
 */
function networkInput({ input: { shift, scale }, code }) {
  const numbers = (/** @type {number | number[]} */ given) =>
    typeof given === "number" ? shortest(given) : `np.array([${listed(given)}])`;
  const isZero = shift === 0;
  const shifted = isZero ? code.shown : `(${code.shown} - ${numbers(shift)})`;
  return scale === 1 ? shifted : `${shifted} * ${numbers(scale)}`;
}

/**
 * A factor for each unit, for the gradient.
 * @param {App} app
 */
function scaleLists({ content: { network }, state }) {
  const widths = network.sizes.slice(1, -1);
  return [
    `scales = [np.ones(n) for n in [${widths.join(", ")}]]`,
    ...changed(state).map(
      ([layer, unit, factor]) => `scales[${layer}][${unit}] = ${shortest(factor)}`,
    ),
  ];
}

/**
 * Units that are off or scaled: what they send is so much less, or more.
 * @param {App} app
 */
function scaleLines({ content: { code }, state }) {
  const lines = changed(state).map(
    ([layer, unit, factor]) => `${code.weights}[${layer + 1}][${unit}] *= ${shortest(factor)}`,
  );
  return lines.length
    ? ["", "# Units that you have changed: the next layer gets them scaled.", ...lines]
    : [];
}

/** @param {import("#app").State} state */
function changed({ scales }) {
  return Object.entries(scales).map(([key, factor]) => [...key.split(":").map(Number), factor]);
}

// --- the answer -----------------------------------------------------------------------------------

const SHOWN = 20; // numbers that remarks repeat
const ON_A_LINE = 5;

/**
 * The call, and what the page has for it.
 * @param {App} app
 */
function answerLines(app) {
  const { content } = app;
  const { code } = content;
  if (content.task === "autoencoder") {
    const { bottleneck } = app.state;
    const outputs = bottleneck
      ? code.outputs.replace("reconstruct(x)", "inverse_transform(bottleneck)")
      : code.outputs;
    const call = code.shown.replace("x", outputs);
    return [
      ...(bottleneck
        ? ["# The bottleneck as you have set it.", `bottleneck = np.array([[${listed(bottleneck)}]])`]
        : []),
      `error = ${call} - ${code.shown}`,
      "print(np.sqrt(np.mean(error**2)))",
      `# In the page: ${distance(reconstruction(content, app.pass().output), app.raw()).toPrecision(6)}`,
    ];
  }
  return [`print(${code.outputs})`, ...inThePage(app)];
}

/**
 * The numbers that the page has, as remarks.
 * @param {App} app
 */
function inThePage(app) {
  const { task } = app.content;
  const numbers =
    task === "regression" ? inUnits(app.content, app.pass().output) : app.answer().probabilities;
  const shown = Array.from(numbers.subarray(0, SHOWN), (value) =>
    String(Number(value.toPrecision(6))),
  );
  if (numbers.length > SHOWN) shown.push("…");
  const lines = [];
  for (let i = 0; i < shown.length; i += ON_A_LINE)
    lines.push(shown.slice(i, i + ON_A_LINE).join(", "));
  return ["# In the page:", ...lines.map((line) => `# ${line}`)];
}
