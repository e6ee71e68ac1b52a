/** What a network is unsure about, in words. */
import { percent } from "#names";

const CERTAIN = 0.995;
const SURE_OF_ONE = 1.05; // classes; below that there is nothing to tell
const OPEN = [0.2, 0.8]; // the probabilities of a label that may hold or not
const NAMED = 5; // labels

/**
 * Of classes that exclude each other. The entropy is told as the number of equally likely classes
 * that have the same.
 * @param {import("#app").Answer} answer
 * @param {string[]} names of the classes
 */
export function doubtAmongClasses({ probabilities, order, entropy, unsure }, names) {
  const [first, second] = order.slice(0, 2).map((i) => ({ name: names[i], p: probabilities[i] }));
  if (first.p > CERTAIN && !unsure) return "It has no doubt about that. That does not make it right.";
  const choices = choicesOf(first, second, unsure);
  const among = 2 ** entropy;
  if (among < SURE_OF_ONE) return choices;
  return `${choices} In all it is as unsure as among ${among.toFixed(1)} equally likely classes.`;
}

/**
 * @param {{name: string, p: number}} first
 * @param {{name: string, p: number}} second
 * @param {boolean} unsure
 */
function choicesOf(first, second, unsure) {
  if (second.p > first.p / 2)
    return `It hesitates between ${first.name}, ${percent(first.p)}, and ${second.name}, ${percent(second.p)}.`;
  if (unsure)
    return `Its best guess is ${first.name}, ${percent(first.p)}; then ${second.name}, ${percent(second.p)}.`;
  return `Its second choice is ${second.name}, ${percent(second.p)}.`;
}

/**
 * Of labels that hold or not, each by itself.
 * @param {import("#app").Answer} answer
 * @param {string[]} names of the labels
 */
export function doubtAboutLabels({ probabilities }, names) {
  const open = names.filter((_, i) => probabilities[i] > OPEN[0] && probabilities[i] < OPEN[1]);
  if (!open.length) return "It has little doubt about any label. That does not make it right.";
  const more = open.length > NAMED ? ` and ${open.length - NAMED} more` : "";
  return `It is unsure about ${open.slice(0, NAMED).join(", ")}${more}.`;
}
