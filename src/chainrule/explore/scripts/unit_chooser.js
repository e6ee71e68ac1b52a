/**
 * Which unit: its layer and its number, for those who know or want to walk through them.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";
import { layerName } from "#names";

/** @param {App} app */
export function unitChooser(app) {
  const { content } = app;
  const sizes = content.network.sizes.slice(1);
  const names = sizes.map((_, layer) => layerName(content, layer));
  const layers = element(
      "select",
      { onchange: () => choose(0) },
      ...names.map((name, layer) => element("option", { value: String(layer) }, name)),
    );
  const units = element("input", { type: "number", min: "0", oninput: () => choose(units.valueAsNumber) });
  const step = (/** @type {string} */ text, /** @type {number} */ by, /** @type {string} */ label) =>
    element(
      "button",
      { type: "button", "aria-label": label, onclick: () => choose((app.state.unit ?? -by) + by) },
      text,
    );

  /** @param {number} unit */
  function choose(unit) {
    const layer = Number(layers.value);
    if (Number.isInteger(unit) && unit >= 0 && unit < sizes[layer]) app.set({ layer, unit });
  }

  function update() {
    const { layer, unit } = app.state;
    layers.value = String(layer);
    units.max = String(sizes[layer] - 1);
    if (document.activeElement !== units) units.value = unit === null ? "" : String(unit);
  }

  const root = element(
    "div",
    { class: "controls" },
    element("label", {}, "Layer ", layers),
    element("label", {}, "Unit ", units),
    element("span", {}, step("‹", -1, "Previous unit"), " ", step("›", 1, "Next unit")),
  );
  return { root, update };
}
