/**
 * What the formulas of activations and losses are, for a reader, and numbers with enough digits to
 * be multiplied by hand.
 */

/** f′(z) of each activation; a = f(z), σ the logistic function, Φ and φ the normal distribution's. */
export const SLOPES = /** @type {Record<string, string>} */ ({
  identity: "1",
  sigmoid: "a (1 − a)",
  tanh: "1 − a²",
  relu: "1 if z > 0, else 0",
  leaky_relu: "1 if z > 0, else the leak",
  elu: "1 if z > 0, else a + 1",
  selu: "λ if z > 0, else a + λα",
  gelu: "Φ(z) + z φ(z)",
  silu: "σ(z) + a (1 − σ(z))",
  softplus: "σ(z)",
  mish: "t + z σ(z) (1 − t²), t = tanh(softplus(z))",
});

/** ∂L/∂z of an output: p is what the network says, y the truth. */
export const OUTPUT_STEPS = /** @type {Record<string, string>} */ ({
  softmax_cross_entropy: "p − y: what it says less what is true",
  sigmoid_cross_entropy: "p − y: what it says less what is true",
  squared: "p − y: what it says less what is true",
  absolute: "the sign of p − y",
  huber: "p − y, cut to ± delta",
  quantile: "1 − τ above the truth, −τ below",
  poisson: "p − y: what it says less what is true",
});

/** The loss of one sample. */
export const LOSSES = /** @type {Record<string, string>} */ ({
  softmax_cross_entropy: "−log p of the true class",
  sigmoid_cross_entropy: "−y log p − (1 − y) log(1 − p), summed over the outputs",
  squared: "½ (p − y)², summed over the outputs",
  absolute: "|p − y|, summed over the outputs",
  huber: "½ (p − y)², straight beyond delta, summed over the outputs",
  quantile: "τ (y − p) below the truth, (1 − τ) (p − y) above, summed",
  poisson: "p − y log p + y log y − y, summed over the outputs",
});

/**
 * A number in four significant digits, with a real minus sign.
 * @param {number} value
 */
export function digits(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const plain = size >= 1e-4 && size < 1e6;
  const text = plain ? String(Number(value.toPrecision(4))) : value.toExponential(3);
  return text.replaceAll("-", "−");
}
