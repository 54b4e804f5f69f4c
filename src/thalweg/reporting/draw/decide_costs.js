// What a missed row costs, tied to the threshold; where the folds would put it; net benefit.

import { byId, html, svg } from "./dom.js";
import { LOOKS, legend, line, marker, swatch } from "./series_marks.js";
import { fixed, measured, short, trimmed } from "./numbers.js";
import { frame, linear } from "./scale.js";

/**
 * The threshold above which acting costs less: 1 / (1 + ratio), as thalweg.evaluation.decisions.
 * @param {number} ratio how many false alarms one missed row counts
 * @returns {number}
 */
export function thresholdOf(ratio) {
  return 1 / (1 + ratio);
}

/**
 * The shortest number of false alarms that gives a step of the slider. The threshold of 5 is 1/6,
 * whose step stands at 0.167: what it stands for is 5 and not 4.99.
 * @param {number} threshold above 0
 * @param {number} steps of the slider from 0 to 1
 * @returns {number}
 */
export function ratioAt(threshold, steps) {
  const ratio = (1 - threshold) / threshold;
  for (const digits of [1, 2, 3, 4, 5]) {
    const shorter = Number(ratio.toPrecision(digits));
    if (Math.round(thresholdOf(shorter) * steps) === Math.round(threshold * steps)) return shorter;
  }
  return ratio;
}

/**
 * Connect the field of costs with the slider: each sets the other.
 * @param {(step: number) => void} go
 * @param {number} steps
 * @returns {(counts: {threshold: number}) => void} follows the slider
 */
export function costField(go, steps) {
  const field = byId("ratio");
  const words = byId("ratio-said");
  let typed = false;
  field.addEventListener("input", () => {
    const ratio = field.value.trim() === "" ? NaN : Number(field.value);
    const wrong = !(ratio > 0 && Number.isFinite(ratio));
    field.setAttribute("aria-invalid", String(wrong));
    if (wrong) {
      words.textContent = "give a number above 0";
      return;
    }
    typed = true;
    go(Math.round(thresholdOf(ratio) * steps));
    typed = false;
    words.textContent = `threshold 1 / (1 + ${short(ratio, 6)}) = ${short(thresholdOf(ratio), 6)}`;
  });
  return ({ threshold }) => {
    if (typed) return;
    field.setAttribute("aria-invalid", "false");
    field.value = threshold > 0 ? String(ratioAt(threshold, steps)) : "";
    words.textContent = threshold > 0 ? ""
      : "at a threshold of 0 no number of false alarms is too many";
  };
}

const THUMB = 12; // half the width of the slider's thumb, see .slider input in report.css

/**
 * Below the slider: a bar for the resamples' thresholds, and a mark for each fold's.
 * @param {{low: number|null, high: number|null, folds: (number|null)[]}} spread
 * @param {number} width
 * @returns {SVGElement}
 */
export function rug(spread, width) {
  const box = { viewBox: `0 0 ${width} 14`, width, height: 14, role: "img", class: "chart" };
  const x = linear([0, 1], [THUMB, width - THUMB]);
  const folds = spread.folds.filter((each) => each !== null);
  const said = folds.length ? `Thresholds of the folds: ${folds.map((t) => trimmed(t)).join(", ")}`
    : "Thresholds of 95 % of the resamples";
  const drawing = svg("svg", { ...box, "aria-label": said });
  if (spread.low !== null && spread.high !== null) {
    const [from, to] = [x.at(spread.low), x.at(spread.high)];
    const bar = { x: from, y: 3, width: Math.max(1, to - from), height: 8 };
    drawing.append(svg("rect", { class: "band", ...bar }));
  }
  drawing.append(...folds.map((t) => svg("path", { class: "fold", d: `M${x.at(t)} 0V14` })));
  return drawing;
}

/**
 * Net benefit at each threshold, with the slider's threshold on it.
 * @param {object} curve thresholds, model, all, other, few; see thalweg.reporting.page.section_data
 * @param {object} context own, names, curves and current of the slider; whether it is the network
 * @param {number} width
 * @param {boolean} onPaper
 * @returns {{node: HTMLElement, chart: SVGElement, back: function, follow: function}}
 */
