/**
 * Hidden space in two dimensions, layer by layer: the page's samples as points along the layer's
 * first two principal components, the input at hand among them, and the worst mistakes beside.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#content").Hidden} Hidden
 */
import { COLORS, legend, shapeOf } from "#class_legend";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { mistakes } from "#mistakes";
import { layerName, number } from "#names";
import { chooseSample } from "#sample_tiles";
import { scatter } from "#scatter";
import { classOf, verdictsOf } from "#verdicts";

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const worst = mistakes(app);
  const space = app.content.measured?.hidden.length
    ? hiddenSpace(app, app.content.measured.hidden)
    : null;
  const missing = element(
    "p",
    { class: "hint" },
    "There is no map of hidden space: the page was made without --data.",
  );
  root.append(element("div", { class: "beside" }, space?.root ?? missing, worst.root));

  function update() {
    space?.update();
    worst.update();
  }
  keepUpdated(root, app, update);
}

/**
 * @param {App} app
 * @param {Hidden[]} layers
 */
function hiddenSpace(app, layers) {
  const picker = layerPicker(app, layers);
  const explained = element("p", { class: "hint" });
  const reading = element("p", { class: "reading", "aria-live": "polite" });
  const plot = scatter({
    label: "The samples in hidden space",
    onChoose: (i) => chooseSample(app, i),
    onPoint: (i) => (reading.textContent = i === null ? "" : nameOf(app, i)),
  });
  const key = legend(app, (only) => {
    for (const [i, dot] of [...plot.root.querySelectorAll(".dot")].entries())
      dot.classList.toggle("faded", only !== null && groupOf(app, i) !== only);
  });
  const outside = element(
    "p",
    { class: "hint" },
    "The input at hand lies beyond the picture: no sample is like it.",
  );
  let drawn = "";

  function update() {
    const layer = layers.find(({ layer }) => layer === app.state.hiddenLayer) ?? layers[0];
    const current = placed(layer, app.pass().inputs[layer.layer]);
    const verdicts = verdictsOf(app, update);
    const wanted = `${layer.layer} ${plot.root.clientWidth} ${verdicts !== null}`;
    picker.update(layer);
    if (wanted !== drawn) {
      explained.textContent = explain(app, layer);
      plot.draw(marksOf(app, layer, verdicts));
      key.apply();
      drawn = wanted;
    }
    outside.hidden = plot.place(current);
    plot.select(app.state.source === "sample" ? app.state.sample : null);
  }

  const root = element(
    "section",
    { id: "space" },
    picker.root,
    explained,
    plot.root,
    outside,
    reading,
    key.root,
  );
  return { root, update };
}

/**
 * Where an input's activations lie on a layer's two axes.
 * @param {Hidden} hidden
 * @param {ArrayLike<number>} activations
 * @returns {[number, number]}
 */
export function placed({ mean, axes }, activations) {
  const width = mean.length;
  let [x, y] = [0, 0];
  for (let i = 0; i < width; i++) {
    const off = activations[i] - mean[i];
    x += off * axes[i];
    y += off * axes[width + i];
  }
  return [x, y];
}

/**
 * @param {App} app
 * @param {Hidden} layer
 */
function explain({ content }, { layer, explained: [first, second] }) {
  const percent = (/** @type {number} */ share) =>
    `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  const width = content.network.sizes[layer];
  return (
    `The ${width} units of ${layerName(content, layer - 1)} along the two directions in which they differ most: ` +
    `these hold ${percent(first)} and ${percent(second)} of the variance, together ${percent(first + second)}; ` +
    "the rest is not seen here. The cross is the input at hand. Choose a point to take its sample."
  );
}

/**
 * @param {App} app
 * @param {Hidden} layer
 * @param {import("#verdicts").Verdict[] | null} verdicts
 */
function marksOf(app, { points }, verdicts) {
  const colorOf = colors(app);
  return Array.from({ length: points.length / 2 }, (_, i) => {
    const group = groupOf(app, i);
    return {
      x: points[2 * i],
      y: points[2 * i + 1],
      name: nameOf(app, i, verdicts?.[i]),
      className: `${group === null ? "" : `class-${group % COLORS}`} ${verdicts?.[i].wrong ? "wrong" : ""}`,
      shape: shapeOf(group),
      color: colorOf(i),
    };
  });
}

/**
 * The class that a sample's colour says; null where there are none.
 * @param {App} app
 * @param {number} sample
 */
function groupOf(app, sample) {
  const target = app.content.task === "classification" ? app.sampleTarget(sample) : null;
  return target === null ? null : classOf(target);
}

/**
 * Of regression: the colour of a sample's target, between the ends of its range.
 * @param {App} app
 * @returns {(sample: number) => string | undefined}
 */
function colors(app) {
  if (app.content.task !== "regression") return () => undefined;
  const values = Array.from({ length: app.content.samples?.n ?? 0 }, (_, i) => firstTarget(app, i));
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return (i) => {
    const value = values[i];
    if (value === null) return undefined;
    const share = (100 * (value - low)) / (high - low || 1);
    return `color-mix(in oklab, var(--series-1) ${share.toFixed(0)}%, var(--series-2))`;
  };
}

/**
 * @param {App} app
 * @param {number} sample
 */
function firstTarget(app, sample) {
  const target = app.sampleTarget(sample);
  return target === null || typeof target === "number" ? target : target[0];
}

/**
 * @param {App} app
 * @param {number} sample
 * @param {import("#verdicts").Verdict} [verdict]
 */
function nameOf(app, sample, verdict = verdictsOf(app, () => {})?.[sample]) {
  const { samples, target, task } = app.content;
  const place = samples?.places[sample] ?? `sample ${sample}`;
  if (task === "classification" && target.classes) {
    const truth = groupOf(app, sample);
    const is = truth === null ? "" : `: ${target.classes[truth]}`;
    const taken =
      verdict?.wrong && verdict.predicted !== null
        ? `, taken for ${target.classes[verdict.predicted]}`
        : "";
    return place + is + taken;
  }
  const value = task === "regression" ? firstTarget(app, sample) : null;
  if (value === null) return place;
  return `${place}: ${target.name ?? "target"} ${number(value * (target.scale[0] ?? 1) + (target.mean[0] ?? 0))}`;
}

/**
 * @param {App} app
 * @param {Hidden[]} layers
 */
function layerPicker(app, layers) {
  const choices = layers.map((hidden) => {
    const box = element("input", {
      type: "radio",
      name: "hidden-layer",
      value: hidden.layer,
      onchange: () => app.set({ hiddenLayer: hidden.layer }),
    });
    return {
      hidden,
      box,
      label: element("label", {}, box, ` ${layerName(app.content, hidden.layer - 1)}`),
    };
  });
  const root = element(
    "fieldset",
    { class: "choices" },
    element("legend", {}, "Show"),
    ...choices.map(({ label }) => label),
  );
  /** @param {Hidden} shown */
  function update(shown) {
    for (const { hidden, box } of choices) box.checked = hidden === shown;
  }
  return { root, update };
}
