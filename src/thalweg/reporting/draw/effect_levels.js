// The effects of levels: bars for one answer, a column of dots for each of several classes.

import { fitted, html, inLines, svg, textWidth } from "./dom.js";
import { LOOK_OF_CLASS, answersTold, oddsScale } from "./effect_answers.js";
import { readable } from "./report_charts.js";
import { FONT, frame, linear } from "./scale.js";
import { marker } from "./series_marks.js";

const LEVEL_STEP = 22; // from level to level
const COLUMN_GAP = 14; // between the columns of two classes
const LEAST_COLUMN = 125; // a column of a class is at least so wide
const HEAD = 22; // of the names of classes
const TITLE_STEP = 16; // between the lines of a title
const CAP = 6; // half the height of the caps of an interval, so that no dot hides it

/** The levels of a category, one below the other, with a bar for each. */
export function levelBars(effect, { domain, mean }, what, width) {
  const { texts, curves: [curve] } = effect;
  const names = texts.map((each) => fitted(each, width * 0.45, FONT));
  const title = inLines(what.axis, width - 14, FONT);
  const drawn = frame({
    width,
    height: texts.length * LEVEL_STEP + 50 + TITLE_STEP * title.length,
    foot: 30 + TITLE_STEP * title.length,
    label: labelOf(effect),
    x: (range) => {
      const scale = oddsScale(mean, domain, range, 46, width - 26);
      return { ...scale, ticks: () => ticksWithin(scale, 0, width, []) };
    },
    y: (range) => linear([0, 1], range),
    xTitle: title,
    yTitle: "",
    rows: names,
  });
  const { x, plot, inner } = drawn;
  const places = texts.map((_, i) => inner.top + LEVEL_STEP * (i + 0.5) + 2);
  const focus = focusRow(width);
  plot.append(focus, svg("path", { class: "mean-line",
    d: `M${x.at(0)} ${inner.top}V${inner.bottom}` }));
  texts.forEach((_, i) => {
    plot.append(nameOf(names[i], inner.left - 10, places[i], curve.supported[i]),
      levelBar(curve, i, x, places[i]));
  });
  readLevels(drawn.svg, effect, places, focus, what);
  return drawn.svg;
}

/**
 * The levels as rows and the classes as columns: a dot with its interval for each, on one scale.
 * Dots of all classes in one row would lie on each other. On a phone the columns are in several
 * bands, one below the other.
 */
export function classColumns(effect, { domain }, what, width) {
  const { texts, curves } = effect;
  const room = Math.max(60, width * 0.26);
  const names = texts.map((each) => fitted(each, room, FONT));
  const left = Math.ceil(Math.max(...names.map((each) => textWidth(each, FONT)))) + 12;
  const across = Math.min(curves.length, Math.max(1, Math.floor((width - left) / LEAST_COLUMN)));
  const deep = HEAD + texts.length * LEVEL_STEP + 30;
  const tops = Array.from({ length: Math.ceil(curves.length / across) }, (_, k) => k * deep);
  const title = inLines(what.axis, width, FONT);
  const height = tops.length * deep + TITLE_STEP * title.length;
  const box = { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "chart" };
  const drawing = svg("svg", { ...box, "aria-label": labelOf(effect) });
  const focus = focusRow(width);
  drawing.append(focus);
  const places = tops.flatMap((top) => texts.map((_, i) => top + HEAD + LEVEL_STEP * (i + 0.5)));
  tops.forEach((top, band) => {
    const own = places.slice(band * texts.length, (band + 1) * texts.length);
    drawing.append(svg("path", { class: "level-rule",
      d: own.map((y) => `M${left} ${y}H${width}`).join("") }));
    own.forEach((y, i) => drawing.append(
      nameOf(names[i], left - 12, y, curves.some(({ supported }) => supported[i]))));
    curves.slice(band * across, (band + 1) * across).forEach((curve, k) => {
      const each = (width - left) / across;
      const ends = [left + each * k, left + each * (k + 1)];
      drawing.append(...classColumn(curve, LOOK_OF_CLASS[band * across + k], domain, ends, own));
    });
  });
  drawing.append(...title.map((words, i) => svg("text", { class: "quantity", x: width,
    y: height - 4 - TITLE_STEP * (title.length - 1 - i), "text-anchor": "end" }, words)));
  readLevels(drawing, effect, places, focus, what);
  return drawing;
}

