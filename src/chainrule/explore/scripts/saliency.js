/**
 * The input's saliency: how the loss rises with each number that goes in, as an image or as bars.
 *
 * @typedef {import("#app").App} App
 */
import { furthest, signedBars } from "#bars";
import { colorScale } from "#color_scale";
import { colorOf, limitOf, onThemeChange, paint, palette } from "#colors";
import { element } from "#elements";
import { inputName, number } from "#names";

const BARS = 14;

/** @param {App} app */
export function saliency(app) {
  const view = app.content.input.shape ? image(app, app.content.input.shape) : bars(app);
  const root = element(
    "section",
    { class: "part", id: "saliency" },
    element("h3", {}, "What it depends on: the input's saliency"),
    ...view.parts,
  );
  const update = () => view.update(gradientOf(app));
  onThemeChange(update);
  return { root, update };
}

/** @param {App} app */
function gradientOf(app) {
  return app.gradient().input;
}

/**
 * @param {App} app
 * @param {number[]} shape
 */
function image(app, shape) {
  const signed = element("canvas", { class: "pixels", role: "img" });
  const size = element("canvas", { class: "pixels", role: "img" });
  const legends = [colorScale(), colorScale()];
  const reading = element("p", { class: "reading" });
  const columns = shape[1];

  signed.addEventListener("pointermove", (event) => {
    const box = signed.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * shape[0]);
    const i = row * columns + column;
    if (column >= 0 && column < columns && row >= 0 && row < shape[0])
      reading.textContent = `${inputName(app.content, i)}: ${number(gradientOf(app)[i])}`;
  });

  /** @param {Float64Array} gradient */
  function update(gradient) {
    const limit = limitOf(gradient);
    const colors = palette();
    const sizes = gradient.map(Math.abs);
    paint(signed, gradient, shape, (value) => colorOf(value, limit, colors));
    paint(size, sizes, shape, (value) =>
      colorOf(value, limit, { ...colors, positive: colors.ink }),
    );
    const most = inputName(app.content, furthest(gradient, 1)[0]);
    signed.setAttribute("aria-label", `Gradient of the loss by each pixel; most at ${most}`);
    size.setAttribute("aria-label", `Size of the gradient by each pixel; most at ${most}`);
    legends[0].update(limit, true);
    legends[1].update(limit, false);
  }

  const parts = [
    element(
      "div",
      { class: "saliency-images" },
      figure(signed, "Blue: brighter raises the loss. Orange: brighter lowers it.", legends[0]),
      figure(size, "How much each pixel matters, whichever way.", legends[1]),
    ),
    reading,
  ];
  legends[1].root.classList.add("plain");
  return { parts, update };
}

/**
 * @param {HTMLElement} canvas
 * @param {string} caption
 * @param {ReturnType<typeof colorScale>} legend
 */
function figure(canvas, caption, legend) {
  return element("figure", {}, canvas, legend.root, element("figcaption", {}, caption));
}

/** @param {App} app */
function bars(app) {
  const body = element("div", {});

  /** @param {Float64Array} gradient */
  function update(gradient) {
    const x = app.x();
    const list = furthest(gradient, BARS).map((i) => ({
      name: inputName(app.content, i),
      value: gradient[i],
      title: `input ${number(x[i])}, gradient ${number(gradient[i])}`,
    }));
    body.replaceChildren(signedBars(list, "Gradient of the loss by each input"));
  }

  const n = app.content.network.sizes[0];
  const all = n > BARS ? `The ${BARS} of ${n} inputs that matter most. ` : "";
  const hint = `${all}The gradient of the loss by each number that goes in, in the network's units.`;
  return { parts: [element("p", { class: "hint" }, hint), body], update };
}
