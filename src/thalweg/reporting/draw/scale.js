// Scales from quantities to pixels, and the axes that show them.

import { fitted, svg, textWidth } from "./dom.js";
import { apart, ticks, whole } from "./numbers.js";

/**
 * @typedef {object} Scale
 * @property {(value: number) => number} at the pixel of a value
 * @property {(pixel: number) => number} back the value of a pixel
 * @property {(count: number) => number[]} ticks about so many round values
 * @property {(values: number[]) => string[]} texts of the ticks
 */

/**
 * @param {[number, number]} domain
 * @param {[number, number]} range in pixels
 * @param {(value: number) => number} bend
 * @param {(value: number) => number} unbend
 * @param {(count: number) => number[]} marks
 * @returns {Scale}
 */
function bent(domain, range, bend, unbend, marks) {
  const [low, high] = domain.map(bend);
  const stretch = (range[1] - range[0]) / (high - low || 1);
  return {
    at: (value) => range[0] + (bend(value) - low) * stretch,
    back: (pixel) => unbend(low + (pixel - range[0]) / stretch),
    ticks: marks,
    texts: (values) => apart(values, 6).map((words, i) => (
      Number.isInteger(values[i]) ? whole(values[i]).replace("-", "−") : words)),
  };
}

/**
 * Equal steps are equal lengths.
 * @param {[number, number]} domain
 * @param {[number, number]} range
 * @returns {Scale}
 */
export function linear(domain, range) {
  const same = (value) => value;
  return bent(domain, range, same, same, (count) => ticks(domain[0], domain[1], count));
}

/**
 * Equal factors are equal lengths; the domain must be above 0.
 * @param {[number, number]} domain
 * @param {[number, number]} range
 * @returns {Scale}
 */
export function logarithmic(domain, range) {
  const marks = (count) => {
    const decades = Math.log10(domain[1] / domain[0]);
    const steps = decades > count ? [1] : decades > count / 2 ? [1, 3] : [1, 2, 5];
    const found = [];
    for (let e = Math.floor(Math.log10(domain[0])); e <= Math.log10(domain[1]); e += 1) {
      for (const step of steps) found.push(+(step * 10 ** e).toPrecision(3));
    }
    const inside = found.filter((v) => v >= domain[0] * 0.999 && v <= domain[1] * 1.001);
    const skip = Math.ceil(inside.length / (2 * count));
    return inside.filter((_, i) => i % skip === 0);
  };
  return bent(domain, range, Math.log, Math.exp, marks);
}

/**
 * Lengths grow as square roots of counts (Tukey's rootogram): one row stays visible beside 1,000.
 * @param {[number, number]} domain from 0
 * @param {[number, number]} range
 * @returns {Scale}
 */
export function squareRoot(domain, range) {
  const marks = (count) => {
    const found = [0];
    const gap = Math.sqrt(domain[1]) / count;
    for (let power = 1; power <= domain[1]; power *= 10) {
      for (const square of [power, 2 * power, 5 * power]) {
        const far = Math.sqrt(square) - Math.sqrt(found.at(-1)) >= gap;
        if (far && square <= domain[1]) found.push(square);
      }
    }
    return found;
  };
  return bent(domain, range, Math.sqrt, (root) => root * root, marks);
}

/**
 * @typedef {object} Frame
 * @property {SVGElement} svg
 * @property {SVGElement} plot the group for marks, above the grid
 * @property {Scale} x
 * @property {Scale} y
 * @property {{left: number, right: number, top: number, bottom: number}} inner in pixels
 */

export const FONT = 13;

/** About so many ticks, and two at least: one alone tells no scale. */
function several(scale, count) {
  for (let n = Math.max(2, count); n < 4 * Math.max(2, count); n += 1) {
    const found = scale.ticks(n);
    if (found.length !== 1) return found;
  }
  return scale.ticks(Math.max(2, count));
}

/**
 * A picture with axes: a pale grid, ticks with numbers, quantity and unit on both.
 * @param {object} spec
 * @param {number} spec.width
 * @param {number} spec.height
 * @param {string} spec.label for screen readers
 * @param {(range: [number, number]) => Scale} spec.x
 * @param {(range: [number, number]) => Scale} spec.y
 * @param {string|string[]} spec.xTitle several lines need a higher foot
 * @param {string} spec.yTitle above the axis, not rotated
 * @param {string[]} [spec.rows] names instead of numbers on the y axis
 * @param {(value: number) => string} [spec.yText]
 * @param {number} [spec.foot] pixels below the grid, for ticks and title
 * @param {number} [spec.headroom] pixels above the grid for words about marks
 * @returns {Frame}
 */
export function frame(spec) {
  const { width, height } = spec;
  const top = (spec.yTitle ? 30 : 10) + (spec.headroom ?? 0);
  const bottom = height - (spec.foot ?? 46);
  const y = spec.y([bottom, top]);
  const yTicks = spec.rows ? [] : several(y, (bottom - top) / 44);
  const yWords = spec.yText ? yTicks.map(spec.yText) : y.texts(yTicks);
  const names = spec.rows ?? yWords;
  const left = Math.ceil(Math.max(24, ...names.map((each) => textWidth(each, FONT)))) + 10;
  const right = width - 14;
  const x = spec.x([left, right]);
  const grid = svg("g", { class: "grid" });
  const words = svg("g", { class: "ticks" });
  yTicks.forEach((value, i) => {
    grid.append(svg("path", { d: `M${left} ${y.at(value)}H${right}` }));
    const at = { x: left - 8, y: y.at(value), "text-anchor": "end", dy: "0.35em" };
    words.append(svg("text", at, yWords[i]));
  });
  const xTicks = several(x, (right - left) / 60);
  const xWords = x.texts(xTicks);
  xTicks.forEach((value, i) => {
    grid.append(svg("path", { d: `M${x.at(value)} ${top}V${bottom}` }));
    // A date below the first point is wider than the room beside the axis, and would be cut.
    const half = textWidth(xWords[i], FONT) / 2;
    const place = Math.min(Math.max(x.at(value), half), width - half);
    words.append(svg("text", { x: place, y: bottom + 18, "text-anchor": "middle" }, xWords[i]));
  });
  const titles = [spec.xTitle].flat();
  words.append(
    ...titles.map((title, i) => svg("text", { x: right, "text-anchor": "end", class: "quantity",
      y: height - 8 - 16 * (titles.length - 1 - i) }, fitted(title, right, FONT))),
    svg("text", { x: 0, y: 14, class: "quantity" }, fitted(spec.yTitle, width, FONT)),
  );
  const plot = svg("g", { class: "plot" });
  const box = { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" };
  const drawing = svg("svg", { ...box, "aria-label": spec.label, class: "chart" });
  drawing.append(grid, words, plot);
  return { svg: drawing, plot, x, y, inner: { left, right, top, bottom } };
}