/** One class: its name, its axis, and a dot for each level. */
function classColumn(curve, look, domain, [left, right], places) {
  const x = linear(domain, [left + COLUMN_GAP / 2, right - COLUMN_GAP / 2]);
  const [top, bottom] = [places[0] - LEVEL_STEP / 2, places.at(-1) + LEVEL_STEP / 2 + 2];
  const marks = ticksWithin(x, left, right);
  const words = x.texts(marks).map((text, i) => (marks[i] > 0 ? `+${text}` : text));
  return [
    svg("text", { class: "row-name", x: (left + right) / 2, y: top - 8, "text-anchor": "middle" },
      fitted(curve.output, right - left - 6, FONT)),
    svg("g", { class: "grid" }, ...marks.map((value) =>
      svg("path", { d: `M${x.at(value)} ${top}V${bottom}` }))),
    svg("path", { class: "mean-line", d: `M${x.at(0)} ${top}V${bottom}` }),
    svg("g", { class: "ticks" }, ...marks.map((value, i) => svg("text", {
      x: x.at(value), y: bottom + 15, "text-anchor": "middle" }, words[i]))),
    ...places.flatMap((y, i) => levelDot(curve, i, x, y, look)),
  ];
}

/** Ticks beside the first ones whose texts have room: those of the fewest that are two at least. */
function ticksWithin(scale, left, right, first = [0]) {
  let kept = first;
  for (let n = 5; n < 17 && kept.length < 2; n += 1) {
    const every = scale.ticks(n);
    const half = Math.max(...scale.texts(every).map((each) => textWidth(each, FONT))) / 2 + 3;
    kept = [...first];
    for (const value of every.sort((a, b) => Math.abs(a) - Math.abs(b))) {
      const x = scale.at(value);
      const isFree = kept.every((other) => Math.abs(x - scale.at(other)) >= 2 * half);
      if (isFree && x - half >= left && x + half <= right) kept.push(value);
    }
  }
  return kept;
}

function levelDot(curve, i, x, y, look) {
  const known = curve.supported[i] ? "" : "hardly";
  return [
    marker(look, x.at(curve.mean[i]), y, 3.5, known),
    svg("path", { class: `whisker thin ${look.name} ${known}`, d: capped(curve, i, x, y) }),
  ];
}

/** An interval with a cap at each end. */
function capped(curve, i, x, y) {
  const [low, high] = [x.at(curve.low[i]), x.at(curve.high[i])];
  return `M${low} ${y}H${high}M${low} ${y - CAP}v${2 * CAP}M${high} ${y - CAP}v${2 * CAP}`;
}

const labelOf = ({ column, said }) =>
  `${column}: ${said.join("; ")}. Up and down arrow keys read the levels.`;

const focusRow = (width) =>
  svg("rect", { class: "row-focus", x: 0, width, height: LEVEL_STEP, display: "none" });

const nameOf = (name, x, y, known) => svg("text", {
  x, y, dy: "0.35em", "text-anchor": "end", class: known ? "row-name" : "aside" }, name);

/** Arrow keys and the pointer read a level. */
function readLevels(chart, { column, texts, curves }, places, focus, what) {
  readable(chart, places, 0, (place) => {
    const i = place % texts.length; // several bands have the same levels
    focus.setAttribute("display", "inline");
    focus.setAttribute("y", places[place] - LEVEL_STEP / 2);
    what.tell(html("bdi", {}, column), " ", html("bdi", {}, texts[i]),
      `: ${answersTold(curves, i, what)}`);
  }, true);
}

function levelBar(curve, i, x, y) {
  const [from, to] = [0, curve.mean[i]].map(x.at).sort((a, b) => a - b);
  const look = curve.supported[i] ? "lean" : "lean hardly";
  return svg("g", {},
    svg("rect", { class: look, x: from, y: y - 7, width: Math.max(1, to - from), height: 14 }),
    svg("path", { class: "whisker thin ink", d: capped(curve, i, x, y) }),
    svg("path", { class: "member-line", d: curve.members.map((each) =>
      `M${x.at(each[i])} ${y - 6}v12`).join("") }));
}
