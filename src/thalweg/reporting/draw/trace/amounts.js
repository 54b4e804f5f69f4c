// How the trace writes its numbers: one column in one kind of digits, and sums that add up.

import { stepsThatAddUp } from "../adding_up.js";
import { short } from "../numbers.js";

const LOWERED = "₀₁₂₃₄₅₆₇₈₉";

/** A whole number as an index. */
export function lowered(n) {
  return String(n).replace(/\d/g, (digit) => LOWERED[digit]);
}

/**
 * How many decimals numbers have that belong together; null if they need powers of ten.
 * @param {number[]} values
 * @param {number} [digits] of the largest
 */
export function decimalsFor(values, digits = 4) {
  const size = Math.max(...values.map((value) => Math.abs(value ?? 0)), 0);
  if (size === 0) return 0;
  if (size < 1e-3 || size >= 1e6) return null;
  return Math.min(5, Math.max(0, digits - 1 - Math.max(0, Math.floor(Math.log10(size)))
    + (size < 0.1 ? 1 : 0)));
}

/** A number with so many decimals, and a true minus sign. */
export function written(value, decimals) {
  if (value === null || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  if (decimals === null) return short(value, 3);
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? short(value, 1) : text.replace("-", "−");
}

/** A number alone. */
export function plainNumber(value) {
  return written(value, decimalsFor([value]));
}

const TERMS = 10; // of a sum, a bias and the rest among them

/**
 * The largest terms of a sum, and the rest as one; the written numbers add up.
 * @param {{value: number, name: string, key: string}[]} terms
 * @param {number} total
 * @param {{value: number, name: string, key: string}} [first] shown in any case: a bias
 * @returns {{parts: object[], total: string, add: (parts: object[]) => string}} each part with its
 *   `text`; `add` writes several parts as one
 */
export function shownSum(terms, total, first = null) {
  const order = terms.filter(({ value }) => value !== 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const room = TERMS - (first ? 1 : 0);
  const kept = order.length > room ? order.slice(0, room - 1) : order;
  const left = order.slice(kept.length);
  const parts = [...(first ? [first] : []), ...kept];
  if (left.length) {
    parts.push({ value: sumOf(left), key: "rest", count: left.length, name: `${left.length} more` });
  }
  const decimals = decimalsFor([total, ...parts.map(({ value }) => value)]);
  if (decimals === null) {
    return { parts: parts.map((part) => ({ ...part, text: written(part.value, null) })),
      total: written(total, null), add: (several) => written(sumOf(several), null) };
  }
  const steps = stepsThatAddUp(0, parts.map(({ value }) => value), total, 10 ** decimals);
  const text = (step) => (step / 10 ** decimals).toFixed(decimals).replace("-", "−");
  const add = (of) => text(of.reduce((sum, { step }) => sum + step, 0));
  const found = parts.map((part, k) => ({ ...part, step: steps[k], text: text(steps[k]) }));
  return { parts: found, total: add(found), add };
}

const sumOf = (parts) => parts.reduce((sum, { value }) => sum + value, 0);
