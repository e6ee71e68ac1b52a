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
  /** @type {{network: object, run: ReturnType<typeof respond>} | null} */
  let known = null;
  let shown = "";

  /** Those of the network as it is now; begins to compute them where they are not there. */
  function responses() {
    const network = app.network();
    if (known?.network !== network) {
      known?.run.stop();
      const n = app.content.samples?.n ?? 0;
      known = { network, run: respond(network, n, (i) => app.sampleInput(i), update) };
      shown = "";
    }
    return known.run.responses;
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
    const active = share < 1 ? `; ${Math.round(100 * share)} % of them make it other than 0` : "";
    about.textContent = `Of the ${found.n} samples in the page${active}.`;
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
  const open = () => app.set({ source: "sample", sample, input: null });
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
