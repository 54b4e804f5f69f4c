// The lens beside the network: a sum as a staircase, numbers from 0, a curve with its slope, and
// the derivatives of a layer's weights as a field.

import { fitted, svg, textWidth } from "../dom.js";
import { short } from "../numbers.js";

const ROW = 19;
const NAME = 12;
const BOLD = 1.18; // how much wider bold letters are, at most

const wordAt = (x, y, words, more = {}) => svg("text", { x, y, ...more }, words);

/** A picture of that height, with its name for those who do not see it. */
function lensFrame(width, height, label, ...children) {
  return svg("svg", { class: "lens", viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": label }, ...children);
}

const signOf = (value) => (value > 0 ? "plus" : value < 0 ? "minus" : "");

function nameRoom(parts, width) {
  return Math.min(width * 0.4, 14 + Math.max(...parts.map(({ name }) => BOLD * textWidth(name, NAME))));
}

/**
 * A sum, term by term.
 * @param {{value: number, text: string, name: string, key: string}[]} parts
 * @param {number} total
 * @param {{text: string, label: string}} how the sum is written
 * @param {number} width
 */
export function staircase(parts, total, { text, label }, width) {
  const rows = [...parts, { value: total, text, name: "sum", key: "sum", isSum: true }];
  let run = 0;
  const spans = rows.map(({ value, isSum }) => {
    const from = isSum ? 0 : run;
    run = from + value;
    return [from, run];
  });
  return barsFrom(rows, spans, label, width);
}

/** Numbers as bars from 0. */
export function signBars(rows, label, width) {
  return barsFrom(rows, rows.map(({ value }) => [0, value]), label, width);
}

function barsFrom(rows, spans, label, width) {
  const room = nameRoom(rows, width);
  const digits = 8 + Math.max(...rows.map(({ text }) => textWidth(text, NAME)));
  const ends = spans.flat();
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const place = (value) => room + ((value - low) / (high - low || 1)) * (width - room - digits - 2);
  const height = rows.length * ROW + 8;
  return lensFrame(width, height, label,
    svg("path", { class: "zero", d: `M${place(0)} 2V${height - 2}` }),
    ...rows.map(({ name, text, key, value, isSum, isMeant }, i) => {
      const [a, b] = spans[i].map(place);
      const y = 4 + i * ROW;
      return svg("g", { class: `bar ${isSum ? "sum" : signOf(value)}${isMeant ? " meant" : ""}`,
        "data-k": key },
      wordAt(room - 8, y + 14, fitted(name, (room - 8) / (isSum || isMeant ? BOLD : 1), NAME), { class: "end" }),
      svg("rect", { x: Math.min(a, b), y: y + 3, width: Math.max(1, Math.abs(b - a)),
        height: ROW - 6, rx: 2 }),
      wordAt(Math.max(a, b) + 5, y + 14, text, { class: "value" }));
    }));
}

const HEIGHT = 206;

/**
 * A curve with the row's own place on it, and the slope there.
 * @param {object} spec
 * @param {(x: number) => number} spec.fn
 * @param {number} spec.x
 * @param {number|null} spec.slope
 * @param {[number, number]} spec.range of x
 * @param {number} [spec.top] of y
 * @param {string} spec.across the name of x
 * @param {string} spec.up the name of y
 * @param {string} spec.note beside the point
 * @param {string} spec.label
 * @param {number} width
 */
export function curveLens({ fn, x, slope, range: [x0, x1], top, across, up, note, label }, width) {
  const points = Array.from({ length: 161 }, (_, i) => x0 + ((x1 - x0) * i) / 160)
    .map((at) => [at, fn(at)]).filter(([, y]) => Number.isFinite(y));
  const ys = [...points.map(([, y]) => y), fn(x)];
  const y1 = Math.min(Math.max(...ys), top ?? Infinity) || 1;
  const y0 = Math.min(0, ...ys);
  const left = 12;
  const X = (value) => left + ((value - x0) / (x1 - x0)) * (width - left - 14);
  const Y = (value) => HEIGHT - 36 - ((value - y0) / (y1 - y0 || 1)) * (HEIGHT - 62);
  const [px, py] = [X(x), Y(Math.min(fn(x), y1))];
  const path = points.filter(([, y]) => y <= y1 * 1.0001)
    .map(([at, y]) => `${X(at).toFixed(1)} ${Y(y).toFixed(1)}`).join("L");
  const base = Y(Math.max(0, y0));
  const right = px > width * 0.55;
  const found = [
    svg("path", { class: "zero", d: `M${left} ${base}H${width - 14}` }),
    svg("path", { class: "graph", d: `M${path}` }),
    svg("path", { class: "drop", d: `M${px} ${base}V${py}` }),
  ];
  if (x0 < 0 && x1 > 0) found.unshift(svg("path", { class: "zero", d: `M${X(0)} 20V${base}` }));
  if (slope !== null && Number.isFinite(slope)) {
    const [ux, uy] = [(width - left - 14) / (x1 - x0), (HEIGHT - 62) / (y1 - y0 || 1)];
    const length = Math.hypot(ux, slope * uy);
    const [dx, dy] = [(44 * ux) / length, (44 * slope * uy) / length];
    found.push(svg("path", { class: `slope ${signOf(slope)}`,
      d: `M${px - dx} ${py + dy}L${px + dx} ${py - dy}` }));
  }
  const ends = [x0, x1].map((at) => wordAt(X(at), HEIGHT - 20, short(at, 2),
    { class: at === x0 ? "" : "end" }));
  // The note stands where the curve does not go: above it, or below where it rises past the note.
  const step = (x1 - x0) / 100;
  const tilt = slope ?? fn(x + step) - fn(x - step);
  const isBelow = right ? tilt < 0 : tilt > 0;
  const isByName = !isBelow && py < 40; // beside the name of the axis, which ends before 60
  const noteX = right ? px - 12 : Math.max(px + 12, isByName ? 60 : 0);
  const noteY = isBelow ? Math.min(py + 22, HEIGHT - 40) : Math.max(py - 12, 14);
  return lensFrame(width, HEIGHT, label, ...found, svg("circle", { class: "spot", cx: px, cy: py, r: 6 }),
    wordAt(noteX, noteY, note,
      { class: `note${right ? " end" : ""}` }),
    wordAt(2, 12, `↑ ${up}`), ...ends,
    wordAt(width - 14, HEIGHT - 4, `${across} →`, { class: "end" }));
}

/**
 * The derivatives of the weights of a layer: a cell each, a row a unit.
 * @param {object} spec
 * @param {{name: string, cells: {value: number, key: string, isMeant: boolean}[]}[]} spec.rows
 * @param {string[]} spec.columns
 * @param {string} spec.title
 * @param {string} spec.label
 * @param {(row: number, column: number) => void} [spec.press]
 * @param {number} width
 */
export function fieldLens({ rows, columns, title, label, press }, width) {
  const size = Math.max(...rows.flatMap(({ cells }) => cells.map(({ value }) => Math.abs(value))),
    1e-300);
  const left = Math.min(width * 0.36, 8 + BOLD * Math.max(...rows.map(({ name }) => textWidth(name, NAME))));
  const high = Math.max(10, Math.min(15, 225 / rows.length));
  const wide = (width - left - 2) / columns.length;
  const height = 22 + rows.length * high + 20;
  const found = [wordAt(0, 12, title)];
  rows.forEach(({ name, cells }, j) => cells.forEach(({ value, key, isMeant }, i) => {
    const [x, y] = [left + i * wide, 20 + j * high];
    const cell = svg("rect", {
      class: `cell ${signOf(value)}${isMeant ? " meant" : ""}`, x: x + 0.5, y: y + 0.5,
      width: Math.max(1, wide - 1), height: high - 1, "data-k": key,
      "fill-opacity": (value ? 0.06 + 0.86 * Math.sqrt(Math.abs(value) / size) : 1).toFixed(3),
    }, svg("title", {}, `${name}, ${columns[i]}: ${short(value, 4)}`));
    if (press) cell.addEventListener("click", () => press(j, i));
    found.push(cell);
    if (isMeant) {
      found.push(wordAt(left - 6, y + high - 2, fitted(name, (left - 6) / BOLD, NAME), { class: "end value" }));
      const half = x + wide / 2 > width / 2;
      const side = half ? x + wide : width - x;
      found.push(wordAt(x + (half ? wide : 0), height - 6, fitted(columns[i], side / BOLD, NAME),
        { class: `value${half ? " end" : ""}` }));
    }
  }));
  return lensFrame(width, height, label, ...found);
}
