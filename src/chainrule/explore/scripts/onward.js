/**
 * The way from the answer to the network, which lies far below in a narrow window. It is no link:
 * what follows # in the address is the state.
 */
import { element } from "#elements";

/** @param {HTMLElement} root */
export function mount(root) {
  root.append(element("button", { type: "button", class: "link", onclick: go }, "To the network"));
}

function go() {
  const tab = /** @type {HTMLElement} */ (document.querySelector("#tabs [aria-selected=true]"));
  tab.focus({ preventScroll: true });
  tab.scrollIntoView({ block: "start" });
}
