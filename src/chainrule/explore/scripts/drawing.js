/**
 * Drawing an image for the network: by mouse, finger, pen or keyboard. What is drawn is centred and
 * scaled as the training images are, and shown as the network gets it beside.
 *
 * @typedef {import("#app").App} App
 * @typedef {{points: [x: number, y: number][], width: number, erases: boolean}} Stroke in pixels of the canvas
 */
import { element } from "#elements";
import { fromGrey, greyRange, place } from "#pixels";
import { paintGrey } from "#thumbnail";

const SIDE = 196; // pixels of the longer side of what is drawn on
const BRUSHES = { thin: 0.05, medium: 0.08, thick: 0.16 }; // of the side
const KEY_STEP = SIDE / 28;
/** @type {Record<number, boolean>} The buttons that draw, and whether they erase: a pen has one at its other end. */
const BUTTONS = { 0: false, 5: true };
const HELP =
  "Draw with the mouse, a finger or a pen; by keyboard, arrows move, the space bar puts the pen down or lifts it, Backspace takes a stroke back.";

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const shape = app.content.input.shape ?? [1, 1];
  const [height, width] = shape.map((side) => Math.round((side * SIDE) / Math.max(...shape)));
  const canvas = element("canvas", {
    width: String(width),
    height: String(height),
    class: "drawing",
    tabindex: "0",
    role: "application",
    "aria-label": `Drawing. ${HELP}`,
  });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const seen = element("canvas", { class: "pixels", role: "img", "aria-label": "The image that the network gets" });
  const caption = element("figcaption");
  const said = element("p", { class: "reading", "aria-live": "polite" });
  const pen = { x: width / 2, y: height / 2, down: false, shown: false };
  /** @type {Stroke[]} */
  let strokes = [];
  let erases = false;

  const brush = element("select", { "aria-label": "Brush" }, Object.keys(BRUSHES).map((name) => element("option", {}, name)));
  brush.value = "medium";
  const eraser = button("Eraser", () => {
    erases = !erases;
    eraser.setAttribute("aria-pressed", String(erases));
  });
  eraser.setAttribute("aria-pressed", "false");
  const back = button("Undo", () => {
    strokes.pop();
    changed();
  });
  back.setAttribute("aria-label", "Undo stroke");
  const clear = button("Clear", () => {
    strokes = [];
    changed();
  });
  const fits = element("input", { type: "checkbox", checked: true, onchange: () => strokes.length && changed() });
  const fit = element("label", {}, fits, " centred and scaled as in training");
  fit.hidden = app.content.input.placement === null;

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} [isEraser]
   */
  function begin(x, y, isEraser = erases) {
    const size = BRUSHES[/** @type {keyof typeof BRUSHES} */ (brush.value)];
    strokes.push({ points: [[x, y]], width: size * SIDE, erases: isEraser });
  }

  function changed() {
    paintStrokes(context, strokes);
    const { data } = context.getImageData(0, 0, width, height);
    const pixels = new Uint8Array(width * height);
    for (let i = 0; i < pixels.length; i++) pixels[i] = data[4 * i];
    const placement = fits.checked ? app.content.input.placement : null;
    const input = place({ pixels, width, height }, [shape[0], shape[1]], placement);
    app.set({ source: "drawn", input: fromGrey(app.content.input, input), label: null });
    showPen();
  }

  /** A link has the image that the network gets, and none of its strokes. */
  function isFromLink() {
    return app.state.source === "drawn" && !strokes.length && Array.from(app.raw()).some(Boolean);
  }

  function showPen() {
    back.disabled = strokes.length === 0;
    clear.disabled = strokes.length === 0 && !isFromLink();
    if (!pen.shown) return;
    context.strokeStyle = pen.down ? "#f0945a" : "#74b3f0";
    context.lineWidth = 2;
    context.beginPath();
    context.arc(pen.x, pen.y, 7, 0, 2 * Math.PI);
    context.stroke();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!(event.button in BUTTONS) || !event.isPrimary) return; // a second finger draws nothing
    canvas.setPointerCapture(event.pointerId);
    pen.shown = pen.down = false;
    begin(...pointAt(canvas, event), BUTTONS[event.button] || erases);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) strokes.at(-1)?.points.push(pointAt(canvas, one));
    changed();
  });
  canvas.addEventListener("keydown", (event) => {
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in ways) move(ways[event.key]);
    else if (event.key === " ") putDown(!pen.down);
    else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) back.click();
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("blur", () => {
    pen.shown = pen.down = false;
    paintStrokes(context, strokes);
  });

  /** @param {[number, number]} way */
  function move([right, down]) {
    pen.x = Math.min(Math.max(pen.x + right * KEY_STEP, 0), width);
    pen.y = Math.min(Math.max(pen.y + down * KEY_STEP, 0), height);
    pen.shown = true;
    if (pen.down) {
      strokes.at(-1)?.points.push([pen.x, pen.y]);
      changed();
    } else {
      paintStrokes(context, strokes);
      showPen();
    }
    said.textContent = `Column ${Math.round(pen.x / KEY_STEP)}, row ${Math.round(pen.y / KEY_STEP)}`;
  }

  /** @param {boolean} down */
  function putDown(down) {
    pen.down = down;
    pen.shown = true;
    if (down) begin(pen.x, pen.y);
    if (down) changed();
    else showPen();
    said.textContent = down ? "The pen is down" : "The pen is lifted";
  }

  function update() {
    if (app.state.source !== "drawn") strokes = [];
    paintGrey(seen, app.raw(), app.content.input);
    if (!strokes.length) paintStrokes(context, strokes);
    if (isFromLink()) paintFaintly(context, seen);
    showPen();
    caption.textContent = captionOf(app);
  }

  root.append(
    element(
      "div",
      { class: "drawing-pair" },
      element("figure", {}, canvas, element("figcaption", {}, "Draw here, or go by arrows and press the space bar to put the pen down or lift it")),
      element("figure", {}, seen, caption),
    ),
    element("p", { class: "controls small" }, element("label", {}, "Brush ", brush), eraser, back, clear, fit),
    said,
  );
  update();
  app.subscribe((_, keys) => ["source", "sample", "input"].some((key) => keys.has(key)) && update());
}

