/**
 * The samples for which the chosen unit responds most, computed over all of them in the page.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";
import { number } from "#names";
import { mostExciting, respond, shareActive } from "#responses";
import { thumbnail } from "#thumbnail";

const SHOWN = 12;

/** @param {App} app */
export function excitingSamples(app) {
  const about = element("p", { class: "hint" });
  const list = element("ul", { class: "sample-tiles" });
  const root = element(
    "section",
    { class: "part" },
    element("h4", {}, "What excites it most"),
    about,
    list,
  );
  /** @type {import("#responses").Responses | null} */
  let known = null;
  let shown = "";

  /** Those of the network as it was trained; begins to compute them where they are not there. */
  function responses() {
    const { network, samples } = app.content;
    const input = (/** @type {number} */ i) => app.networkInput(app.sampleRow(i));
    return (known ??= respond(network, samples?.n ?? 0, input, update));
  }

  function update() {
    const { layer, unit } = app.state;
    if (unit === null) return;
    if (!app.content.samples) {
      about.textContent = "The page has no samples: it was made without --data.";
      return;
    }
    const found = responses();
    const key = `${layer}:${unit}:${found.done}`;
    if (key === shown) return;
    shown = key;
    if (found.done < found.n) {
      about.textContent = `Looking at ${found.n} samples…`;
      list.replaceChildren();
      return;
    }
    const share = shareActive(found, layer, unit);
    const active = share < 1 ? `; ${Math.round(100 * share)} % make it other than 0` : "";
    about.textContent = `Of the ${found.n} samples in the page, before any change${active}.`;
    const best = mostExciting(found, layer, unit, SHOWN);
    list.replaceChildren(...best.map(({ sample, value }) => tile(app, sample, value)));
  }
  return { root, update };
}

/**
 * @param {App} app
 * @param {number} sample
 * @param {number} value
 */
function tile(app, sample, value) {
  const { samples, target } = app.content;
  const label = samples?.target?.[sample];
  const known = typeof label === "number" ? target.classes?.[label] ?? number(label) : "";
  const place = samples?.places[sample] ?? `sample ${sample}`;
  const open = () => app.set({ source: "sample", sample, input: null, label: null });
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button", title: `${place}: ${known}`, onclick: open },
      thumbnail(app.content, sample) ?? element("span", { class: "place" }, place),
      element("b", {}, number(value)),
      element("span", {}, known),
    ),
  );
}
