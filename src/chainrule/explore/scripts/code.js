/**
 * "Show the code": the Python lines that load the model and give the numbers on screen.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";
import { keepUpdated } from "#in_view";
import { pythonCode } from "#python_code";

const SAID = 2000; // milliseconds that "Copied" stays

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const lines = element("code", {});
  const block = element(
    "pre",
    { class: "python scroll", tabindex: "0", "aria-label": "Python" },
    lines,
  );
  const said = element("span", { role: "status" });
  const copy = element("button", { type: "button", onclick: copyLines }, "Copy the code");

  async function copyLines() {
    said.textContent = (await copied(lines)) ? "Copied." : "Selected: copy it with Ctrl+C.";
    setTimeout(() => (said.textContent = ""), SAID);
  }

  function update() {
    lines.textContent = pythonCode(app).join("\n");
  }

  root.append(
    element(
      "p",
      { class: "hint" },
      "These lines load the model and give the numbers that the page has now, for the input at hand. ",
      "Where they name files, at the top, put the folders in which you have them.",
    ),
    element("div", { class: "controls" }, copy, said),
    block,
  );
  keepUpdated(root, app, update);
}

/**
 * Copy an element's text; where a browser does not allow that, as on a page from disk, select it.
 * @param {HTMLElement} from
 */
async function copied(from) {
  try {
    await navigator.clipboard.writeText(from.textContent ?? "");
    return true;
  } catch {
    getSelection()?.selectAllChildren(from);
    return false;
  }
}
