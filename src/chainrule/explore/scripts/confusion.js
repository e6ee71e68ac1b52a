/**
 * The confusion matrix over all rows of the data, or of many classes a list of the confused pairs;
 * a cell lists those of its samples that are in the page.
 *
 * @typedef {import("#app").App} App
 */
import { MOST_CLASSES } from "#class_legend";
import { confusedList } from "#confused_pairs";
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { sampleTiles } from "#sample_tiles";
import { verdictsOf } from "#verdicts";

const LONG = 3; // letters of a class name above which columns' names are upright

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const { measured, target } = app.content;
  const counts = measured?.confusion;
  const classes = target.classes;
  if (!measured || !counts || !classes) {
    root.append(
      element(
        "p",
        { class: "hint" },
        "There is no confusion matrix: the page has no data with right answers.",
      ),
    );
    return;
  }
  const isMany = classes.length > MOST_CLASSES;
  const confusions = (isMany ? confusedList : confusionTable)(app, counts, classes);
  const listed = cellSamples(app, counts, classes);
  root.append(
    element(
      "p",
      { class: "hint" },
      accuracyText(counts, measured.name),
      ` Choose ${isMany ? "a number" : "a cell"} to see its samples.`,
    ),
    element(
      "div",
      { class: "beside" },
      element("div", { class: "scroll" }, confusions.root),
      listed.root,
    ),
  );

  function update() {
    confusions.update();
    listed.update();
  }
  keepUpdated(root, app, update);
}

/**
 * @param {number[][]} counts
 * @param {string} name
 */
function accuracyText(counts, name) {
  const n = counts.flat().reduce((sum, count) => sum + count, 0);
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  return `All ${n} rows of ${name}: ${right} are right, ${n - right} wrong.`;
}

/**
 * @param {App} app
 * @param {number[][]} counts
 * @param {string[]} classes
 */
function confusionTable(app, counts, classes) {
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const taken = classes.map((_, j) => counts.reduce((sum, row) => sum + row[j], 0));
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => i !== j)));
  const cells = counts.map((row, i) => row.map((count, j) => cell(i, j, count)));
  const upright = classes.some((name) => name.length > LONG);

  /**
   * @param {number} i
   * @param {number} j
   * @param {number} count
   */
  function cell(i, j, count) {
    const kind = i === j ? "right" : "wrong";
    const share = i === j ? count / (totals[i] || 1) : Math.sqrt(count / most);
    const button = element(
      "button",
      {
        type: "button",
        class: count ? kind : "none",
        tabindex: "-1",
        "aria-label": `${classes[i]} taken for ${classes[j]}: ${count}`,
        "aria-pressed": "false",
        onclick: () => app.set({ cell: [i, j] }),
        onkeydown: (/** @type {KeyboardEvent} */ event) => walk(event, i, j),
      },
      String(count),
    );
    button.style.setProperty("--share", share.toFixed(3));
    return button;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   * @param {number} j
   */
  function walk(event, i, j) {
    const steps = /** @type {Record<string, number[]>} */ ({
      ArrowUp: [i - 1, j],
      ArrowDown: [i + 1, j],
      ArrowLeft: [i, j - 1],
      ArrowRight: [i, j + 1],
      Home: [i, 0],
      End: [i, classes.length - 1],
    });
    const [row, column] = steps[event.key] ?? [];
    const next = cells[row]?.[column];
    if (!next) return;
    reach(next);
    next.focus();
    event.preventDefault();
  }

  /** @param {HTMLElement} wanted */
  function reach(wanted) {
    for (const button of cells.flat()) button.tabIndex = button === wanted ? 0 : -1;
  }

  function update() {
    const chosen = app.state.cell;
    for (const [i, row] of cells.entries())
      for (const [j, button] of row.entries())
        button.setAttribute(
          "aria-pressed",
          String(chosen !== null && chosen[0] === i && chosen[1] === j),
        );
    if (chosen) reach(cells[chosen[0]]?.[chosen[1]] ?? cells[0][0]);
  }

  reach(cells[0][0]);
  const percent = (/** @type {number} */ part, /** @type {number} */ all) =>
    all ? `${((100 * part) / all).toFixed(1)} %` : "–";
  const root = element(
    "table",
    { class: "confusion matrix" },
    element("caption", {}, "Rows: what it is. Columns: what it is taken for."),
    element(
      "thead",
      {},
      element(
        "tr",
        { class: upright ? "upright" : "" },
        element("th", { scope: "col" }, ""),
        ...classes.map((name) => element("th", { scope: "col" }, element("span", {}, name))),
        element(
          "th",
          { scope: "col", title: "Of the row's samples, how many are found" },
          element("span", {}, "recall"),
        ),
      ),
    ),
    element(
      "tbody",
      {},
      ...classes.map((name, i) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, name),
          ...cells[i].map((button) => element("td", {}, button)),
          element("td", { class: "share" }, percent(counts[i][i], totals[i])),
        ),
      ),
      element(
        "tr",
        {},
        element(
          "th",
          { scope: "row", title: "Of what is taken for the column's class, how much is" },
          "precision",
        ),
        ...classes.map((_, j) =>
          element("td", { class: "share" }, percent(counts[j][j], taken[j])),
        ),
        element("td", {}),
      ),
    ),
  );
  return { root, update };
}

/**
 * The samples of the chosen cell.
 * @param {App} app
 * @param {number[][]} counts
 * @param {string[]} classes
 */
function cellSamples(app, counts, classes) {
  const heading = element("h3", {});
  const about = element("p", { class: "hint", "aria-live": "polite" });
  const tiles = sampleTiles(app, "Samples of the chosen cell");
  const root = element("section", { id: "cell" }, heading, about, tiles.root);
  let shown = "";

  function update() {
    tiles.mark();
    const { cell } = app.state;
    const [i, j] = cell ?? [-1, -1];
    root.hidden = counts[i]?.[j] === undefined;
    if (root.hidden) return;
    const verdicts = verdictsOf(app, update);
    const key = `${i},${j},${verdicts !== null}`;
    if (key === shown) return;
    shown = key;
    heading.textContent =
      i === j ? `${classes[i]}, rightly so` : `${classes[i]}, taken for ${classes[j]}`;
    const found = (verdicts ?? [])
      .filter(({ truth, predicted }) => truth === i && predicted === j)
      .sort((one, other) => other.confidence - one.confidence);
    about.textContent = verdicts
      ? `${counts[i][j]} of all rows; ${found.length} of them ${found.length === 1 ? "is" : "are"} in the page, the most confident first.`
      : "Looking at the samples…";
    tiles.show(
      found.map(({ sample, confidence }) => ({
        sample,
        value: `${(100 * confidence).toFixed(1)} %`,
      })),
    );
  }
  return { root, update };
}
