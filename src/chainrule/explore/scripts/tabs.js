/**
 * The views, one at a time, behind tabs that are walked over as WAI-ARIA has them: one of them is
 * in the order of the tabulator key, arrows lead to the others. A view without panels has none.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const views = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".view"))];
  const there = views.filter((view) => view.querySelector(".panel:not([hidden])"));
  const names = there.map((view) => view.id.replace("view-", ""));
  const tabs = there.map((view, i) => tabOf(view, () => app.set({ tab: names[i] })));
  for (const view of views) view.hidden = true;
  root.replaceChildren(...tabs);
  root.hidden = tabs.length < 2;

  function update() {
    const open = Math.max(names.indexOf(app.state.tab), 0);
    there.forEach((view, i) => (view.hidden = i !== open));
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === open));
      tab.tabIndex = i === open ? 0 : -1;
    });
  }

  root.addEventListener("keydown", (event) => {
    const i = next(event.key, tabs.indexOf(/** @type {HTMLButtonElement} */ (event.target)), tabs);
    if (i === null) return;
    event.preventDefault();
    app.set({ tab: names[i] });
    tabs[i].focus();
  });
  app.subscribe((_, changed) => {
    if (changed.has("tab")) update();
  });
  update();
}

/**
 * @param {HTMLElement} view
 * @param {() => void} open
 */
function tabOf(view, open) {
  const id = `tab-${view.id}`;
  view.setAttribute("role", "tabpanel");
  view.setAttribute("aria-labelledby", id);
  const attributes = { type: "button", role: "tab", id, "aria-controls": view.id, onclick: open };
  return element("button", attributes, view.dataset.title);
}

/**
 * Where a key leads.
 * @param {string} key
 * @param {number} at
 * @param {unknown[]} tabs
 */
function next(key, at, { length }) {
  if (key === "ArrowRight") return (at + 1) % length;
  if (key === "ArrowLeft") return (at + length - 1) % length;
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  return null;
}
