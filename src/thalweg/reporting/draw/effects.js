// How the answers change with a column: small pictures with one scale of answers.

import { area } from "./decide_costs.js";
import { fitted, html, svg, textWidth } from "./dom.js";
import { filledKey, strokeKey } from "./importance.js";
import { readable } from "./report_charts.js";
import { LOOKS, legend, line, marker, swatch } from "./series_marks.js";
import { short } from "./numbers.js";
import { FONT, frame, linear } from "./scale.js";

const DENSITY = 10; // the density of rows below a curve, in pixels
const LEVEL_STEP = 22; // from level to level
// Percentages that an axis of log-odds may show.
const ODDS_SHARES = [0.01, 0.1, 1, 5, 20, 50, 80, 95, 99, 99.9, 99.99];
const LOOK_OF_CLASS = [
  LOOKS.ink, LOOKS.blue, LOOKS.green, LOOKS.orange,
  { name: "ink", dash: "1 4", marker: "square" }, { name: "blue", dash: "", marker: "diamond" },
];

/**
 * @typedef {object} Curve
 * @property {string} output the class; "" if there is one answer
 * @property {number[]} mean
 * @property {number[]} [low] the 95 % interval; not of several classes
 * @property {number[]} [high]
 * @property {number[][]} [members] the curve of each network
 * @property {boolean[]} supported
 *
 * @typedef {object} Effect
 * @property {string} column
 * @property {number[]} x
 * @property {string[]} texts of levels and dates, else none
 * @property {boolean} bars whether it has levels
 * @property {number[]} density shares of rows in 20 steps
 * @property {Curve[]} curves
 * @property {string[]} said sentences
 */

/**
 * All curves.
 * @param {{effects: Effect[], answer: string, mean: number|null}} spec  mean: the probability at 0
 * @param {number} width
 * @param {boolean} onPaper
 * @returns {HTMLElement}
 */
export function effectsPicture({ effects, answer, mean }, width, onPaper) {
  const across = onPaper ? 3 : Math.max(1, Math.min(3, Math.floor(width / 290)));
  const each = Math.floor((width - 28 * (across - 1)) / across);
  const all = effects.flatMap(({ curves }) => curves.flatMap(({ mean: own, low, high, members }) =>
    [...own, ...(low ?? []), ...(high ?? []), ...(members ?? []).flat()]));
  const [least, most] = [Math.min(0, ...all), Math.max(0, ...all)];
  const room = (most - least || 1) * 0.05;
  const scale = { domain: [least - room, most + room], mean };
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  const tell = (...parts) => reading.replaceChildren(...parts);
  const names = effects[0].curves.map(({ output }) => output);
  const what = { answer, mean, several: names.length > 1, tell };
  const charts = effects.map((effect, i) => {
    const chart = effect.bars ? levelChart(effect, scale, what, each)
      : curveChart(effect, scale, what, each);
    chart.id = `effect-${i}`;
    const said = effect.said.map((words) => html("li", {}, words));
    return html("figure", { class: "effect" }, html("h3", {},
      html("bdi", {}, effect.column)), chart, html("ul", { class: "said-of-curve" }, ...said));
  });
  const key = what.several
    ? names.map((name, i) => [swatch({ ...LOOK_OF_CLASS[i], }),
      name])
    : [
      [swatch({ ...LOOKS.ink, marker: "none" }), "the answer"],
      ...(effects.some(({ curves }) => curves[0].members.length)
        ? [[strokeKey("member-line"), "each network alone"]] : []),
      [filledKey("band"), "95 % for the whole curve"],
    ];
  if (effects.some(({ curves }) => curves.some(({ supported }) => supported.includes(false)))) {
    key.push([swatch({ name: what.several ? "ink hardly pale" : "ink hardly",
      dash: what.several ? "" : "2 3", marker: "none" }),
    "most moved rows are unlike the training rows"]);
  }
  key.push([filledKey("density-key"), "where rows are"]);
  return html("div", {}, legend(key),
    html("div", { class: "effects", "data-across": String(across) }, ...charts), reading);
}

