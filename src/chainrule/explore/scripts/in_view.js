/**
 * Keeps a panel as the state is, while a reader can see it: panels in closed tabs, and those that
 * are scrolled away, wait until they come into view.
 *
 * @typedef {import("#app").App} App
 */
import { onThemeChange } from "#colors";

const NEAR = "200px"; // so that a panel is ready before it is scrolled to

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {() => void} update
 */
export function keepUpdated(root, app, update) {
  let inView = false;
  let stale = true;
  let width = 0;
  const refresh = () => {
    stale = !root.clientWidth;
    if (!stale) update();
  };
  const note = () => {
    stale = true;
    if (inView) refresh();
  };
  const watcher = new IntersectionObserver(
    (entries) => {
      inView = entries.some((entry) => entry.isIntersecting);
      if (inView && stale) refresh();
    },
    { rootMargin: NEAR },
  );
  watcher.observe(root);
  new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    refresh();
  }).observe(root);
  addEventListener("beforeprint", refresh);
  onThemeChange(refresh);
  app.subscribe(note);
}
