// The derivative as a limit: a curve with two points, the error for every step, and what they say.

import { html, responsive } from "../dom.js";
import { short } from "../numbers.js";
import { CURVES, allDigits, asWritten } from "./derivative_functions.js";
import { curvePlot } from "./curve_plot.js";
import { STEPS, errorPlot } from "./error_plot.js";

/** The keys of the view in a link. */
export const DERIVATIVE_KEYS = {
  fn: { kind: "one", of: ["square", "sigmoid", "relu"], usual: "square" },
  x: { kind: "number", from: -6, to: 6, usual: 3 },
  h: { kind: "number", from: 1e-16, to: 2, usual: 1 },
  sides: { kind: "whole", from: 1, to: 2, usual: 1 },
};

const FAR = 18; // pixels between the points; nearer than that, the first one is meant
const SECONDS = 8; // of the animation from one step to another

/**
 * @typedef {object} DerivativeState
 * @property {"square"|"sigmoid"|"relu"} fn
 * @property {number} x
 * @property {number} h
 * @property {1|2} sides
 */

/**
 * @param {HTMLElement} root
 * @param {DerivativeState} first
 * @param {(state: DerivativeState) => void} changed after each change that a reader makes
 * @returns {{set: (patch: object) => void, get: () => DerivativeState, look: (patch: object) =>
 *   void, picture: HTMLElement, scales: () => object}}
 */
export function derivativeView(root, first, changed) {
  const state = { ...first };
  const look = { hidden: false, guess: null, drawing: null, quiet: false, alone: false };
  const drawnAt = {};
  const parts = layout(root);
  const curve = () => CURVES[state.fn];
  const draws = [
    responsive(parts.curve, (width) => {
      const { node, x } = curvePlot(curve(), state, width);
      drawnAt.x = x;
      return node;
    }),
    responsive(parts.errors, (width) => {
      const height = Math.round(Math.min(440, Math.max(300, width * 0.86)));
      const { node, scales } = errorPlot(curve(), state, width, { ...look, height });
      drawnAt.errors = scales;
      return node;
    }),
  ];
  const show = () => {
    for (const draw of draws) draw();
    describe(parts, curve(), state, look);
  };
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      show();
    });
  };
  const set = (patch) => {
    Object.assign(state, sound({ ...state, ...patch }));
    later();
  };
  const change = (patch) => {
    stop();
    set(patch);
    changed({ ...state });
  };
  let playing = 0;
  const stop = () => {
    cancelAnimationFrame(playing);
    playing = 0;
  };
  const shrink = () => {
    const e = Math.log10(state.h);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      change({ h: Number(`1e${Math.max(-16, Math.ceil(e - 1 - 1e-9))}`) });
      return;
    }
    const from = e < -15 ? 0 : e;
    const start = performance.now();
    const go = (now) => {
      const share = Math.min(1, (now - start) / (1000 * SECONDS));
      set({ h: 10 ** (from + (-16 - from) * share) });
      if (share < 1) playing = requestAnimationFrame(go);
      else change({});
    };
    stop();
    playing = requestAnimationFrame(go);
  };
  controls(parts, { state, change, shrink });
  pointOnCurve(parts.curve, { state, drawnAt, change, curve });
  stepOnErrors(parts.errors, { state, drawnAt, change, look });
  show();
  return {
    set, get: () => ({ ...state }), picture: parts.errors, scales: () => drawnAt.errors,
    look: (patch) => {
      Object.assign(look, patch);
      parts.rightTitle.textContent = look.drawing ? "Draw the error for every h"
        : "How wrong the slope is, for every h";
      parts.errors.classList.toggle("drawing", Boolean(look.drawing));
      parts.two.classList.toggle("alone", look.alone);
      parts.right.hidden = look.alone;
      for (const each of [parts.formula, parts.digits, parts.said]) each.hidden = look.quiet;
      later();
    },
  };
}

/** A state whose numbers lie inside the picture. */
function sound(state) {
  const [low, high] = CURVES[state.fn].across;
  return {
    ...state,
    x: Math.min(high - 0.2, Math.max(low + 0.2, state.x)),
    h: Math.min(10 ** STEPS.high, Math.max(1e-16, state.h)),
  };
}

