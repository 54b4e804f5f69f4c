// The answers of effect curves: their scale, their words, and the look of each class.

import { short } from "./numbers.js";
import { linear } from "./scale.js";
import { LOOKS } from "./series_marks.js";

// Percentages that an axis of log-odds may show.
const ODDS_SHARES = [0.01, 0.1, 1, 5, 20, 50, 80, 95, 99, 99.9, 99.99];

/** The look of each class, in the order of the classes. */
export const LOOK_OF_CLASS = [
  LOOKS.ink, LOOKS.blue, LOOKS.green, LOOKS.orange,
  { name: "ink", dash: "1 4", marker: "square" }, { name: "blue", dash: "", marker: "diamond" },
];

/**
 * Log-odds from the mean as a scale whose ticks are percentages.
 * @param {number|null} mean the probability at 0; null for other answers, which are as they are
 * @param {[number, number]} domain
 * @param {[number, number]} range
 * @param {number} [apart] pixels between ticks, at least
 * @param {number} [last] the last pixel of a tick
 */
export function oddsScale(mean, domain, range, apart = 24, last = Infinity) {
  const scale = linear(domain, range);
  if (mean === null) {
    return { ...scale, texts: (values) => scale.texts(values).map((words, i) =>
      (values[i] > 0 ? `+${words}` : words)) };
  }
  const centre = Math.log(mean / (1 - mean));
  const at = (share) => Math.log(share / (100 - share)) - centre;
  // Those next to the mean first; labels side by side are wider than high.
  const inside = ODDS_SHARES.map(at).filter((v) => v >= domain[0] && v <= domain[1])
    .sort((a, b) => Math.abs(a) - Math.abs(b));
  const ticks = () => {
    const kept = [];
    for (const value of inside) {
      const free = kept.every((other) => Math.abs(scale.at(other) - scale.at(value)) > apart);
      if (free && scale.at(value) < last) kept.push(value);
    }
    return kept.length > 1 ? kept.sort((a, b) => a - b) : scale.ticks(3);
  };
  return { ...scale, ticks, texts: (values) => values.map((value) => percentOf(mean, value)) };
}

/** The probability at a log-odds from the mean: "12 %". */
function percentOf(mean, value) {
  const p = 100 / (1 + Math.exp(-(Math.log(mean / (1 - mean)) + value)));
  return `${short(p, p > 99 ? 4 : p < 1 ? 1 : 2)}\u00a0%`;
}

/** An answer in words: a percentage, or a number with its sign. */
function saidAnswer(value, { mean, unit }) {
  if (mean !== null) return percentOf(mean, value);
  return `${value < 0 ? "" : "+"}${short(value, 3)}${unit && `\u00a0${unit}`}`;
}

/** What is read aloud of a point: the answer with its interval, or that of each class. */
export function answersTold(curves, i, what) {
  const one = (curve) => saidAnswer(curve.mean[i], what);
  if (what.several) return `${curves.map((each) => `${each.output} ${one(each)}`).join("; ")}.`;
  const [curve] = curves;
  const hardly = curve.supported[i] ? "" : "; most moved rows are unlike the training rows";
  return `${what.axis} ${one(curve)} [${saidAnswer(curve.low[i], what)}, `
    + `${saidAnswer(curve.high[i], what)}]${hardly}.`;
}

