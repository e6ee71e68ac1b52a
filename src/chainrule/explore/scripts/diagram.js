/**
 * The drawing of the network: its real weights as lines, its activations as the colour of nodes.
 *
 * It is made anew for every state from `plan`, which decides what is where, and `draw`, which
 * makes the elements. All colours are written into the elements, so that what is saved is what
 * is seen.
 *
 * @typedef {import("#app").App} App
 */
import { colorOf, css, limitOf, onThemeChange, palette, readableOn } from "#colors";
import { element } from "#elements";
import { plan } from "#diagram_plan";
import { drawing } from "#diagram_drawing";

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
}