function layout(root) {
  const button = (words, data) => html("button", { type: "button", ...data }, words);
  const parts = {
    title: html("h2", { class: "picture-title" }), curve: html("div", { class: "picture" }),
    rightTitle: html("h2", { class: "picture-title" }, "How wrong the slope is, for every h"),
    errors: html("div", { class: "picture" }),
    slider: html("input", {
      type: "range", id: "step-h", min: STEPS.low, max: STEPS.high, step: 0.05, "aria-label": "h",
    }),
    output: html("output", { for: "step-h" }),
    functions: html("div", { class: "group", role: "group", "aria-label": "Function",
      "data-part": "functions" }, button("x²", { "data-fn": "square" }),
    button("sigmoid", { "data-fn": "sigmoid" }), button("relu", { "data-fn": "relu" })),
    places: html("div", { class: "group", role: "group", "aria-label": "Point",
      "data-part": "places" }, button("x = 3", { "data-x": 3 }), button("x = −2", { "data-x": -2 })),
    sides: html("div", { class: "group", role: "group", "aria-label": "Difference",
      "data-part": "sides" }, button("one side", { "data-sides": 1 }),
    button("both sides", { "data-sides": 2 })),
    shrink: html("button", { type: "button", "data-part": "shrink" }, "Shrink h"),
    formula: html("p", { class: "formula" }), digits: html("p", { class: "digits" }),
    said: html("p", { class: "say", role: "status", "aria-live": "polite" }),
  };
  parts.right = html("div", {}, parts.rightTitle, parts.errors);
  parts.two = html("div", { class: "two" }, html("div", {}, parts.title, parts.curve), parts.right);
  root.append(parts.two, html("div", { class: "controls" }, html("div", { class: "slider-of-h", "data-part": "step" },
      html("label", { for: "step-h" }, "h"), parts.slider, parts.output, parts.shrink),
    parts.functions, parts.places, parts.sides),
    parts.formula, parts.digits, parts.said);
  return parts;
}

function controls(parts, { state, change, shrink }) {
  parts.slider.addEventListener("input", () => change({ h: rounded(Number(parts.slider.value)) }));
  parts.shrink.addEventListener("click", shrink);
  for (const group of [parts.functions, parts.places, parts.sides]) {
    group.addEventListener("click", (event) => {
      const { fn, x, sides } = event.target.dataset ?? {};
      if (fn) change({ fn });
      if (x) change({ x: Number(x) });
      if (sides) change({ sides: Number(sides) });
    });
  }
  parts.curve.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10,
      PageDown: -10 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const step = steps[event.key];
    if (event.target.id === "second-point") change({ h: rounded(Math.log10(state.h) + 0.1 * step) });
    else change({ x: Number((state.x + 0.05 * step).toFixed(2)) });
  });
}

/** 10 to that power; a whole or short one as the decimal number that it says. */
function rounded(exponent) {
  const e = Math.min(STEPS.high, Math.max(STEPS.low, exponent));
  return Number((10 ** e).toPrecision(3));
}

/** Drag the point, or the second one where it can be told from the first. */
function pointOnCurve(box, { state, drawnAt, change, curve }) {
  let moves = "";
  const place = (event) => drawnAt.x.back(event.clientX - box.getBoundingClientRect().left);
  box.addEventListener("pointerdown", (event) => {
    const value = place(event);
    const pixels = (other) => Math.abs(drawnAt.x.at(value) - drawnAt.x.at(other));
    const apart = Math.abs(drawnAt.x.at(state.x + state.h) - drawnAt.x.at(state.x)) > FAR;
    const second = apart && pixels(state.x + state.h) < pixels(state.x);
    moves = second ? "second" : "first";
    box.setPointerCapture(event.pointerId);
    if (pixels(second ? state.x + state.h : state.x) > 26) move(event);
    document.getElementById(`${moves}-point`)?.focus({ preventScroll: true });
  });
  const move = (event) => {
    const value = place(event);
    if (moves === "first") change({ x: Math.round(value * 20) / 20 });
    if (moves === "second") {
      const [, high] = curve().across;
      const h = Math.min(high, value) - state.x;
      change({ h: Number(Math.max(h, 1e-3).toPrecision(2)) });
    }
  };
  box.addEventListener("pointermove", (event) => {
    if (moves && event.buttons) move(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    box.addEventListener(end, () => {
      moves = "";
    });
  }
}

/** Drag h on the picture of errors, or draw a guess there. */
function stepOnErrors(box, { state, drawnAt, change, look }) {
  const at = (event) => {
    const corner = box.getBoundingClientRect();
    return [event.clientX - corner.left, event.clientY - corner.top];
  };
  const move = (event) => {
    const [px, py] = at(event);
    if (look.drawing) look.drawing(drawnAt.errors.back(px), drawnAt.errors.down(py));
    else if (!look.hidden) change({ h: rounded(drawnAt.errors.back(px)) });
  };
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture(event.pointerId);
    move(event);
  });
  box.addEventListener("pointermove", (event) => {
    if (event.buttons) move(event);
  });
  box.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 0.05, ArrowUp: 0.05, ArrowLeft: -0.05, ArrowDown: -0.05, PageUp: 1,
      PageDown: -1, Home: -20, End: 20 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    change({ h: rounded(Math.log10(state.h) + steps[event.key]) });
  });
}

