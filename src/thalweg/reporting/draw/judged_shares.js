// The shares below the confusion matrix, with the intervals that the evaluation has for them.

import { measured, proportion, rowsOfInterval } from "./numbers.js";

// Of each share, the counts of the right ones and of the wrong ones.
const PARTS = {
  sensitivity: [["true_positive"], ["false_negative"]],
  specificity: [["true_negative"], ["false_positive"]],
  accuracy: [["true_positive", "true_negative"], ["false_negative", "false_positive"]],
  ppv: [["true_positive"], ["false_positive"]],
};

function sizes(counts, key) {
  const [right, wrong] = PARTS[key].map((keys) => keys.reduce((sum, k) => sum + counts[k], 0));
  return { right, n: right + wrong };
}

/**
 * The shares at any threshold. Where the rows are called as in the evaluation, the intervals are
 * its own. Elsewhere a share of n rows counts as n / d independent ones, and the design effect d is
 * that of the evaluation: weights and groups of rows are in its intervals, and not on the page.
 * @param {Counts} own the counts of the evaluation
 * @param {Object<string, {value: number|null, low: number|null, high: number|null}>} evaluated
 *   sensitivity, specificity and accuracy; ppv if it is known
 * @returns {(counts: Counts) => Object<string, {value: number, low: number,
 *   high: number, rows: number}>} rows: as many independent ones know the share as well
 */
export function judgedShares(own, evaluated) {
  const effects = { all: designEffect(own, evaluated, "accuracy") ?? 1 };
  for (const key of Object.keys(PARTS)) {
    effects[key] = designEffect(own, evaluated, key) ?? effects.all;
  }
  return (counts) => Object.fromEntries(Object.keys(PARTS).map((key) => {
    const { right, n } = sizes(counts, key);
    const rows = n / effects[key];
    const given = evaluated[key];
    if (given && given.value !== null && calledAlike(counts, own)) {
      const [value, low, high] = [given.value, given.low, given.high].map(measured);
      return [key, { value, low, high, rows }];
    }
    const alike = rows === n ? right : right === n ? rows : (right / n) * rows;
    return [key, { ...proportion(alike, rows), rows }];
  }));
}

/** How many rows count as one independent row; undefined if the share is. */
function designEffect(own, evaluated, key) {
  const given = evaluated[key];
  if (!given || given.value === null) return undefined;
  const { n } = sizes(own, key);
  const effect = n / rowsOfInterval(given);
  if (!(effect > 0 && effect < Infinity)) return undefined;
  return Math.abs(effect - 1) < 1e-6 ? 1 : effect; // rounding
}

/** Whether the same rows are called positive: then the counts are equal, but for rounding. */
function calledAlike(counts, own) {
  const { n } = sizes(own, "accuracy");
  return ["true_positive", "false_positive"].every((key) =>
    Math.abs(counts[key] - own[key]) <= 1e-9 * n);
}