export function benefitPicture(curve, context, width, onPaper) {
  const { thresholds, few } = curve;
  const [first, last] = [thresholds[0], thresholds.at(-1)];
  const values = (key) => curve.model.map((each) => measured(each[key]));
  const [model, low, high] = [values("value"), values("low"), values("high")];
  const most = Math.max(...high.filter(Number.isFinite), ...model.filter(Number.isFinite),
    ...curve.all, 0.001) * 1.06;
  const floor = -0.25 * most;
  const drawn = frame({
    width,
    height: onPaper ? 250 : Math.min(360, Math.max(270, width * 0.42)),
    label: "",
    x: (range) => {
      const scale = linear(last > first ? [first, last] : [0, 1], range);
      // A number at the right end would be cut.
      const ticks = (count) => scale.ticks(count * 0.7).filter((t) => scale.at(t) < width - 24);
      return { ...scale, ticks };
    },
    y: (range) => linear([floor, most], range),
    xTitle: `threshold: called ${context.names[0]} above this probability`,
    yTitle: "net benefit (found, less false alarms, per row)",
  });
  const { x, y, plot, inner } = drawn;
  const inside = svg("clipPath", { id: "benefit-inside" }, svg("rect", {
    x: inner.left, y: inner.top, width: inner.right - inner.left, height: inner.bottom - inner.top,
  }));
  const lines = svg("g", { "clip-path": "url(#benefit-inside)" });
  const points = (list) => list.map((v, i) =>
    [x.at(thresholds[i]), Number.isFinite(v) ? y.at(v) : NaN]);
  lines.append(area(points(low), points(high)));
  lines.append(line({ ...LOOKS.green, marker: "none" }, points(curve.all)));
  if (curve.other) lines.append(line(LOOKS.blue, points(curve.other)));
  const faint = few.map((each, i) => each || few[i - 1] || few[i + 1]);
  const drawnOf = (keep) => points(model.map((v, i) => (keep(i) ? v : NaN)));
  lines.append(line({ ...LOOKS.ink, name: "soft" }, drawnOf((i) => faint[i])),
    line(LOOKS.ink, drawnOf((i) => !few[i])));
  const cursor = svg("path", { class: "threshold" });
  const spot = marker(LOOKS.orange, 0, 0, 5.5);
  plot.append(inside, svg("path", { class: "zero", d: `M${inner.left} ${y.at(0)}H${inner.right}` }),
    lines, cursor);
  const benefit = ({ threshold: t, true_positive: tp, false_positive: fp }) =>
    (tp - (t < 1 ? (fp * t) / (1 - t) : fp ? Infinity : 0)) / context.n;
  const isIn = (t) => t >= first && t <= last;
  const own = benefit(context.own);
  if (isIn(context.own.threshold) && own >= floor) {
    plot.append(marker(LOOKS.ink, x.at(context.own.threshold), y.at(own), 8.5, "hollow"));
  }
  plot.append(spot);
  const reading = html("p", { class: "reading" });
  const follow = (counts) => {
    const [t, now] = [counts.threshold, benefit(counts)];
    const there = isIn(t);
    cursor.setAttribute("d", there ? `M${x.at(t)} ${inner.top - 4}V${inner.bottom}` : "");
    spot.setAttribute("display", there && now >= floor ? "inline" : "none");
    if (there) spot.setAttribute("transform", `translate(${x.at(t)} ${y.at(now)})`);
    reading.textContent = `At ${trimmed(t)}: net benefit ${told(now)}, `
      + `calling all rows ${told(callAll(context.curves, t))}, calling none 0.`
      + (there ? "" : ` The lines run from ${short(first, 2)} to ${short(last, 2)}.`);
  };
  const bare = (look) => swatch({ ...look, marker: "none" });
  const key = legend([
    [bare(LOOKS.ink), `${context.model}, with its 95 % band`],
    ...(curve.other ? [[swatch({ ...LOOKS.blue, marker: "none" }), context.simpler]] : []),
    [bare(LOOKS.green), "all rows are called"],
    [swatch(LOOKS.orange, true), "at this threshold"],
    [swatch({ ...LOOKS.ink, name: "ink hollow" }, true), "as evaluated"],
    ...(few.some(Boolean) ? [[bare({ ...LOOKS.ink, name: "soft" }),
      "fewer than 5 rows differ from calling all or none"]] : []),
  ]);
  return { node: html("div", {}, key, drawn.svg, reading), chart: drawn.svg, back: x.back, follow };
}

function told(benefit) {
  return Number.isFinite(benefit) ? fixed(benefit, 3).replace("-", "−") : "−∞";
}

function callAll({ n_positive: p, n_negative: n }, t) {
  return t < 1 ? (p - (n * t) / (1 - t)) / (p + n) : -Infinity;
}

/**
 * A filled band between two lines; where an end is missing it is open.
 * @param {[number, number][]} low in pixels
 * @param {[number, number][]} high
 * @returns {SVGElement}
 */
export function area(low, high) {
  let d = "";
  let run = [];
  const close = () => {
    if (run.length > 1) {
      const there = run.map((i) => `${high[i][0].toFixed(1)} ${high[i][1].toFixed(1)}`);
      const back = run.map((i) => `${low[i][0].toFixed(1)} ${low[i][1].toFixed(1)}`).reverse();
      d += `M${[...there, ...back].join("L")}Z`;
    }
    run = [];
  };
  low.forEach((point, i) => {
    if (Number.isFinite(point[1]) && Number.isFinite(high[i][1])) run.push(i);
    else close();
  });
  close();
  return svg("path", { class: "band", d });
}
