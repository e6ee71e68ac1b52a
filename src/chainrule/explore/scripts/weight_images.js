/**
 * The weights of a unit of the first layer as an image: where it wants ink, and where not; beside
 * it the same times the input at hand, which is what adds up to its sum.
 *
 * @typedef {import("#app").App} App
 */
import { colorOf, limitOf, paint, palette } from "#colors";
import { element } from "#elements";
import { colorScale } from "#color_scale";
import { inputName, number } from "#names";

/** @param {App} app */
export function weightImages(app) {
  const weights = image(app, "Weights", "Weights from the pixels to the unit");
  const products = image(app, "Weights × this input", "Weights times the pixels at hand");
  const root = element("div", { class: "weight-images" }, weights.root, products.root);

  /**
   * @param {Float64Array} values
   * @param {ArrayLike<number>} input
   */
  function update(values, input) {
    weights.update(values);
    products.update(values.map((weight, i) => weight * input[i]));
  }
  return { root, update };
}

/**
 * @param {App} app
 * @param {string} caption
 * @param {string} label
 */
function image({ content }, caption, label) {
  const shape = content.input.shape ?? [1, 1];
  const canvas = element("canvas", { class: "pixels", role: "img", "aria-label": label });
  const legend = colorScale();
  const reading = element("span", { class: "reading" });
  const root = element(
    "figure",
    {},
    element("figcaption", {}, caption),
    canvas,
    legend.root,
    reading,
  );
  /** @type {Float64Array} */
  let shown = new Float64Array();

  canvas.addEventListener("pointerleave", () => (reading.textContent = ""));
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * shape[1]);
    const row = Math.floor(((event.clientY - box.top) / box.height) * shape[0]);
    const i = Math.min(shown.length - 1, Math.max(0, row * shape[1] + column));
    reading.textContent = `${inputName(content, i)}: ${number(shown[i])}`;
  });

  /** @param {Float64Array} values */
  function update(values) {
    shown = values;
    const limit = limitOf(values);
    const colors = palette();
    paint(canvas, values, shape, (value) => colorOf(value, limit, colors));
    legend.update(limit, true);
  }
  return { root, update };
}
