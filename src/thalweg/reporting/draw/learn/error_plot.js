// The error of a difference quotient against its step, both on log scales.

import { svg } from "../dom.js";
import { short } from "../numbers.js";

/** The decades of h and of the error that are drawn. */
export const STEPS = { low: -16, high: 0.3, every: 0.05 };
const ERRORS = { low: -17, high: 1.6 };
const EPSILON = 2 ** -52;

/** Every step that is tried: some 330 real differences. */
export function exponents() {
  const { low, high, every } = STEPS;
  return Array.from({ length: Math.round((high - low) / every) + 1 }, (_, i) => low + i * every);
}

/**
 * The measured errors.
 * @returns {{e: number, error: number}[]} e is the exponent of h
 */
export function measuredErrors(curve, x, sides) {
  const slope = curve.slope(x);
  return exponents().map((e) => ({
    e, error: Math.abs(curve.quotient(x, 10 ** e, sides) - slope),
  }));
}

/** The median of the logarithms of the errors in each decade, from 10⁻¹⁶ to 1; NaN if all are 0. */
export function medianOfDecades(errors) {
  return Array.from({ length: 17 }, (_, i) => {
    const e = i - 16;
    const near = errors.filter((each) => Math.abs(each.e - e) < 0.3 && each.error > 0)
      .map((each) => Math.log10(each.error)).sort((a, b) => a - b);
    return near.length ? near[near.length >> 1] : NaN;
  });
}

/**
 * @param {object} curve
 * @param {{x: number, h: number, sides: number}} at
 * @param {number} width
 * @param {{height: number, hidden: boolean, quiet: boolean, guess: (number|null)[]|null}} look
 *   hidden: without the differences and their lines; quiet: without the error as a number; guess:
 *   the logarithm of the error at each decade, as drawn
 * @returns {{node: SVGElement, scales: object}}
 */
export function errorPlot(curve, at, width, { height, hidden, quiet, guess }) {
  const scales = scalesOf(width, height);
  const { across, up, frame } = scales;
  const slope = curve.slope(at.x);
  const error = Math.abs(curve.quotient(at.x, at.h, at.sides) - slope);
  const node = svg("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, class: "plot errors", role: "group",
    "aria-label": "The error of the slope against h, both on log scales",
  });
  node.append(errorGrid(scales, width, height));
  if (!hidden) {
    const errors = measuredErrors(curve, at.x, at.sides);
    node.append(...guides(curve, at, scales), allDots(errors, scales));
    if (!guess) node.append(...guideNames(curve, at, scales, width));
    if (errors.some((each) => each.error === 0)) {
      node.append(svg("text", { class: "halo", x: frame.left + 4, y: frame.bottom - 20 },
        "rings: error exactly 0"));
    }
  }
  if (guess) {
    const truth = hidden ? null : medianOfDecades(measuredErrors(curve, at.x, at.sides));
    node.append(drawnLine(guess, truth, scales));
  }
  if (!hidden) node.append(cursorOfStep(at.h, error, scales, quiet));
  return { node, scales };
}

function scalesOf(width, height) {
  const frame = { left: 46, right: width - 14, top: 26, bottom: height - 44 };
  const across = (e) => frame.left
    + ((e - STEPS.low) / (STEPS.high - STEPS.low)) * (frame.right - frame.left);
  const back = (pixel) => STEPS.low
    + ((pixel - frame.left) / (frame.right - frame.left)) * (STEPS.high - STEPS.low);
  const span = ERRORS.high - ERRORS.low;
  const up = (l) => frame.bottom - ((Math.min(ERRORS.high, Math.max(ERRORS.low, l)) - ERRORS.low)
    / span) * (frame.bottom - frame.top);
  const down = (pixel) => ERRORS.low
    + ((frame.bottom - pixel) / (frame.bottom - frame.top)) * span;
  return { across, back, up, down, frame };
}

function errorGrid({ across, up, frame }, width, height) {
  const marks = svg("g", { class: "grid" });
  for (let l = -16; l <= 0; l += 4) {
    const words = powerOfTen(l);
    marks.append(
      svg("path", { d: `M${frame.left} ${up(l)}H${frame.right}` }),
      svg("path", { d: `M${across(l)} ${frame.top}V${frame.bottom}` }),
      svg("text", { x: frame.left - 7, y: up(l) + 4, "text-anchor": "end" }, words),
      svg("text", { x: across(l), y: frame.bottom + 18, "text-anchor": "middle" }, words));
  }
  marks.append(
    svg("text", { x: 2, y: 14 }, "↑ error of the slope"),
    svg("text", { x: frame.left, y: height - 6 }, "← points together"),
    svg("text", { x: width - 14, y: height - 6, "text-anchor": "end" }, "step h →"));
  return marks;
}

