// The pictures of the what-if panel: the answer with its networks, and contributions as bars.

import { fitted, html, svg, textWidth } from "./dom.js";

const MOST_BARS = 8; // of contributions; the others are one bar
const MOST_CLASSES = 8;
const ROW_HEIGHT = 17;
const BREADTH = 14;

/** A probability in percent, which is never rounded to all or nothing. */
export function percentText(p) {
  if (p > 0 && p < 0.0005) return "under 0.1 %";
  if (p < 1 && p > 0.9995) return "over 99.9 %";
  return `${(100 * p).toFixed(1)} %`;
}

/**
 * The probability of the positive class on a line from 0 to 100 %.
 * @param {{answer: number, alone: number[], threshold: number|null, name: string}} spec
 * @param {number} width
 * @returns {SVGElement}
 */
export function shareLine({ answer, alone, threshold, name }, width) {
  const at = (share) => 8 + (width - 16) * share;
  const parts = [
    svg("rect", { class: "track", x: at(0), y: 22, width: at(1) - at(0), height: BREADTH }),
    svg("rect", { class: "gain up", x: at(0), y: 22, width: at(answer) - at(0), height: BREADTH }),
    ...alone.map((share) => svg("path", { class: "each", d: `M${at(share)} 19V${25 + BREADTH}` })),
  ];
  if (threshold !== null) {
    const words = `threshold ${percentText(threshold)}`;
    const half = textWidth(words, 13) / 2 + 2;
    const x = Math.min(Math.max(at(threshold), half), width - half);
    parts.push(svg("path", { class: "threshold", d: `M${at(threshold)} 17V${27 + BREADTH}` }),
      svg("text", { x, y: 12, "text-anchor": "middle" }, words));
  }
  const ends = [[0, "start"], [1, "end"]].map(([share, anchor]) => svg("text", {
    x: at(share) + (share ? 8 : -8), y: 40 + BREADTH, "text-anchor": anchor,
  }, `${100 * share} %`));
  return chart(width, 46 + BREADTH, `probability of ${name}: ${percentText(answer)}`, parts, ends);
}

/**
 * The probabilities of several classes, the largest first.
 * @param {{answers: number[], labels: string[], called: number}} spec
 * @param {number} width
 * @returns {SVGElement}
 */
export function classBars({ answers, labels, called }, width) {
  const order = answers.map((_, k) => k).sort((a, b) => answers[b] - answers[a]);
  const shown = order.slice(0, MOST_CLASSES);
  const rest = order.slice(MOST_CLASSES);
  const rows = shown.map((k) => ({ name: labels[k], share: answers[k], own: k === called }));
  if (rest.length) {
    const share = rest.reduce((sum, k) => sum + answers[k], 0);
    rows.push({ name: `${rest.length} others`, share, own: false });
  }
  const room = Math.min(Math.max(...rows.map(({ name }) => textWidth(name, 13))) + 10, width * 0.4);
  const right = width - 82;
  const parts = rows.flatMap(({ name, share, own }, row) => {
    const y = row * (ROW_HEIGHT + 7);
    const length = Math.max((right - room) * share, 1);
    return [
      svg("text", { class: own ? "row-name own" : "row-name", x: 0, y: y + 13 },
        fitted(name, room - 8, 13)),
      svg("rect", { class: "track", x: room, y: y + 2, width: right - room, height: BREADTH }),
      svg("rect", {
        class: own ? "gain up" : "gain down", x: room, y: y + 2, width: length, height: BREADTH,
      }),
      svg("text", { class: "count", x: right + 6, y: y + 13 }, percentText(share)),
    ];
  });
  const said = rows.map(({ name, share }) => `${name} ${percentText(share)}`).join(", ");
  return chart(width, rows.length * (ROW_HEIGHT + 7), said, parts, []);
}

/**
 * A predicted number with its interval, on the range of the training targets.
 * @param {{answer: number, alone: number[], low: number, high: number, ends: number[]|null,
 *   text: (value: number) => string}} spec
 * @param {number} width
 * @returns {SVGElement}
 */
