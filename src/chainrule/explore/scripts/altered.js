/**
 * A line that says that the network is no longer as it was trained, with a way back.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";

/** @param {App} app */
export function alteredLine(app) {
  const words = element("span");
  const back = () => app.set({ scales: {}, steps: 0 });
  const button = element("button", { type: "button", class: "link", onclick: back }, "As it was trained");
  const root = element("p", { class: "altered" }, words, " ", button);
  function update() {
    const what = alterations(app.state);
    words.textContent = `The network has ${what.join(" and ")}.`;
    root.hidden = !what.length;
  }
  return { root, update };
}

/**
 * @param {Pick<import("#app").State, "scales" | "steps">} state
 * @returns {string[]}
 */
export function alterations({ scales, steps }) {
  const units = Object.values(scales).filter((factor) => factor !== 1).length;
  const each = [
    units && `${units} changed unit${units > 1 ? "s" : ""}`,
    steps && `learnt ${steps} step${steps > 1 ? "s" : ""} more`,
  ];
  return each.filter((one) => typeof one === "string");
}