/** "10⁻⁸", or "1" for 0. */
export function powerOfTen(exponent) {
  const raised = String(exponent).replace(/./g, (sign) =>
    "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  return exponent ? `10${raised}` : "1";
}

/** What truncation and rounding alone would be, as lines. */
function guides(curve, { x, sides }, { across, up, frame }) {
  const lineOf = (height, look) => {
    const points = [];
    for (const e of exponents()) {
      const l = height(e);
      if (l > ERRORS.low && l < ERRORS.high) points.push(`${across(e)} ${up(l)}`);
    }
    return points.length > 1 ? [svg("path", { class: look, d: `M${points.join("L")}` })] : [];
  };
  const bend = truncation(curve, x, sides);
  const size = Math.abs(curve.value(x));
  return [
    ...(bend ? lineOf((e) => Math.log10(bend) + sides * e, "truncation") : []),
    ...(size ? lineOf((e) => Math.log10(EPSILON * size) - e, "rounding") : []),
    svg("path", { class: "axis", d: `M${frame.left} ${frame.bottom}H${frame.right}` }),
  ];
}

/** The factor of h, or of h², in the error of truncation. */
export function truncation(curve, x, sides) {
  return sides === 2 ? Math.abs(curve.third(x)) / 6 : Math.abs(curve.second(x)) / 2;
}

function guideNames(curve, { x, sides }, { across, back, up, frame }, width) {
  const found = [];
  const name = (px, py, anchor, look, words) => words.forEach((each, i) => found.push(
    svg("text", { class: `halo ${look}${i ? "" : " strong"}`, x: px, y: py + 15 * i,
      "text-anchor": anchor }, each)));
  const bend = truncation(curve, x, sides);
  if (bend) {
    const words = sides === 2 ? "≈ h² · f‴/6" : "≈ h · f″/2";
    const begins = back(across(0) - 10 - 96); // the lower edge of the line is there
    const y = up(Math.log10(bend) + sides * begins) + 24;
    name(across(0) - 10, Math.min(y, frame.bottom - 28), "end", "of-truncation",
      ["the curve bends", words]);
  }
  const size = Math.abs(curve.value(x));
  if (size) {
    const y = up(Math.log10(EPSILON * size) + 12.4) + (width < 420 ? 66 : 42);
    name(frame.left + 8, Math.min(y, frame.bottom - 28), "start", "of-rounding",
      ["digits run out", "≈ ε · f / h"]);
  }
  return found;
}

/** All differences as one path of dots; those without an error as rings at the lower edge. */
function allDots(errors, { across, up }) {
  const spot = ({ e, error }) => `M${across(e).toFixed(1)} ${up(Math.log10(error)).toFixed(1)}h0`;
  const some = errors.filter((each) => each.error > 0 && Number.isFinite(each.error));
  const none = errors.filter((each) => each.error === 0);
  const group = svg("g", { "data-differences": errors.length });
  group.append(svg("path", { class: "differences", d: some.map(spot).join("") }));
  for (const { e } of none) {
    group.append(svg("circle", { class: "exact", cx: across(e).toFixed(1), cy: up(ERRORS.low) - 5,
      r: 2.4 }));
  }
  return group;
}

/** The line of a reader, and how far it is from the truth in each decade. */
function drawnLine(guess, truth, { across, up }) {
  const group = svg("g", { class: "guess-line" });
  const points = guess.map((l, i) => (l === null ? null : [across(i - 16), up(l)]));
  let path = "";
  points.forEach((point, i) => {
    if (point) path += `${points[i - 1] ? "L" : "M"}${point}`;
  });
  const gaps = (truth ?? []).map((l, i) => (guess[i] === null || Number.isNaN(l) ? ""
    : `M${across(i - 16)} ${up(guess[i])}V${up(l)}`));
  group.append(svg("path", { class: "gaps", d: gaps.join("") || "M0 0" }),
    svg("path", { d: path }));
  for (const point of points) {
    if (point) group.append(svg("circle", { cx: point[0], cy: point[1], r: 4 }));
  }
  return group;
}

function cursorOfStep(h, error, { across, up, frame }, quiet) {
  const e = Math.log10(h);
  const l = error > 0 ? Math.log10(error) : ERRORS.low;
  const words = error > 0 ? `off by ${short(error, 2)}` : "exact";
  const left = across(e) > (frame.left + frame.right) / 2;
  const slider = svg("g", {
    id: "error-cursor", class: "handle first", tabindex: 0, role: "slider", "aria-label": "h",
    "aria-valuemin": STEPS.low, "aria-valuemax": STEPS.high, "aria-valuenow": e.toFixed(2),
    "aria-valuetext": quiet ? `h is ${short(h, 2)}` : `h is ${short(h, 2)}: ${words}`,
  }, svg("circle", { class: "reach", cx: across(e), cy: up(l), r: 18 }),
  svg("circle", { class: "dot", cx: across(e), cy: up(l), r: 7 }));
  return svg("g", { class: "cursor-of-h" },
    svg("path", { class: "cursor", d: `M${across(e)} ${frame.top}V${frame.bottom}` }), slider,
    svg("text", { class: "halo strong", x: across(e) + (left ? -13 : 13),
      y: Math.max(up(l) - 11, frame.top + 12), "text-anchor": left ? "end" : "start" }, quiet ? "" : words));
}
