/**
 * Samples as a list of buttons with their pictures; the one at hand is marked. One of them is in
 * the order of the tabulator key, arrows lead to the others.
 *
 * @typedef {import("#app").App} App
 *
 * @typedef {object} Tile
 * @property {number} sample
 * @property {string} value what is written in bold
 * @property {string} [about] what is written under it
 */
import { element } from "#elements";
import { thumbnail } from "#thumbnail";

/**
 * @param {App} app
 * @param {string} label of the list
 */
export function sampleTiles(app, label) {
  const kind = app.content.input.shape ? "sample-tiles" : "sample-tiles of-rows";
  const root = element("ul", { class: kind, "aria-label": label });

  /** @param {Tile[]} tiles */
  function show(tiles) {
    root.replaceChildren(...tiles.map((tile) => element("li", {}, tileButton(app, tile))));
    mark();
  }

  function mark() {
    const { source, sample } = app.state;
    const buttons = [...root.querySelectorAll("button")];
    for (const button of buttons)
      button.setAttribute(
        "aria-pressed",
        String(source === "sample" && button.dataset.sample === String(sample)),
      );
    const pressed = buttons.find((button) => button.getAttribute("aria-pressed") === "true");
    stopAt(buttons.find((button) => button === document.activeElement) ?? pressed ?? buttons[0]);
  }

  /** @param {EventTarget | null} stop where the tabulator key leads */
  function stopAt(stop) {
    for (const button of root.querySelectorAll("button"))
      button.tabIndex = button === stop ? 0 : -1;
  }

  root.addEventListener("focusin", ({ target }) => stopAt(target));
  root.addEventListener("keydown", (event) => {
    const buttons = [...root.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === event.target);
    const to = placeAfter(event.key, at, columnsOf(buttons), buttons.length);
    if (to === null) return;
    event.preventDefault();
    buttons[to].focus();
  });
  return { root, show, mark };
}

/**
 * How many tiles are in the first row.
 * @param {HTMLElement[]} buttons
 */
function columnsOf(buttons) {
  const top = buttons[0].getBoundingClientRect().top;
  return buttons.filter((button) => button.getBoundingClientRect().top === top).length;
}

/**
 * Where a key leads; null where it leads nowhere.
 * @param {string} key
 * @param {number} at
 * @param {number} columns
 * @param {number} n
 */
function placeAfter(key, at, columns, n) {
  const places = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    Home: 0,
    End: n - 1,
  };
  const to = places[/** @type {keyof typeof places} */ (key)] ?? -1;
  return to >= 0 && to < n ? to : null;
}

/**
 * @param {App} app
 * @param {Tile} tile
 */
function tileButton(app, { sample, value, about = "" }) {
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
