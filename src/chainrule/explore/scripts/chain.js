/**
 * The chain rule at the input at hand: the loss against a true label, what of its gradient arrives
 * at each layer and at the input, one weight's gradient factor by factor, and steps along it.
 *
 * @typedef {import("#app").App} App
 */
import { arriving } from "#arriving";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { product } from "#product";
import { saliency } from "#saliency";
import { steps } from "#steps";
import { trueLabel } from "#true_label";

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const label = trueLabel(app);
  const parts = [arriving(app), saliency(app), product(app), steps(app)];
  const rest = element("div", { class: "chain-parts" }, ...parts.map((part) => part.root));
  root.append(label.root, rest);

  function update() {
    label.update();
    parts.forEach((part) => part.update());
  }

  keepUpdated(root, app, update);
}
