/**
 * Keeps a panel as the state is: at once while a reader can see it, after a pause where it is
 * scrolled away, and not before it is opened in a closed tab.
 *
 * @typedef {import("#app").App} App
 */
import { onThemeChange } from "#colors";

// Asking an element for its size makes the browser lay the page out anew, after every panel: widths
// come from the observer alone.
const NEAR = "200px"; // so that a panel is ready before it is scrolled to
const PAUSE = 150; // milliseconds without a change

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {(width: number) => void} update is told the panel's width
 */
export function keepUpdated(root, app, update) {
  let inView = false;
  let stale = true;
  let width = 0;
  let later = 0;

  function refresh() {
    clearTimeout(later);
    stale = width === 0;
    if (!stale) update(width);
  }

  function note() {
    stale = true;
    clearTimeout(later);
    if (inView) refresh();
    else later = window.setTimeout(refresh, PAUSE);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  function look(entries) {
    inView = entries.some((entry) => entry.isIntersecting);
    if (inView && stale) refresh();
  }

  /** @param {ResizeObserverEntry[]} entries */
  function measure(entries) {
    const measured = Math.floor(entries[entries.length - 1].contentRect.width);
    if (measured === width) return;
    width = measured;
    refresh();
  }

  new IntersectionObserver(look, { rootMargin: NEAR }).observe(root);
  new ResizeObserver(measure).observe(root);
  addEventListener("beforeprint", refresh);
  onThemeChange(refresh);
  app.subscribe(note);
}
