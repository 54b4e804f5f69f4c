// Lines, markers and legends: every series has its own colour, dash and marker.

import { html, svg } from "./dom.js";

/**
 * @typedef {object} Look
 * @property {string} name class that gives the colour: "ink", "blue", "orange", "green"
 * @property {string} dash of its line, "" for none
 * @property {"circle"|"square"|"triangle"|"diamond"|"none"} marker
 */

/** @type {Record<string, Look>} */
export const LOOKS = {
  ink: { name: "ink", dash: "", marker: "circle" },
  blue: { name: "blue", dash: "7 4", marker: "square" },
  green: { name: "green", dash: "2 4", marker: "triangle" },
  orange: { name: "orange", dash: "9 3 2 3", marker: "diamond" },
};

const SHAPES = {
  circle: (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  square: (r) => `M${-0.88 * r} ${-0.88 * r}h${1.76 * r}v${1.76 * r}h${-1.76 * r}Z`,
  triangle: (r) => `M0 ${-1.15 * r}L${1.1 * r} ${0.8 * r}H${-1.1 * r}Z`,
  none: () => "",
  diamond: (r) => `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0Z`,
};

/**
 * A marker with an outline in the colour of the page, so that it is visible on any line.
 * @param {Look} look
 * @param {number} x
 * @param {number} y
 * @param {number} [r]
 * @param {string} [more] classes
 * @returns {SVGElement}
 */
export function marker(look, x, y, r = 4, more = "") {
  return svg("path", {
    d: SHAPES[look.marker](r),
    transform: `translate(${x} ${y})`,
    class: `marker ${look.name} ${more}`,
  });
}

/**
 * A line through points; a missing number breaks it.
 * @param {Look} look
 * @param {[number, number][]} points in pixels
 * @returns {SVGElement}
 */
export function line(look, points) {
  let d = "";
  let open = false;
  for (const [x, y] of points) {
    const there = Number.isFinite(y);
    if (there) d += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    open = there;
  }
  return svg("path", { d, class: `line ${look.name}`, "stroke-dasharray": look.dash || null });
}

/**
 * A legend key with line and marker, or with the marker alone.
 * @param {Look} look
 * @param {boolean} [bare] without the line
 * @returns {SVGElement}
 */
export function swatch(look, bare = false) {
  const width = bare ? 16 : 34;
  return svg("svg", { viewBox: `0 0 ${width} 16`, width, height: 16, "aria-hidden": "true" },
    bare ? null : line(look, [[1, 8], [33, 8]]), marker(look, width / 2, 8, 5));
}

/**
 * The legend.
 * @param {[SVGElement, string][]} entries
 * @returns {HTMLElement}
 */
export function legend(entries) {
  return html("ul", { class: "legend" },
    ...entries.map(([key, words]) => html("li", {}, key, html("bdi", {}, words))));
}