/** @param {App} app */
function captionOf({ state, content }) {
  const [height, width] = content.input.shape ?? [0, 0];
  const what = `What the network gets: ${width} × ${height} pixels`;
  const place = state.source === "sample" && state.sample !== null && content.samples?.places[state.sample];
  if (place) return `${what}, ${place}`;
  const { least } = greyRange(content.input);
  if (!state.input?.some((value) => value > least)) return `${what}, still empty; it answers all the same`;
  return `${what}, from the drawing`;
}

/**
 * @param {string} text
 * @param {() => void} onclick
 */
function button(text, onclick) {
  return element("button", { type: "button", onclick }, text);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {PointerEvent} event
 * @returns {[number, number]}
 */
function pointAt(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) * canvas.width) / box.width,
    ((event.clientY - box.top) * canvas.height) / box.height,
  ];
}

/**
 * Show an image under what is to be drawn.
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} image
 */
function paintFaintly(context, image) {
  context.globalAlpha = 0.45;
  context.drawImage(image, 0, 0, context.canvas.width, context.canvas.height);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke[]} strokes
 */
function paintStrokes(context, strokes) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.lineCap = context.lineJoin = "round";
  for (const { points, width, erases } of strokes) {
    context.strokeStyle = erases ? "#000" : "#fff";
    context.lineWidth = width;
    context.beginPath();
    const [[x, y], ...rest] = points;
    context.moveTo(x, y);
    context.lineTo(x + 0.01, y); // a line of no length would leave no dot
    for (const point of rest) context.lineTo(...point);
    context.stroke();
  }
}
