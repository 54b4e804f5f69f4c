// The sheets of a landscape page: their numbers, and their grounds in both kinds of height.

import { makeGround } from "../ground/grid.js";
import { framesOf } from "./followed.js";

/**
 * @typedef {object} Run
 * @property {string} name, words its id, and what readers see
 * @property {number} look the number of its colour and dash
 * @property {ArrayLike<number>} steps, x, y, loss, drawn, off of each point; x and y on the sheet
 * @property {number} best the point with the lowest loss
 * @property {boolean} diverged
 * @property {string} [late], {string} [last] of a run that goes up and down to its end: what stands
 *   for its last loss, alone and with its name
 */

/**
 * Numbers from base64 of little-endian float32.
 * @param {string} text
 * @returns {Float32Array}
 */
export function numbersOf(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/**
 * A sheet from the page's data. What is as usual is not in the data: steps that count from 0,
 * drawn losses that are the true ones, runs that are nowhere off the sheet.
 * @param {object} data
 */
export function sheetOf(data) {
  const [x, y, losses] = [data.x, data.y, data.losses].map(numbersOf);
  const runs = data.lines.map((line) => {
    const [u, loss] = [numbersOf(line.x), numbersOf(line.loss)];
    return {
      ...line, x: u, loss,
      y: line.y ? numbersOf(line.y) : u.map(() => 0),
      steps: line.steps ? numbersOf(line.steps) : u.map((_, i) => i),
      drawn: line.drawn ? numbersOf(line.drawn) : loss,
      off: line.off ? numbersOf(line.off) : u.map(() => 0),
    };
  });
  const courses = data.courses.map((each) => ({ x: numbersOf(each.x), y: numbersOf(each.y) }));
  const frames = data.frames?.map((each) => ({ ...each, losses: numbersOf(each.losses) }));
  const sheet = { ...data, x, y, losses, runs, courses, frames, grounds: new Map(), slices: null };
  return frames ? { ...sheet, slices: framesOf(sheet) } : sheet;
}

/**
 * The ground of a sheet, made once.
 * @param {object} sheet
 * @param {boolean} logarithmic
 * @param {boolean} [fine] false for frames while dragging
 */
export function groundOf(sheet, logarithmic, fine = true) {
  const key = `${logarithmic} ${fine}`;
  const { x, y, losses, relief, grounds } = sheet;
  if (!grounds.has(key)) {
    const options = { ...relief, x, y, logarithmic, fine: fine && relief.fine !== false,
      // All slices along a run are as tall as the first one.
      tall: sheet.first && groundOf(sheet.first, logarithmic, fine).tall };
    grounds.set(key, makeGround(losses, y.length, x.length, options));
  }
  return grounds.get(key);
}

/**
 * Where a run is at a step: the index of its point, with fractions between two.
 * @param {Run} run
 * @param {number} step
 * @returns {number}
 */
export function pointAt({ steps }, step) {
  let [low, high] = [0, steps.length - 1];
  if (step >= steps[high]) return high;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (steps[middle] <= step) low = middle;
    else high = middle - 1;
  }
  return low + Math.max(0, (step - steps[low]) / (steps[low + 1] - steps[low]));
}
