// Elements of what a report says: the server sends nested lists, and only what is known is made.

import { html, svg } from "/draw/dom.js";

/** A text, or a tag with its attributes and what is inside. */
/** @typedef {string | [string, Record<string, string>, Piece[]]} Piece */

const HTML = new Set(["b", "bdi", "br", "button", "caption", "code", "dd", "details", "div", "dl", "dt", "em",
  "figcaption", "figure", "h2", "h3", "h4", "i", "input", "label", "li", "ol", "output", "p", "section",
  "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"]);
const SVG = new Set(["circle", "clipPath", "defs", "ellipse", "g", "line", "path", "pattern", "rect", "svg",
  "text", "title", "tspan"]);
const ATTRIBUTES = new Set(["class", "colspan", "cx", "cy", "d", "dx", "dy", "fill", "fill-opacity", "for",
  "height", "id", "inputmode", "max", "min", "points", "r", "role", "rowspan", "rx", "ry", "scope", "step",
  "stroke", "stroke-dasharray", "stroke-opacity", "stroke-width", "tabindex", "text-anchor", "transform",
  "type", "value", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"]);
const TYPES = ["button", "number", "range"]; // a form of a report has no other controls

/**
 * The elements of pieces; of an unknown one, what is inside.
 * @param {Piece[]} pieces
 * @returns {Node[]}
 */
export function built(pieces) {
  return pieces.flatMap((piece) => {
    if (typeof piece === "string") return [document.createTextNode(piece)];
    const [tag, attributes, inside] = piece;
    const make = SVG.has(tag) ? svg : HTML.has(tag) ? html : null;
    return make ? [make(tag, known(attributes), ...built(inside))] : built(inside);
  });
}

function known(attributes) {
  return Object.fromEntries(Object.entries(attributes).filter(([name, value]) =>
    (ATTRIBUTES.has(name) || /^(aria|data)-[a-z-]+$/.test(name)) && (name !== "type" || TYPES.includes(value))));
}
