/**
 * The samples for which the chosen unit responds most, computed over all of them in the page.
 *
 * @typedef {import("#app").App} App
 */
import { element } from "#elements";
import { number } from "#names";
import { mostExciting, respond, shareActive } from "#responses";
import { sampleTiles } from "#sample_tiles";

const SHOWN = 12;

/** @param {App} app */
export function excitingSamples(app) {
  const about = element("p", { class: "hint" });
  const tiles = sampleTiles(app, "Samples that excite it most");
  const root = element(
    "section",
    { class: "part" },
    element("h4", {}, "What excites it most"),
    about,
    tiles.root,
  );
  /** @type {import("#responses").Responses | null} */
  let known = null;
  let shown = "";

  /** Those of the network as it was trained; begins to compute them where they are not there. */
  function responses() {
    const { network, samples } = app.content;
    return (known ??= respond(network, samples?.n ?? 0, (i) => app.sampleInput(i), update));
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
    tiles.mark();
    if (key === shown) return;
    shown = key;
    if (found.done < found.n) {
      about.textContent = `Looking at ${found.n} samples…`;
      tiles.show([]);
      return;
    }
    const share = shareActive(found, layer, unit);
    const active = share < 1 ? `; ${Math.round(100 * share)} % make it other than 0` : "";
    about.textContent = `Of the ${found.n} samples in the page, before any change${active}.`;
    const best = mostExciting(found, layer, unit, SHOWN);
    tiles.show(
      best.map(({ sample, value }) => {
        return { sample, value: number(value), about: labelOf(app.content, sample) };
      }),
    );
  }
  return { root, update };
}

/**
 * @param {import("#content").Content} content
 * @param {number} sample
 */
function labelOf({ samples, target }, sample) {
  const label = samples?.target?.[sample];
  return typeof label === "number" ? target.classes?.[label] ?? "" : "";
}
