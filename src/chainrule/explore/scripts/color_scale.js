/** The legend of a colour scale, from -limit or 0 to limit. */
import { element } from "#elements";
import { number } from "#names";

export function colorScale() {
  const bar = element("i", {});
  const low = element("span", {});
  const high = element("span", {});
  const root = element("div", { class: "color-scale", "aria-hidden": "true" }, low, bar, high);

  /**
   * @param {number} limit
   * @param {boolean} signed
   */
  function update(limit, signed) {
    low.textContent = signed ? number(-limit) : "0";
    high.textContent = number(limit);
    bar.classList.toggle("signed", signed);
  }
  return { root, update };
}