/** Log-odds from the mean as a scale whose ticks are percentages. */
function oddsScale(mean, domain, range) {
  const scale = linear(domain, range);
  if (mean === null) {
    return { ...scale, texts: (values) => scale.texts(values).map((words, i) =>
      (values[i] > 0 ? `+${words}` : words)) };
  }
  const centre = Math.log(mean / (1 - mean));
  const at = (share) => Math.log(share / (100 - share)) - centre;
  const ticks = () => {
    const inside = ODDS_SHARES.map(at).filter((v) => v >= domain[0] && v <= domain[1]);
    const kept = [];
    for (const value of inside) {
      const free = kept.every((other) => Math.abs(scale.at(other) - scale.at(value)) > 24);
      if (free) kept.push(value);
    }
    return kept.length > 1 ? kept : scale.ticks(3);
  };
  return { ...scale, ticks, texts: (values) => values.map((value) => percentOf(mean, value)) };
}

/** The probability at a log-odds from the mean: "12 %". */
function percentOf(mean, value) {
  const p = 100 / (1 + Math.exp(-(Math.log(mean / (1 - mean)) + value)));
  return `${short(p, p > 99 ? 4 : p < 1 ? 1 : 2)}\u00a0%`;
}

/** An answer in words: a percentage, or a number with its sign. */
function saidAnswer(value, { mean }) {
  if (mean !== null) return percentOf(mean, value);
  return `${value < 0 ? "" : "+"}${short(value, 3)}`;
}

function curveChart(effect, { domain, mean }, what, width) {
  const { x: values, texts, curves, density } = effect;
  const ends = [values[0], values.at(-1)];
  const drawn = frame({
    width,
    height: Math.round(Math.min(240, Math.max(190, width * 0.68))),
    label: `${effect.column}: ${effect.said.join("; ")}. Left and right arrow keys read the curve.`,
    x: (range) => dated(linear(ends[1] > ends[0] ? ends : [ends[0] - 1, ends[0] + 1], range),
      values, texts),
    y: ([bottom, top]) => oddsScale(mean, domain, [bottom - DENSITY - 4, top]),
    xTitle: fitted(effect.column, width * 0.8, FONT),
    yTitle: "",
  });
  const { x, y, plot, inner } = drawn;
  const at = (list) => list.map((v, i) => [x.at(values[i]), y.at(v)]);
  plot.append(svg("path", { class: "mean-line", d: `M${inner.left} ${y.at(0)}H${inner.right}` }));
  if (!what.several) plot.append(area(at(curves[0].low), at(curves[0].high)));
  curves.forEach((curve, k) => {
    for (const member of curve.members ?? []) {
      const path = line({ name: "member-line", dash: "" }, at(member));
      plot.append(path);
    }
    const look = { ...LOOK_OF_CLASS[k], marker: "none" };
    plot.append(...supportedRuns(curve.supported).map(({ from, to, known }) =>
      line(known ? look : { ...look, name: `${look.name} hardly${what.several ? " pale" : ""}`,
        dash: what.several ? look.dash : "2 3" },
        at(curve.mean).slice(from, to + 1))));
    if (what.several) {
      const last = curve.mean.length - 1;
      plot.append(marker(LOOK_OF_CLASS[k], x.at(values[last]), y.at(curve.mean[last]), 3.6));
    }
  });
  plot.append(densityStrip(density, inner));
  const cursor = svg("path", { class: "cursor" });
  plot.append(cursor);
  readable(drawn.svg, values.map(x.at), 0, (i) => {
    cursor.setAttribute("d", `M${x.at(values[i])} ${inner.top}V${inner.bottom}`);
    what.tell(html("bdi", {}, effect.column),
      ` ${texts.length ? texts[i] : short(values[i], 4)}: ${answersTold(curves, i, what)}`);
  });
  return drawn.svg;
}

/** What is read aloud of a point: the answer with its interval, or that of each class. */
function answersTold(curves, i, what) {
  const one = (curve) => saidAnswer(curve.mean[i], what);
  if (what.several) return `${curves.map((each) => `${each.output} ${one(each)}`).join("; ")}.`;
  const [curve] = curves;
  const hardly = curve.supported[i] ? "" : "; most moved rows are unlike the training rows";
  return `${what.answer} ${one(curve)} [${saidAnswer(curve.low[i], what)}, `
    + `${saidAnswer(curve.high[i], what)}]${hardly}.`;
}

