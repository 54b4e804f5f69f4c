// What the words on all losses share: shares in percent, and which output is the right one.

import { numberPart } from "./formula_parts.js";

/** A probability in percent. */
export function percentOf(share) {
  const points = 100 * share;
  if (points >= 99.95 && share < 1) return "nearly 100\u00a0%";
  return `${points >= 0.1 ? points.toFixed(1) : points.toPrecision(1)}\u00a0%`;
}

/** The output that a row's own class has; of a number the only one. */
export function trueOutput({ row }) {
  return Math.max(0, row.y.indexOf(Math.max(...row.y)));
}

/** Whether a label is not smoothed. */
export function isPlainLabel({ row }) {
  return row.y.every((each) => each === 0 || each === 1);
}

/** Yh − Y, the first derivative of most losses. */
export function differenceOf({ pass, row }, unit, { Yh, Y }) {
  return {
    symbols: `${Yh} − ${Y}`, name: `${Yh} − ${Y}`,
    numbers: (key) => [numberPart(pass.Yh[unit], key), " − ", numberPart(row.y[unit], "y")],
    compute: (a, b) => a - b,
  };
}
