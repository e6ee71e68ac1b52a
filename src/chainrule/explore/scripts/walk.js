/**
 * Steps of gradient descent on one input with one target. A longer walk goes on from where a
 * shorter one ended; a shorter one begins anew.
 *
 * @typedef {import("#content").Network} Network
 */
import { backward, forward, stepped } from "#arithmetic";

export class Walk {
  /** @type {Network} */
  #begin;
  /** @type {number[]} before each step */
  losses = [];

  /** @param {Network} network where it begins */
  constructor(network) {
    this.#begin = network;
    this.network = network;
  }

  /**
   * Take the steps that are not yet taken; from the beginning where fewer are wanted.
   * @param {number} steps
   * @param {number} rate the learning rate
   * @param {ArrayLike<number>} x the network's input
   * @param {import("#arithmetic").TargetValue} target
   * @param {import("#arithmetic").Scales} scales
   */
  to(steps, rate, x, target, scales) {
    if (this.losses.length > steps) this.restart();
    while (this.losses.length < steps) {
      const pass = forward(this.network, x, scales);
      const gradient = backward(this.network, pass, target, scales);
      this.losses.push(gradient.loss);
      this.network = stepped(this.network, pass, gradient, rate);
    }
  }

  /** Another way begins: steps taken are none of its. */
  restart() {
    this.network = this.#begin;
    this.losses = [];
  }
}
