// Contributions as they are printed, so that what is printed adds up: the formula of
// thalweg.reporting.explaining.adding_up, for rows that a page answers itself.

import { whole } from "./numbers.js";

const ANSWER_DIGITS = 5;
const GAIN_DIGITS = 3;
const MOST_DIGITS = 14;
const SMALLEST_FIXED = 1e-6;
const LARGEST_FIXED = 1e15;
const ON_A_STEP = 1e-6;

/** The nearest whole number; of two, the even one, as in Python. */
function nearestWhole(x) {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + Math.abs(below % 2) : Math.round(x);
}

/** The power of ten of a number: exact, which a logarithm need not be. */
const exponentOf = (size) => Number(size.toExponential().split("e")[1]);

/**
 * How many decimals the numbers of a waterfall have; null if powers of ten are needed.
 * @param {number} base
 * @param {number} answer
 * @param {number[]} gains
 * @returns {number|null}
 */
export function decimalsOfNumbers(base, answer, gains) {
  const most = Math.max(0, ...gains.map(Math.abs));
  const end = Math.max(Math.abs(base), Math.abs(answer));
  const top = Math.max(end, most);
  const isFixed = top === 0 || (top >= SMALLEST_FIXED && top < LARGEST_FIXED);
  if (!isFixed) return null;
  const wanted = [[end || top, ANSWER_DIGITS], [most, GAIN_DIGITS]].filter(([size]) => size)
    .map(([size, digits]) => digits - 1 - exponentOf(size));
  return wanted.length
    ? Math.max(0, Math.min(Math.max(...wanted), MOST_DIGITS - exponentOf(top))) : 0;
}

/**
 * Contributions in whole steps of 1 / scale, which lead from the base to the answer.
 * @param {number} base
 * @param {number[]} gains
 * @param {number} answer
 * @param {number} scale
 * @returns {number[]}
 */
export function stepsThatAddUp(base, gains, answer, scale) {
  const parts = gains.map((each) => each * scale);
  const onStep = parts.map((part) => Math.abs(part - nearestWhole(part)) <= ON_A_STEP);
  const found = parts.map((part, k) => (onStep[k] ? nearestWhole(part) : Math.floor(part)));
  const rests = parts.map((part, k) => (onStep[k] ? 0 : part - found[k]));
  const order = parts.map((_, k) => k).sort((a, b) => rests[b] - rests[a]);
  const lacking = nearestWhole(answer * scale) - nearestWhole(base * scale)
    - found.reduce((sum, each) => sum + each, 0);
  for (let place = 0; order.length && place < Math.abs(lacking); place += 1) {
    const at = place % order.length;
    found[lacking > 0 ? order[at] : order[order.length - 1 - at]] += Math.sign(lacking);
  }
  return found;
}

/**
 * The bars of a waterfall with their printed numbers, and how its ends are printed.
 * @template {{value: number}} Bar
 * @param {number} base
 * @param {Bar[]} bars
 * @param {number} answer
 * @param {{isShare: boolean, text: (value: number) => string, unit: string}} how `text` writes an
 *   answer alone; the unit is that of numbers
 * @returns {{bars: (Bar & {gain: string})[], told: (value: number) => string}}
 */
export function printedBars(base, bars, answer, { isShare, text, unit }) {
  const gains = bars.map(({ value }) => value);
  const decimals = isShare ? 1 : decimalsOfNumbers(base, answer, gains);
  if (decimals === null) {
    const gain = (value) => `${value < 0 ? "−" : "+"}${text(Math.abs(value))}`;
    return { bars: bars.map((bar) => ({ ...bar, gain: gain(bar.value) })), told: text };
  }
  const scale = (isShare ? 100 : 1) * 10 ** decimals;
  const steps = stepsThatAddUp(base, gains, answer, scale);
  const written = (step) => fixedSteps(step, decimals);
  const points = isShare ? " pt" : "";
  return {
    bars: bars.map((bar, k) => {
      const sign = steps[k] > 0 ? "+" : steps[k] < 0 ? "−" : "";
      return { ...bar, gain: `${sign}${written(Math.abs(steps[k]))}${points}` };
    }),
    told: isShare ? text : (value) => {
      const step = nearestWhole(value * scale);
      return `${step < 0 ? "−" : ""}${written(Math.abs(step))}${unit ? ` ${unit}` : ""}`;
    },
  };
}

/** Whole steps as a number with so many decimals, commas between thousands. */
function fixedSteps(steps, decimals) {
  const [units, rest] = (steps / 10 ** decimals).toFixed(decimals).split(".");
  return `${whole(Number(units))}${rest ? `.${rest}` : ""}`;
}
