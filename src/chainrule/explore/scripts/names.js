/**
 * What inputs, units and outputs are called, and how numbers are written.
 *
 * Layers of units count from 0 as `transform(layer=0)` does, and are called "hidden layer 1";
 * units have the numbers that they have in Python.
 *
 * @typedef {import("#content").Content} Content
 */

/**
 * The name of a number that the network takes.
 * @param {Content} content
 * @param {number} i
 * @returns {string}
 */
export function inputName(content, i) {
  const { shape, fields } = content.input;
  if (shape) return `pixel ${Math.floor(i / shape[1])}, ${i % shape[1]}`;
  for (const field of fields) {
    if (field.kind === "number" && field.feature === i) return field.name;
    if (field.kind !== "choice") continue;
    const place = field.features.indexOf(i);
    if (place >= 0) return choiceName(field, place);
  }
  return `input ${i}`;
}

/**
 * The name of one of the numbers that a choice becomes: that of the option which sets it alone.
 * @param {import("#content").ChoiceField} field
 * @param {number} place
 */
function choiceName(field, place) {
  const setting = field.options.filter((option) => option.encoded[place] > 0);
  return setting.length === 1 ? `${field.name} = ${setting[0].label}` : `${field.name} (${place})`;
}

/**
 * The name of an output: a class, the target, or its number.
 * @param {Content} content
 * @param {number} i
 * @returns {string}
 */
export function outputName(content, i) {
  const { classes, names, name } = content.target;
  if (content.task === "autoencoder") return inputName(content, i);
  if (classes) return classes[content.network.sizes.at(-1) === 1 ? 1 : i];
  return names?.[i] ?? name ?? `output ${i}`;
}

/**
 * The name of a layer of units.
 * @param {Content} content
 * @param {number} layer from 0
 */
export function layerName(content, layer) {
  return isOutput(content, layer) ? "outputs" : `hidden layer ${layer + 1}`;
}

/**
 * The name of a unit within its layer.
 * @param {Content} content
 * @param {number} layer from 0; -1 for the inputs
 * @param {number} unit
 */
export function unitName(content, layer, unit) {
  if (layer < 0) return inputName(content, unit);
  return isOutput(content, layer) ? outputName(content, unit) : `unit ${unit}`;
}

/**
 * The name of a unit wherever it stands.
 * @param {Content} content
 * @param {number} layer from 0
 * @param {number} unit
 */
export function fullName(content, layer, unit) {
  return isOutput(content, layer)
    ? `Output ${outputName(content, unit)}`
    : `Unit ${unit} of ${layerName(content, layer)}`;
}

/**
 * Whether a layer is the last.
 * @param {Content} content
 * @param {number} layer from 0
 */
export function isOutput(content, layer) {
  return layer === content.network.sizes.length - 2;
}

/**
 * A share in percent; what is nearly nothing or nearly all is not called that.
 * @param {number} share
 * @param {number} [digits]
 */
export function percent(share, digits = 1) {
  const least = 0.1 ** digits; // of a percent
  if (digits && share > 0 && 100 * share < least) return `< ${least.toFixed(digits)} %`;
  if (digits && share < 1 && 100 * share > 100 - least) return `> ${(100 - least).toFixed(digits)} %`;
  return `${(100 * share).toFixed(digits)} %`;
}

/**
 * A number in three digits, with a real minus sign.
 * @param {number} value
 * @returns {string}
 */
export function number(value) {
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 1e-3 && size < 1e5);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  const text = size === 0 ? "0" : plain ? value.toFixed(digits) : value.toExponential(1);
  return text.replaceAll("-", "−");
}
