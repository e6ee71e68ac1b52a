/** Reads cases as JSON from standard input, and writes what #arithmetic makes of each. */
import { readFileSync } from "node:fs";

import {
  ACTIVATIONS,
  LOSSES,
  backward,
  forward,
  loss,
  slope,
  stepped,
  weightGradient,
} from "#arithmetic";
import { decode } from "#content";

const { cases, curves, z } = JSON.parse(readFileSync(0, "utf8"));

function worked({ document, x, target, scales, rate }) {
  const { network } = decode(document);
  const pass = forward(network, x, scales);
  const gradient = backward(network, pass, target, scales);
  const next = stepped(network, pass, gradient, rate);
  const weights = network.weights.map((W, layer) => {
    const width = network.sizes[layer + 1];
    return Array.from(W, (_, k) =>
      weightGradient(pass, gradient, layer, Math.floor(k / width), k % width),
    );
  });
  return {
    output: [...pass.output],
    loss: loss(network, pass, target),
    loss_of_gradient: gradient.loss,
    delta: gradient.delta.flatMap((one) => [...one]),
    upstream: gradient.upstream.flatMap((one) => [...one]),
    input: [...gradient.input],
    weights: weights.flat(),
    loss_after_step: loss(next, forward(next, x, scales), target),
  };
}

function curve(activation) {
  const { value } = ACTIVATIONS[activation.name];
  return {
    value: z.map((one) => value(one, activation.parameters)),
    slope: z.map((one) => slope(activation, one)),
  };
}

const found = {
  activations: Object.keys(ACTIVATIONS),
  losses: Object.keys(LOSSES),
  cases: cases.map(worked),
  curves: curves.map(curve),
};
process.stdout.write(JSON.stringify(found));
