/** Reads what the page was told, and puts the panels in their places. */
import { keepInAddress, read } from "#address";
import * as answer from "#answer";
import { App } from "#app";
import * as chain from "#chain";
import * as code from "#code";
import * as confusion from "#confusion";
import { decode } from "#content";
import * as diagram from "#diagram";
import * as drawing from "#drawing";
import * as hiddenSpace from "#hidden_space";
import * as layers from "#layers";
import * as onward from "#onward";
import * as prediction from "#prediction";
import * as reconstruction from "#reconstruction";
import * as reliability from "#reliability";
import * as samples from "#samples";
import * as sliders from "#sliders";
import * as tabs from "#tabs";
import * as unit from "#unit";

/**
 * @typedef {import("#content").Content} Content
 * @typedef {{mount: (root: HTMLElement, app: App) => void}} Panel
 */

/** @param {Content} content */
const hasClasses = ({ task }) => task === "classification" || task === "multilabel";
const always = () => true;

/**
 * The place of each panel, by the element's id, and whether a page has it.
 * @type {[id: string, panel: Panel, where: (content: Content) => boolean][]}
 */
const PANELS = [
  ["drawing", drawing, ({ input }) => input.kind === "image"],
  ["sliders", sliders, ({ input }) => input.kind === "table"],
  ["samples", samples, (content) => content.samples !== null],
  ["answer", answer, hasClasses],
  ["prediction", prediction, ({ task }) => task === "regression"],
  ["reconstruction", reconstruction, ({ task }) => task === "autoencoder"],
  ["onward", onward, always],
  ["diagram", diagram, always],
  ["layers", layers, always],
  ["unit", unit, always],
  ["chain", chain, always],
  ["hidden-space", hiddenSpace, ({ measured }) => Boolean(measured?.hidden.length)],
  ["confusion", confusion, ({ measured }) => Boolean(measured?.confusion)],
  ["reliability", reliability, ({ measured }) => Boolean(measured?.reliability)],
  ["code", code, always],
  ["tabs", tabs, always], // which panels there are is known now
];

const document_ = JSON.parse(/** @type {Element} */ (document.querySelector("#content")).textContent ?? "");
const content = decode(document_);
const app = new App(content, read(location.hash, content));
for (const [id, panel, where] of PANELS) {
  const root = document.getElementById(id);
  if (!root) continue;
  root.hidden = !where(content);
  if (where(content)) panel.mount(root, app);
}
keepInAddress(app);
document.documentElement.dataset.ready = "";
