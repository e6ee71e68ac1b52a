/**
 * The confusions of many classes: a list of pairs, the most frequent first, where a matrix would
 * have more cells than anybody looks at.
 *
 * @typedef {import("#app").App} App
 *
 * @typedef {object} Pair
 * @property {number} truth
 * @property {number} taken
 * @property {number} count of the rows
 * @property {number} share of the rows of the true class
 */
import { element } from "#elements";
import { percent } from "#names";

const SHOWN = 25;

/**
 * The pairs of classes of which one was taken for the other, the most frequent first.
 * @param {number[][]} counts
 * @returns {Pair[]}
 */
export function confusedPairs(counts) {
  const pairs = counts.flatMap((row, truth) => {
    const n = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, taken) => ({ truth, taken, count, share: count / n }));
  });
  return pairs
    .filter(({ truth, taken, count }) => count && truth !== taken)
    .sort((one, other) => other.count - one.count || other.share - one.share);
}

/**
 * @param {App} app
 * @param {number[][]} counts
 * @param {string[]} classes
 */
export function confusedList(app, counts, classes) {
  const pairs = confusedPairs(counts);
  const heads = ["it is", "taken for", "rows", "of its class"];
  const body = element("tbody");
  const more = element("button", { type: "button", onclick: showMore });
  /** @type {{pair: Pair, button: HTMLButtonElement}[]} */
  const shown = [];

  /** @param {Pair} pair */
  function pairRow(pair) {
    const [truth, taken] = [classes[pair.truth], classes[pair.taken]];
    const button = element(
      "button",
      {
        type: "button",
        "aria-label": `${truth} taken for ${taken}: ${pair.count}`,
        onclick: () => app.set({ cell: [pair.truth, pair.taken] }),
      },
      String(pair.count),
    );
    shown.push({ pair, button });
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, truth),
      element("td", {}, taken),
      element("td", { class: "number" }, button),
      element("td", { class: "number" }, percent(pair.share)),
    );
  }

  function showMore() {
    body.append(...pairs.slice(shown.length, shown.length + SHOWN).map(pairRow));
    more.hidden = shown.length === pairs.length;
    more.textContent = `Show more of the ${pairs.length} pairs`;
    update();
  }

  function update() {
    const [truth, taken] = app.state.cell ?? [];
    for (const { pair, button } of shown)
      button.setAttribute("aria-pressed", String(pair.truth === truth && pair.taken === taken));
  }

  showMore();
  const root = element(
    "div",
    {},
    element(
      "table",
      { class: "data pairs" },
      element("caption", {}, `Of ${classes.length} classes, the pairs most often confused.`),
      element("thead", {}, element("tr", {}, ...heads.map((text, i) => head(text, i)))),
      body,
    ),
    more,
  );
  return { root, update };
}

/**
 * @param {string} text
 * @param {number} column
 */
function head(text, column) {
  return element("th", { scope: "col", class: column > 1 ? "number" : "" }, text);
}