// ---------------------------------------------------------------- words

function describe(parts, curve, state, look) {
  const { x, h, sides } = state;
  const [here, ahead, behind] = [curve.value(x), curve.value(x + h), curve.value(x - h)];
  const slope = curve.quotient(x, h, sides);
  const rule = curve.slope(x);
  const written = (value) => asWritten(value, h);
  const at = short(x, 4);
  parts.title.textContent = `${curve.text === "x²" ? "f(x) = x²" : `f = ${curve.text}`} at x = ${at}`;
  parts.slider.value = Math.log10(h);
  parts.output.textContent = `h = ${stepText(h)}`;
  parts.slider.setAttribute("aria-valuetext", parts.output.textContent);
  const other = sides === 2 ? `f(${at} − h)` : `f(${at})`;
  const step = sides === 2 ? "2h" : "h";
  parts.formula.replaceChildren(
    `(f(${at} + h) − ${other}) / ${step} = (${written(ahead)} − `,
    `${written(sides === 2 ? behind : here)}) / ${stepText(sides * h)} = `,
    html("b", { class: "of-secant" }, written(slope)),
    html("span", { class: "rule-of-slope" }, `f′ = ${curve.rule} = `,
      html("b", { class: "of-tangent" }, asWritten(rule, 1))));
  const full = allDigits(slope);
  parts.digits.textContent = full === written(slope) ? ""
    : `The machine's own digits: ${full}`;
  parts.said.textContent = look.hidden ? "" : sentence(curve, state, Math.abs(slope - rule));
  for (const each of parts.functions.children) press(each, each.dataset.fn === state.fn);
  for (const each of parts.places.children) press(each, Number(each.dataset.x) === x);
  for (const each of parts.sides.children) press(each, Number(each.dataset.sides) === sides);
}

/** "10⁻¹⁵" rather than "1·10⁻¹⁵". */
function stepText(h) {
  return short(h, 3).replace(/^1·/, "");
}

function press(button, down) {
  button.setAttribute("aria-pressed", String(down));
}

/** What the picture says at this step. */
function sentence(curve, { fn, x, h, sides }, error) {
  const e = Math.log10(h);
  if (fn === "relu") {
    if (Math.abs(x) < h && (x !== 0 || sides === 2)) {
      return "The step crosses the corner of relu: it measures both of its sides, and no slope is right.";
    }
    if (x === 0) return "At its corner relu has no slope. One side says 1; the program takes 0.";
    return error === 0 ? "On a straight line two points give the slope itself."
      : "A straight line is not cut short. All of this error is rounding.";
  }
  if (e < -15.6) return "x + h is x itself or its neighbour: the step is below the last digit of x.";
  if (e < -12.5) return "Look through the glass: the curve has stairs. The two heights differ in their last digits only.";
  const best = sides === 2 ? -5 : -7.5;
  if (fn === "square" && sides === 2) {
    return "Both sides of x² bend alike, so nothing is cut short. All of this error is rounding.";
  }
  if (e < best - 0.8) return "The error grows again: the slope is made of digits that rounding has changed.";
  if (e < best + 0.8) return "About here the error is smallest: truncation and rounding are alike.";
  if (e < -1.5) {
    return fn === "square" ? "The two lines look like one. Their slopes are not: they differ by h."
      : "The two lines look like one. Their slopes differ in the last digits shown.";
  }
  return "A wide step measures the bend of the curve, too. The error is truncation.";
}
