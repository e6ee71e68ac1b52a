/**
 * Samples as a list of buttons with their pictures; the one at hand is marked.
 *
 * @typedef {import("#app").App} App
 *
 * @typedef {object} Tile
 * @property {number} sample
 * @property {string} value what is written in bold
 * @property {string} about what is written under it
 */
import { element } from "#elements";
import { thumbnail } from "#thumbnail";

/**
 * @param {App} app
 * @param {string} label of the list
 */
export function sampleTiles(app, label) {
  const root = element("ul", { class: "sample-tiles", "aria-label": label });

  /** @param {Tile[]} tiles */
  function show(tiles) {
    root.replaceChildren(...tiles.map((tile) => element("li", {}, tileButton(app, tile))));
    mark();
  }

  function mark() {
    const { source, sample } = app.state;
    for (const button of root.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(source === "sample" && button.dataset.sample === String(sample)));
  }
  return { root, show, mark };
}

/**
 * @param {App} app
 * @param {Tile} tile
 */
function tileButton(app, { sample, value, about }) {
  const place = app.content.samples?.places[sample] ?? `sample ${sample}`;
  return element(
    "button",
    {
      type: "button",
      title: place,
      "aria-label": `${place}: ${value} ${about}`,
      "data-sample": String(sample),
      onclick: () => chooseSample(app, sample),
    },
    thumbnail(app.content, sample) ?? element("span", { class: "place" }, place),
    element("b", {}, value),
    element("span", {}, about),
  );
}

/**
 * @param {App} app
 * @param {number} sample
 */
export function chooseSample(app, sample) {
  app.set({ source: "sample", sample, input: null, label: null });
}
