/**
 * The reliability curve: how often predictions of a confidence are right, over all rows of the
 * data, with the expected calibration error.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#content").Bin} Bin
 */
import { element, svg } from "#elements";
import { keepUpdated } from "#in_view";

const SIZE = 340;
const LEFT = 46;
const BELOW = 40;
const TOP = 12;
const COUNTS = 46; // height of the bars that say how many rows there are

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const bins = app.content.measured?.reliability ?? [];
  if (!bins.length) {
    root.append(
      element(
        "p",
        { class: "hint" },
        "There is no reliability curve: the page has no data with right answers.",
      ),
    );
    return;
  }
  const isOneOf = app.content.task === "classification";
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  const live = element("p", { class: "reading", "aria-live": "polite" });
  const rows = bins.map((bin) => binRow(bin));
  root.append(
    element("p", { class: "calibration" }, ...calibrationText(bins, n)),
    live,
    element(
      "div",
      { class: "beside narrow" },
      element(
        "figure",
        {},
        drawn(bins),
        element(
          "figcaption",
          {},
          "Above the diagonal it is more often right than it says, below less often. Grey: how many rows.",
        ),
      ),
      element("div", { class: "scroll" }, binTable(rows)),
    ),
  );

  function update() {
    const { probabilities, best } = app.answer();
    const found = isOneOf ? binOf(bins, probabilities[best]) : -1; // labels are as many predictions
    rows.forEach((row, i) => row.classList.toggle("current", i === found));
    live.textContent = isOneOf ? sayNow(probabilities[best], bins[found]) : "";
  }
  keepUpdated(root, app, update);
}

/**
 * The place of the bin that a confidence lies in, -1 where there is none: a bin takes its lower end
 * and not its upper, but for the last, which takes 1.
 * @param {Bin[]} bins
 * @param {number} confidence
 */
export function binOf(bins, confidence) {
  return bins.findIndex(({ low, high }) => confidence >= low && (confidence < high || high === 1));
}

/**
 * The mean distance between what is said and what holds, each bin by its rows: Naeini, Cooper and
 * Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", 2015.
 * @param {Bin[]} bins
 */
export function calibrationError(bins) {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.accuracy - bin.confidence), 0);
}

/**
 * @param {Bin[]} bins
 * @param {number} n
 */
function calibrationText(bins, n) {
  const bold = (/** @type {number} */ share) => element("b", {}, percent(share));
  const mean = (/** @type {"confidence" | "accuracy"} */ key) =>
    bins.reduce((sum, bin) => sum + (bin.n / n) * bin[key], 0);
  return [
    `Over ${n} predictions it says `,
    bold(mean("confidence")),
    " on average and is right in ",
    bold(mean("accuracy")),
    ". The expected calibration error, the mean distance between the two within bins, is ",
    bold(calibrationError(bins)),
    ".",
  ];
}

/**
 * @param {number} confidence
 * @param {Bin | undefined} bin
 */
function sayNow(confidence, bin) {
  const now = `The answer at hand has ${percent(confidence)}. `;
  if (!bin) return `${now}No row of the data has a prediction like that.`;
  return `${now}Of the ${bin.n} predictions between ${range(bin)}, ${percent(bin.accuracy)} are right.`;
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/** @param {Bin} bin */
function range({ low, high }) {
  return `${(100 * low).toFixed(0)} and ${(100 * high).toFixed(0)} %`;
}

/** @param {Bin} bin */
function binRow(bin) {
  const cells = [String(bin.n), percent(bin.confidence), percent(bin.accuracy)];
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, range(bin).replace(" and ", "–")),
    ...cells.map((text) => element("td", { class: "number" }, text)),
  );
}

/** @param {HTMLElement[]} rows */
function binTable(rows) {
  const heads = ["Confidence", "rows", "says", "is right"];
  return element(
    "table",
    { class: "data bins" },
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        ...heads.map((text, i) => element("th", { scope: "col", class: i ? "number" : "" }, text)),
      ),
    ),
    element("tbody", {}, ...rows),
  );
}

/** @param {Bin[]} bins */
function drawn(bins) {
  const side = SIZE - LEFT - 12;
  const x = (/** @type {number} */ share) => LEFT + share * side;
  const y = (/** @type {number} */ share) => TOP + (1 - share) * side;
  const most = Math.max(...bins.map(({ n }) => n));
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const text = (
    /** @type {number} */ left,
    /** @type {number} */ top,
    /** @type {string} */ said,
    anchor = "middle",
  ) => svg("text", { x: left.toFixed(1), y: top.toFixed(1), "text-anchor": anchor }, said);
  return svg(
    "svg",
    {
      viewBox: `0 0 ${SIZE} ${TOP + side + BELOW}`,
      class: "reliability",
      role: "img",
      "aria-label": described(bins),
    },
    ...bins.map(({ low, high, n }) => {
      const height = COUNTS * (n / most);
      const box = { x: x(low) + 0.5, y: y(0) - height, width: x(high) - x(low) - 1, height };
      return svg("rect", { class: "rows", ...box }, svg("title", {}, `${n} rows`));
    }),
    svg("path", { class: "axis", d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}` }),
    svg("path", { class: "diagonal", d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}` }),
    svg("path", {
      class: "line",
      d: bins
        .map(
          (bin, i) =>
            `${i ? "L" : "M"}${x(bin.confidence).toFixed(1)} ${y(bin.accuracy).toFixed(1)}`,
        )
        .join(""),
    }),
    ...bins.map((bin) =>
      svg(
        "circle",
        { cx: x(bin.confidence).toFixed(1), cy: y(bin.accuracy).toFixed(1), r: "5" },
        svg(
          "title",
          {},
          `${bin.n} rows between ${range(bin)}: says ${percent(bin.confidence)}, right ${percent(bin.accuracy)}`,
        ),
      ),
    ),
    ...ticks.flatMap((tick) => [
      text(x(tick), y(0) + 16, String(100 * tick)),
      text(LEFT - 7, y(tick) + 4, String(100 * tick), "end"),
    ]),
    text(x(0.5), y(0) + 34, "what it says, %"),
    svg(
      "text",
      { transform: `translate(11 ${y(0.5)}) rotate(-90)`, "text-anchor": "middle" },
      "how often it is right, %",
    ),
  );
}

/** @param {Bin[]} bins */
function described(bins) {
  const points = bins.map(
    (bin) => `${percent(bin.confidence)} said, ${percent(bin.accuracy)} right`,
  );
  return `Reliability curve: ${points.join("; ")}`;
}