export function numberLine({ answer, alone, low, high, ends, text }, width) {
  // A network alone may answer far from the others: its tick is within the line, too.
  const every = [low, high, answer, ...alone, ...(ends ?? [])];
  const [from, to] = [Math.min(...every), Math.max(...every)];
  const at = (value) => 8 + ((width - 16) * (value - from)) / (to - from || 1);
  const parts = [svg("rect", { class: "track", x: 8, y: 8, width: width - 16, height: BREADTH })];
  if (ends) {
    parts.push(svg("rect", {
      class: "reach", x: at(ends[0]), y: 8, width: Math.max(at(ends[1]) - at(ends[0]), 1),
      height: BREADTH,
    }));
  }
  parts.push(
    ...alone.map((value) => svg("path", { class: "each", d: `M${at(value)} 5V${11 + BREADTH}` })),
    svg("circle", { class: "marker orange", cx: at(answer), cy: 8 + BREADTH / 2, r: 7 }),
  );
  const words = [[from, "start", 0], [to, "end", width]].map(([value, anchor, x]) =>
    svg("text", { x, y: 27 + BREADTH, "text-anchor": anchor }, text(value)));
  return chart(width, 33 + BREADTH, `predicted: ${text(answer)}`, parts, words);
}

/**
 * The bars of a waterfall, the largest contribution first.
 * @param {number[]} values the contribution of each column
 * @param {string[]} names of its cell, "age = 63"
 * @returns {{name: string, value: number, place: number|null}[]}
 */
export function barsOf(values, names) {
  const order = values.map((_, k) => k).filter((k) => values[k] !== 0)
    .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const own = order.length > MOST_BARS + 1 ? order.slice(0, MOST_BARS) : order;
  const bars = own.map((k) => ({ name: names[k], value: values[k], place: k }));
  const rest = order.slice(own.length);
  if (rest.length) {
    const value = rest.reduce((sum, k) => sum + values[k], 0);
    bars.push({ name: `${rest.length} others`, value, place: null });
  }
  return bars;
}

/**
 * From the answer for the typical row to that for this one.
 * @param {{bars: object[], base: number, answer: number, told: (value: number) => string,
 *   said: string}} spec bars and told from `printedBars`
 * @param {number} width
 * @returns {SVGElement}
 */
export function waterfall({ bars, base, answer, told, said }, width) {
  let end = base;
  const steps = bars.map((bar) => ({ ...bar, from: end, to: (end += bar.value) }));
  const ends = [base, answer, ...steps.map(({ to }) => to)];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = Math.max(...[...bars.map(({ gain }) => gain), told(base), told(answer)]
    .map((words) => textWidth(words, 12))) + 10;
  const at = (value) => 2 + (width - room - 6) * ((value - low) / (high - low || 1));
  const height = ROW_HEIGHT + BREADTH + 9;
  const parts = [];
  const words = [];
  const row = (name, y, mark, number, x, strong) => {
    words.push(svg("text", { class: strong ? "row-name own" : "row-name", x: 0, y: y + 12 },
      fitted(name, width, 13)));
    parts.push(mark);
    words.push(svg("text", { class: "count", x: x + 6, y: y + ROW_HEIGHT + 11 }, number));
  };
  const place = (value, y) => svg("path", {
    class: "threshold", d: `M${at(value)} ${y + ROW_HEIGHT - 1}V${y + ROW_HEIGHT + BREADTH + 1}`,
  });
  row("typical row", 0, place(base, 0), told(base), at(base), true);
  steps.forEach(({ name, value, gain, from, to }, i) => {
    const y = (i + 1) * height;
    const [left, right] = [Math.min(at(from), at(to)), Math.max(at(from), at(to))];
    const bar = svg("rect", {
      class: value < 0 ? "gain down" : "gain up", x: left, y: y + ROW_HEIGHT,
      width: Math.max(right - left, 1), height: BREADTH,
    });
    row(name, y, bar, gain, right, false);
    parts.push(svg("path", {
      class: "thread", d: `M${at(from)} ${y + ROW_HEIGHT}V${y - height + ROW_HEIGHT + BREADTH}`,
    }));
  });
  const last = (steps.length + 1) * height;
  row("this row", last, place(answer, last), told(answer), at(answer), true);
  return chart(width, last + height - 4, said, parts, words);
}

function chart(width, height, label, parts, words) {
  return svg("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, class: "chart", role: "img",
    "aria-label": label,
  }, ...parts, svg("g", { "aria-hidden": "true" }, ...words));
}

/** A list of ticks below an answer: what each network alone answers. */
export function spreadText(alone, text) {
  if (alone.length < 2) return null;
  const [low, high] = [Math.min(...alone), Math.max(...alone)];
  return html("p", {}, `The ${alone.length} networks alone: ${text(low)} to ${text(high)}.`);
}
