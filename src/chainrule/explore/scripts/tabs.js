/**
 * Views of the network, one of which is open: a list of tabs, walked with the arrow keys.
 *
 * The page has the views as elements with `data-view`; those that have nothing to show are left out.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const views = [...document.querySelectorAll("[data-view]")]
    .filter((view) => view instanceof HTMLElement)
    .filter((view) => [...view.children].some((panel) => panel instanceof HTMLElement && !panel.hidden));
  const tabs = views.map((view) => {
    const name = view.dataset.view ?? "";
    view.id = `view-${name}`;
    view.setAttribute("role", "tabpanel");
    view.setAttribute("aria-labelledby", `tab-${name}`);
    return element(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": view.id,
        onclick: () => app.set({ tab: name }),
      },
      view.dataset.title,
    );
  });
  root.setAttribute("role", "tablist");
  root.append(...tabs);
  root.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const n = tabs.length;
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: (at + n - 1) % n, ArrowRight: (at + 1) % n, Home: 0, End: n - 1 };
    if (at < 0 || !(event.key in to)) return;
    event.preventDefault();
    tabs[to[event.key]].focus();
    tabs[to[event.key]].click();
  });

  function update() {
    const open = Math.max(views.findIndex((view) => view.dataset.view === app.state.tab), 0);
    views.forEach((view, i) => (view.hidden = i !== open));
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === open));
      tab.tabIndex = i === open ? 0 : -1;
    });
  }
  update();
  app.subscribe((_, changed) => changed.has("tab") && update());
}