/** Runs of points with support, and without; neighbouring runs share a point. */
function supportedRuns(supported) {
  const found = [];
  for (let i = 1; i < supported.length; i += 1) {
    const known = supported[i - 1] && supported[i];
    if (found.length && found.at(-1).known === known) found.at(-1).to = i;
    else found.push({ from: i - 1, to: i, known });
  }
  return found;
}

/** Ticks of dates: at most three of the points, with their texts. */
function dated(scale, values, texts) {
  if (!texts.length) return { ...scale, ticks: (count) => scale.ticks(Math.min(count, 4)) };
  const wide = Math.max(...texts.map((each) => textWidth(each, FONT))) + 12;
  const kept = [];
  for (const value of values) {
    const place = scale.at(value);
    const inside = place + wide / 2 <= scale.at(values.at(-1)) + 14;
    if (inside && kept.every((other) => Math.abs(scale.at(other) - place) > wide)) kept.push(value);
  }
  const of = new Map(values.map((value, i) => [value, texts[i]]));
  return { ...scale, ticks: () => kept, texts: (list) => list.map((value) => of.get(value) ?? "") };
}

function densityStrip(density, { left, right, bottom }) {
  const most = Math.max(...density, 1e-9);
  const wide = (right - left) / Math.max(1, density.length);
  return svg("g", {}, ...density.map((share, k) => svg("rect", { class: "density",
    x: left + k * wide, y: bottom - DENSITY, width: wide, height: DENSITY,
    "fill-opacity": (0.75 * Math.sqrt(share / most)).toFixed(3) })));
}

/** The levels of a category, one below the other: bars, or a mark for each class. */
function levelChart(effect, { domain, mean }, what, width) {
  const { texts, curves } = effect;
  const names = texts.map((each) => fitted(each, width * 0.4, FONT));
  const drawn = frame({
    width,
    height: texts.length * LEVEL_STEP + 66,
    label: `${effect.column}: ${effect.said.join("; ")}. Up and down arrow keys read the levels.`,
    x: (range) => {
      const scale = oddsScale(mean, domain, range);
      const wide = (list) => list.filter((v, i) => i === 0
        || scale.at(v) - scale.at(list[i - 1]) > 44);
      return { ...scale, ticks: (count) => wide(scale.ticks(Math.min(count, 4)))
        .filter((v) => scale.at(v) < width - 26) };
    },
    y: (range) => linear([0, 1], range),
    xTitle: fitted(what.answer, width, FONT),
    yTitle: "",
    rows: names,
  });
  const { x, plot, inner } = drawn;
  const places = texts.map((_, i) => inner.top + LEVEL_STEP * (i + 0.5) + 2);
  const focus = svg("rect", { class: "row-focus", x: 0, width, height: LEVEL_STEP,
    display: "none" });
  plot.append(focus, svg("path", { class: "mean-line",
    d: `M${x.at(0)} ${inner.top}V${inner.bottom}` }));
  texts.forEach((_, i) => {
    const y = places[i];
    const known = curves[0].supported[i];
    plot.append(svg("text", { x: inner.left - 10, y, dy: "0.35em", "text-anchor": "end",
      class: known ? "row-name" : "aside" }, names[i]));
    if (what.several) {
      plot.append(...curves.map((curve, k) =>
        marker(LOOK_OF_CLASS[k], x.at(curve.mean[i]), y, 4)));
    } else plot.append(levelBar(curves[0], i, x, y));
  });
  readable(drawn.svg, places, 0, (i) => {
    focus.setAttribute("display", "inline");
    focus.setAttribute("y", places[i] - LEVEL_STEP / 2);
    what.tell(html("bdi", {}, effect.column), " ", html("bdi", {}, texts[i]),
      `: ${answersTold(curves, i, what)}`);
  }, true);
  return drawn.svg;
}

function levelBar(curve, i, x, y) {
  const [from, to] = [0, curve.mean[i]].map(x.at).sort((a, b) => a - b);
  const look = curve.supported[i] ? "lean" : "lean hardly";
  return svg("g", {},
    svg("rect", { class: look, x: from, y: y - 7, width: Math.max(1, to - from), height: 14 }),
    svg("path", { class: "whisker ink", d: `M${x.at(curve.low[i])} ${y}H${x.at(curve.high[i])}` }),
    svg("path", { class: "member-line", d: curve.members.map((each) =>
      `M${x.at(each[i])} ${y - 6}v12`).join("") }));
}
