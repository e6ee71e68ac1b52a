/**
 * What the network says: a probability for each class as bars, in words how sure that is, and
 * "I don't know" below a threshold that the reader moves.
 *
 * @typedef {import("#app").App} App
 * @typedef {import("#content").Content} Content
 */
import { alteredLine } from "#altered";
import { doubtAboutLabels, doubtAmongClasses } from "#doubt";
import { element } from "#elements";
import { percent } from "#names";

const SHOWN = 12; // bars; the rest of many classes is folded away

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const { content } = app;
  const classes = content.target.classes ?? [];
  const isOneOf = content.task === "classification";
  const doubtIn = isOneOf ? doubtAmongClasses : doubtAboutLabels;
  const altered = alteredLine(app);
  const verdict = element("p", { class: "verdict", "aria-live": "polite" });
  const doubt = element("p", { class: "hint" });
  const order = element("select", { "aria-label": "Order of the classes", onchange: update }, [
    element("option", { value: "own" }, "in their own order"),
    element("option", { value: "most" }, "most probable first"),
  ]);
  order.value = classes.length > SHOWN ? "most" : "own";
  const bars = classes.map((name) => bar(name));
  const list = element("ul", { class: "probabilities", "aria-label": "Probabilities" });
  const all = element("button", { type: "button", class: "link", onclick: showAll });
  const threshold = slider(app);
  let most = SHOWN;

  function showAll() {
    most = Infinity;
    update();
  }

  function update() {
    const { probabilities, order: byProbability, best } = app.answer();
    const shown = (order.value === "own" ? [...classes.keys()] : byProbability).slice(0, most);
    const truth = truths(app);
    for (const [i, { set }] of bars.entries()) set(probabilities[i], isOneOf && i === best, truth.has(i));
    const roots = shown.map((i) => bars[i].root);
    if (roots.length !== list.children.length || roots.some((one, i) => one !== list.children[i])) list.replaceChildren(...roots);
    all.hidden = shown.length === classes.length;
    all.textContent = `Show all ${classes.length} classes`;
    const words = element("span", {}, said(app));
    if (words.textContent !== verdict.textContent) verdict.replaceChildren(words); // said once by a screen reader
    doubt.textContent = doubtIn(app.answer(), classes);
    altered.update();
    threshold.update();
  }

  const controls = element("p", { class: "controls small" }, element("label", {}, "Classes ", order), threshold.root);
  root.append(verdict, altered.root, doubt, list, all, controls);
  update();
  app.subscribe(update);
}

/**
 * The classes that are true of the sample shown.
 * @param {App} app
 * @returns {Set<number>}
 */
function truths(app) {
  const truth = app.truth();
  if (truth === null) return new Set();
  if (typeof truth === "number") return new Set([truth]);
  return new Set(truth.flatMap((one, i) => (one > 0.5 ? [i] : [])));
}

/** @param {string} name */
function bar(name) {
  const fill = element("i");
  const number = element("b");
  const mark = element("span", { class: "mark" });
  const root = element("li", {}, element("span", { class: "name", title: name }, name), element("span", { class: "bar" }, fill), number, mark);
  /**
   * @param {number} probability
   * @param {boolean} isBest
   * @param {boolean} isTrue
   */
  function set(probability, isBest, isTrue) {
    fill.style.width = `${100 * probability}%`;
    number.textContent = percent(probability);
    root.classList.toggle("best", isBest);
    mark.textContent = isTrue ? "✓" : "";
    mark.title = isTrue ? "true of this sample" : "";
    root.setAttribute("aria-label", `${name}: ${percent(probability)}${isTrue ? ", true of this sample" : ""}`);
  }
  return { root, set };
}

/**
 * The answer in a line, and whether it is right.
 * @param {App} app
 * @returns {(Node | string)[]}
 */
function said(app) {
  const { content } = app;
  const names = content.target.classes ?? [];
  const { probabilities, best, unsure } = app.answer();
  const truth = truths(app);
  if (content.task === "multilabel") {
    const found = names.filter((_, i) => probabilities[i] > app.state.threshold);
    return [element("b", {}, found.length ? found.join(", ") : "none of the labels")];
  }
  const answer = unsure ? "I don't know" : names[best];
  const words = element("b", { class: unsure ? "unknown" : "" }, answer);
  if (!truth.size) return [words];
  const [right] = truth;
  if (unsure) return [words, ` · it is ${names[right]}`];
  return right === best
    ? [words, " ", element("span", { class: "badge reproduced" }, "right")]
    : [words, " ", element("span", { class: "badge differs" }, "wrong"), ` it is ${names[right]}`];
}

/** @param {App} app */
function slider(app) {
  const isOneOf = app.content.task === "classification";
  const shown = element("output");
  const input = element("input", {
    type: "range",
    min: "0",
    max: "1",
    step: "0.01",
    oninput: () => app.set({ threshold: Number(input.value) }),
  });
  const root = element("label", { class: "threshold" }, isOneOf ? "“I don't know” below" : "A label holds above", input, shown);
  function update() {
    if (Number(input.value) !== app.state.threshold) input.value = String(app.state.threshold);
    shown.textContent = percent(app.state.threshold, 0);
  }
  return { root, update };
}
