// Why a row has its answer: from the answer for the typical row, a bar for what each column adds.

import { fitted, html, svg, textWidth } from "./dom.js";
import { short, whole } from "./numbers.js";
import { readable } from "./report_charts.js";
import { FONT, linear } from "./scale.js";

const FALL_STEP = 27; // from bar to bar, in pixels
const FALL_TOP = 6;

/**
 * @typedef {object} Bar
 * @property {string} name
 * @property {number} value what it adds
 * @property {number} low the least that one network adds
 * @property {number} high
 */

/**
 * The waterfall of one row; up and down arrow keys read its bars.
 * @param {{base: number, answer: number, bars: Bar[], probability: boolean, networks: number,
 *   decimals: number|null, head: string, id: string}} row
 * @param {number} width
 * @returns {HTMLElement}
 */
export function waterfallPicture(row, width) {
  const { base, bars, answer, probability, networks, decimals } = row;
  const starts = bars.map((_, i) => bars.slice(0, i).reduce((sum, each) => sum + each.value, base));
  const told = probability ? percentTold : (value) => amountTold(value, decimals);
  const gain = probability ? pointsTold : (value) => signedTold(value, decimals);
  const lines = [
    { name: "typical row", from: base, to: base, words: told(base), end: true },
    ...bars.map((bar, i) => ({
      name: bar.name, from: starts[i], to: starts[i] + bar.value, words: gain(bar.value),
      spread: [starts[i] + bar.low, starts[i] + bar.high], bar,
    })),
    { name: "this row", from: answer, to: answer, words: told(answer), end: true },
  ];
  const above = width < 440;
  const step = above ? FALL_STEP + 17 : FALL_STEP;
  const wide = ({ end }, words) => textWidth(words, FONT) * (end ? 1.12 : 1); // bold is wider
  const longest = Math.max(...lines.map((each) => wide(each, each.name)));
  const left = above ? 8 : Math.ceil(Math.min(longest, width * 0.36)) + 14;
  const right = width - Math.max(...lines.map((each) => wide(each, each.words))) - 16;
  const ends = lines.flatMap(({ from, to, spread }) => [from, to, ...(spread ?? [])]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const x = linear(most > least ? [least, most] : [least - 1, most + 1], [left, right]);
  const height = FALL_TOP + lines.length * step + 4;
  const box = { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "chart" };
  const label = `${row.head}: from ${told(base)} to ${told(answer)}. Up and down arrow keys read `
    + "the bars; the table below has the numbers.";
  const focus = svg("rect", { class: "row-focus", x: 0, width, height: step, display: "none" });
  const drawing = svg("svg", { ...box, "aria-label": label, id: row.id }, focus);
  const places = lines.map((_, i) => FALL_TOP + step * (i + (above ? 0.72 : 0.5)));
  lines.forEach((line, i) => {
    const y = places[i];
    const room = above ? width - 8 : left - 14;
    drawing.append(svg("text", {
      ...(above ? { x: 0, y: y - 19 } : { x: left - 12, y, "text-anchor": "end" }), dy: "0.35em",
      class: line.end ? "row-name ends" : "row-name",
    }, fitted(line.name, room, FONT)));
    if (i + 1 < lines.length) {
      drawing.append(svg("path", { class: "level-line",
        d: `M${x.at(line.to)} ${y + 9}V${places[i + 1] - 9}` }));
    }
    drawing.append(line.end ? svg("path", { class: "zero", d: `M${x.at(line.to)} ${y - 9}v18` })
      : fallBar(line, x, y, networks));
    const far = Math.max(x.at(line.from), x.at(line.to), ...(line.spread ?? []).map(x.at));
    drawing.append(svg("text", { x: far + 7, y, dy: "0.35em",
      class: line.end ? "row-name ends" : "aside" }, line.words));
  });
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  readable(drawing, places, 0, (i) => {
    focus.setAttribute("display", "inline");
    focus.setAttribute("y", places[i] - step / 2);
    const { name, words, bar: own } = lines[i];
    const spread = own && networks > 1
      ? `; each of the ${networks} networks: ${gain(own.low)} to ${gain(own.high)}` : "";
    reading.replaceChildren(html("bdi", {}, name), `: ${words}${spread}.`);
  }, true);
  return html("div", {}, drawing, reading);
}

function fallBar({ from, to, spread }, x, y, networks) {
  const [first, last] = [from, to].map(x.at).sort((a, b) => a - b);
  const group = svg("g", {}, svg("rect", { class: `add ${to >= from ? "up" : "down"}`, x: first,
    y: y - 8, width: Math.max(1, last - first), height: 16 }));
  if (networks > 1) {
    const [low, high] = spread.map(x.at);
    group.append(svg("path", { class: "spread", d: `M${low} ${y}H${high}M${low} ${y - 3}v6`
      + `M${high} ${y - 3}v6` }));
  }
  return group;
}

/** A probability as in Python's `answer_text`: "49.3 %"; rounded, 0 and 1 are neither. */
function percentTold(p) {
  return p === 0 ? "under 0.1\u00a0%" : p === 1 ? "over 99.9\u00a0%"
    : `${(100 * p).toFixed(1)}\u00a0%`;
}

/** Points of a percentage: "+21.1 pt"; 0 has no sign. */
function pointsTold(value) {
  return `${signOf(value)}${Math.abs(100 * value).toFixed(1)}\u00a0pt`;
}

/** A number with the decimals of its waterfall, which it has exactly; null: powers of ten. */
function amountTold(value, decimals) {
  if (decimals === null) return short(value, 4);
  const [units, rest] = Math.abs(value).toFixed(Math.max(decimals, 0)).split(".");
  return `${value < 0 ? "−" : ""}${whole(Number(units))}${rest ? `.${rest}` : ""}`;
}

function signedTold(value, decimals) {
  return `${value > 0 ? "+" : ""}${amountTold(value, decimals)}`;
}

function signOf(value) {
  return value > 0 ? "+" : value < 0 ? "−" : "";
}
