/** The legend of a colour scale, from -limit or 0 to limit. */
import { element } from "#elements";

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
    low.textContent = signed ? `−${limit}` : "0";
    high.textContent = String(limit);
    bar.classList.toggle("signed", signed);
  }
  return { root, update };
}
