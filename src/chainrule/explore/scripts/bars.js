/**
 * Signed numbers as rows: name, bar to the left or right of zero, value.
 */
import { element } from "#elements";
import { number } from "#names";

/**
 * @typedef {object} Bar
 * @property {string} name
 * @property {number} value
 * @property {string} [title] more about it
 * @property {() => void} [onChoose] what happens when the name is pressed
 */

/**
 * @param {Bar[]} bars
 * @param {string} label
 */
export function signedBars(bars, label) {
  const largest = bars.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0) || 1;
  return element(
    "ul",
    { class: "signed-bars", "aria-label": label },
    ...bars.map((bar) => row(bar, largest)),
  );
}

/**
 * @param {Bar} bar
 * @param {number} largest
 */
function row({ name, value, title, onChoose }, largest) {
  const stroke = element("i", { class: value < 0 ? "negative" : "positive" });
  stroke.style.setProperty("--size", (Math.abs(value) / largest).toFixed(3));
  const named = onChoose
    ? element("button", { type: "button", class: "link", onclick: onChoose }, name)
    : element("span", {}, name);
  return element(
    "li",
    title ? { title } : {},
    named,
    element("span", { class: "track", "aria-hidden": "true" }, stroke),
    element("b", {}, number(value)),
  );
}

/**
 * The places of the numbers that are furthest from zero, that first.
 * @param {ArrayLike<number>} values
 * @param {number} count
 */
export function furthest(values, count) {
  const order = Array.from(values, (_, i) => i);
  order.sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]) || i - j);
  return order.slice(0, count);
}
