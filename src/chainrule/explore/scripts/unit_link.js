/** The way from where a unit is chosen to where it is looked into, which may be out of view. */
import { element } from "#elements";

export function unitLink() {
  const go = () => {
    const title = /** @type {HTMLElement | null} */ (document.querySelector("#unit .unit-name"));
    title?.scrollIntoView({ block: "start" });
    title?.focus({ preventScroll: true });
  };
  return element("button", { type: "button", class: "link", onclick: go }, "look into it");
}
