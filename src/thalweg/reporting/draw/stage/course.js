// The way of a run over a ground: short pieces, arcs for leaps, footprints.
//
// Its Python twin is `run_course`; the numbers of both are in stage_looks.js.

import { STAGE_LOOKS } from "./stage_looks.js";

/**
 * @typedef {object} Course samples along a run; each is joined with the one before it
 * @property {Float64Array} time the point of the run, with fractions between two
 * @property {Float64Array} x, y, h, g in the block: the place, its height, the ground below it
 * @property {Int32Array} leap the number of the leap that leads to a sample, from 1; 0 if none does
 * @property {number[]} feet the samples in which leaps end
 */

/**
 * The course of a run.
 *
 * A step that is longer than `leap` sides of the block is an arc; it rises above its chord by
 * `rise` of its length. All others are straight at the true loss, or lie on the ground.
 * @param {import("../ground/grid.js").Ground} ground
 * @param {import("./sheet.js").Run} run
 * @param {boolean} laid on the ground, instead of at the true loss
 * @param {boolean} leaps whether long steps are arcs
 * @returns {Course}
 */
export function courseOf(ground, run, laid, leaps) {
  const { leap, rise, piece, most_pieces: most } = STAGE_LOOKS.course;
  const samples = { time: [], x: [], y: [], h: [], g: [], leap: [] };
  const feet = [];
  const put = (...sample) => Object.values(samples).forEach((list, k) => list.push(sample[k]));
  // Over an empty cell there is no ground: a run crosses its floor.
  const below = (x, y) => ground.heightAt(x, y) || 0;
  let [u, v, top] = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < run.x.length; i += 1) {
    const [x, y] = ground.place(run.x[i], run.y[i]);
    const end = laid ? below(x, y) : ground.heightOf(run.loss[i]);
    const length = i ? Math.sqrt((x - u) ** 2 + (y - v) ** 2) : 0;
    const isLeap = leaps && length > leap;
    const pieces = i ? Math.max(1, Math.min(most, Math.ceil(length / piece))) : 1;
    if (isLeap) count += 1;
    for (let m = i ? 1 : pieces; m <= pieces; m += 1) {
      const s = m / pieces;
      const [p, q] = m < pieces ? [u + s * (x - u), v + s * (y - v)] : [x, y];
      const g = below(p, q);
      let h = m < pieces ? top + s * (end - top) : end;
      if (isLeap) h = Math.max(laid ? g : h, h + 4 * rise * length * s * (1 - s));
      else if (laid) h = g;
      put(i ? i - 1 + s : 0, p, q, h, g, isLeap ? count : 0);
    }
    if (isLeap) feet.push(samples.time.length - 1);
    [u, v, top] = [x, y, end];
  }
  const found = Object.entries(samples).map(([name, list]) => [name, Float64Array.from(list)]);
  return { ...Object.fromEntries(found), feet };
}

/**
 * Which samples of a course are drawn at a time: up to `count`, and only the last leaps.
 * @param {Course} course
 * @param {number} time
 * @returns {{count: number, from: number}} earlier leaps than number `from` are over
 */
export function drawnPart(course, time) {
  let [low, high] = [0, course.time.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (course.time[middle] <= time + 1e-9) low = middle + 1;
    else high = middle;
  }
  const next = low < course.time.length && course.time[low - 1] < time - 1e-9 ? low : low - 1;
  const leaps = course.feet.filter((k) => k < low).length + (course.leap[next] && next === low);
  return { count: low, from: leaps - STAGE_LOOKS.course.in_the_air + 1 };
}

/** The place of a run at a time, between two samples: [x, y, h, g]. */
export function placeAt(course, time, count) {
  const k = count - 1;
  const here = ["x", "y", "h", "g"].map((name) => course[name]);
  if (count >= course.time.length) return here.map((list) => list[k]);
  const s = (time - course.time[k]) / (course.time[count] - course.time[k]);
  return here.map((list) => list[k] + Math.max(0, s) * (list[count] - list[k]));
}

/** The samples that are above the ground: what the frame of a picture has to hold, too. */
export function flyingPoints({ x, y, h, g }) {
  const found = [];
  for (let k = 0; k < h.length; k += 1) {
    if (h[k] > g[k] + STAGE_LOOKS.course.flying) found.push([x[k], y[k], h[k]]);
  }
  return found;
}
