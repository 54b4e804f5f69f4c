// How the answers change with a column: small pictures with one scale of answers.

import { area } from "./decide_costs.js";
import { fitted, html, svg, textWidth } from "./dom.js";
import { LOOK_OF_CLASS, answersTold, oddsScale } from "./effect_answers.js";
import { classColumns, levelBars } from "./effect_levels.js";
import { filledKey, strokeKey } from "./importance.js";
import { readable } from "./report_charts.js";
import { LOOKS, legend, line, marker, swatch } from "./series_marks.js";
import { short } from "./numbers.js";
import { FONT, frame, linear } from "./scale.js";

const DENSITY = 10; // the density of rows below a curve, in pixels

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
 * @param {{effects: Effect[], axis: string, unit: string, zero: string, mean: number|null}} spec
 *   what the axis of answers is, the unit of its numbers, what 0 is; mean: the probability at 0
 * @param {number} width
 * @param {boolean} onPaper
 * @returns {HTMLElement}
 */
export function effectsPicture({ effects, axis, unit, zero, mean }, width, onPaper) {
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
  const what = { axis, unit, mean, several: names.length > 1, tell };
  const charts = effects.map((effect, i) => {
    const wide = effect.bars && what.several;
    const chart = wide ? classColumns(effect, scale, what, width)
      : (effect.bars ? levelBars : curveChart)(effect, scale, what, each);
    chart.id = `effect-${i}`;
    const said = effect.said.map((words) => html("li", {}, words));
    return html("figure", { class: wide ? "effect wide" : "effect" }, html("h3", {},
      html("bdi", {}, effect.column)), chart, html("ul", { class: "said-of-curve" }, ...said));
  });
  const key = what.several
    ? [
      ...names.map((name, i) => [swatch(LOOK_OF_CLASS[i]), name]),
      ...(effects.some(({ bars }) => bars)
        ? [[strokeKey("whisker thin ink"), "95 % interval of a level"]] : []),
    ]
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
  if (effects.some(({ bars }) => !bars)) key.push([filledKey("density-key"), "where rows are"]);
  key.push([strokeKey("mean-line"), zero]);
  return html("div", {}, legend(key),
    html("div", { class: "effects", "data-across": String(across) }, ...charts), reading);
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
