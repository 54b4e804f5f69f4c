// How unlike the training rows a made-up row is: the outlier p of model.unlike.
//
// The parts are those of thalweg.data.likeness.score_parts. Numbers are bent by the formulas of the
// encoder (FORMULAS); what stands here is looking up, sums, and a triangle times a vector.

import { unpackedVector } from "./page_encoder.js";

/**
 * A likeness that can be asked.
 * @param {object} data from thalweg.export.packed_likeness
 * @param {object} formulas FORMULAS of thalweg.export.javascript
 */
export function likenessFrom(data, formulas) {
  const found = { formulas };
  for (const [key, value] of Object.entries(data)) {
    found[key] = value && value.is ? unpackedVector(value) : value;
  }
  found.levels = data.levels.map((each) => {
    const slots = new Map(Array.from(unpackedVector(each.codes), (code, slot) => [code, slot]));
    return { ...each, slots, costs: unpackedVector(each.costs) };
  });
  return found;
}

/** What the levels and the missing cells of a row cost: -Σ log of their shares. */
function costOf({ base, filled, if_missing: ifMissing, levels }, row) {
  let sum = base;
  filled.forEach((column, k) => {
    if (Number.isNaN(row[column])) sum += ifMissing[k];
  });
  for (const { column, slots, costs, others } of levels) {
    const value = row[column];
    if (Number.isNaN(value)) continue;
    const never = costs.length - 1;
    sum += costs[slots.get(value) ?? (others && value > 0 ? never - 1 : never)];
  }
  return sum;
}

/** |W (u - m)|² of the numbers of a row; a missing one is at its mean. */
function distanceOf({ formulas: F, numbers, center, scale, far, mean, factor, diagonal }, row) {
  const away = Float64Array.from(numbers, (column, k) => (Number.isNaN(row[column]) ? 0
    : F.smooth(F.ramp(row[column], center[k], scale[k], -far, far)) - mean[k]));
  let [sum, at] = [0, 0];
  away.forEach((own, i) => {
    let turned = 0;
    if (diagonal) turned = factor[i] * own;
    else for (let j = 0; j <= i; j += 1, at += 1) turned += factor[at] * away[j];
    sum += turned * turned;
  });
  return sum;
}

/**
 * The share of training rows that are at least as unlike the others as this row.
 * @param {object} likeness from likenessFrom
 * @param {Float64Array} row from rowOf
 * @returns {number} above 0 and at most 1
 */
export function outlierP(likeness, row) {
  const score = costOf(likeness, row) + distanceOf(likeness, row);
  const { n, scores, above } = likeness;
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] < score) low = middle + 1;
    else high = middle;
  }
  return (1 + n * (low < above.length ? above[low] : 0)) / (n + 1);
}
