// A grid of losses as a surface: its heights, the runs on it, and what it hides.

import { measured } from "./numbers.js";

/** The height of the block, as a share of its longer side. */
export const TALL = 0.62;
const LIFT = 0.012 * TALL; // a line lies so far above the ground

/**
 * @typedef {object} Run
 * @property {string} name
 * @property {number} look
 * @property {Float32Array} steps, x, y, loss, drawn, off of each point
 * @property {number} best
 * @property {boolean} diverged
 * @property {{time: Float32Array, x: Float32Array, y: Float32Array, z: Float32Array}} walk
 *   in the block, with a point at every border between cells
 */

/**
 * @typedef {object} Ground
 * @property {string} kind "plane" or "profile"
 * @property {number} nx, ny
 * @property {number[]} x, y coordinates of the grid
 * @property {Float32Array} losses NaN where none is finite; rows along y
 * @property {Float32Array} tops heights, 0 to 1
 * @property {Float32Array} X, Y coordinates in the block, about 0
 * @property {Run[]} runs
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
 * The height of a loss, 0 to 1: log10((loss - base) / unit), clipped above.
 * @param {{base: number, unit: number, low: number, high: number}} scale
 * @returns {(loss: number) => number}
 */
export function heightOf({ base, unit, low, high }) {
  const up = (loss) => Math.log10((loss - base) / unit);
  const [from, to] = [up(low), up(high)];
  return (loss) => (up(Math.min(high, Math.max(low, loss))) - from) / (to - from);
}

/**
 * A sheet from the page's data, prepared for drawing.
 * @param {object} sheet
 * @returns {Ground}
 */
export function groundOf(sheet) {
  const [x, y] = [numbersOf(sheet.x), numbersOf(sheet.y)];
  const losses = numbersOf(sheet.losses);
  const height = heightOf(sheet.scale);
  const [wide, deep] = sheet.aspect;
  const spread = (list, side) => list.map((each) => side * (along(each, list) - 0.5));
  const ground = {
    ...sheet, cap: sheet.cap ?? Infinity, x, y, losses, height, nx: x.length, ny: y.length,
    tops: losses.map(height), X: spread(x, wide), Y: spread(y, deep),
    even: sheet.kind === "plane",
  };
  ground.courses = sheet.courses.map((each) => ({ x: numbersOf(each.x), y: numbersOf(each.y) }));
  ground.runs = sheet.lines.map((line) => {
    const run = { ...line };
    for (const key of ["steps", "x", "y", "loss", "drawn", "off"]) run[key] = numbersOf(line[key]);
    run.misfit = measured(line.misfit);
    run.walk = walkOf(ground, run);
    return run;
  });
  return ground;
}

/** The fractional index of a value in an increasing list. */
const along = (value, list) => (value - list[0]) / (list[list.length - 1] - list[0]);

/**
 * From coordinates of the sheet to those of the block.
 * @param {Ground} ground
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]}
 */
export function placed(ground, x, y) {
  return [spreadOver(x, ground.x, ground.X), spreadOver(y, ground.y, ground.Y)];
}

function spreadOver(value, from, to) {
  const i = cellAt(value, from);
  const share = (value - from[i]) / (from[i + 1] - from[i]);
  return to[i] + share * (to[i + 1] - to[i]);
}

/**
 * From the block back to the sheet.
 * @param {Ground} ground
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]}
 */
export function unplaced(ground, x, y) {
  return [spreadOver(x, ground.X, ground.x), spreadOver(y, ground.Y, ground.y)];
}

function cellAt(value, list) {
  let [low, high] = [0, list.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (list[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The height of the surface at a position in the block, between four corners, or NaN.
 * @param {Ground} ground
 * @param {number} x
 * @param {number} y
 * @param {Float32Array} [values] other values of the grid's points, such as losses
 * @returns {number}
 */
export function valueAt(ground, x, y, values = ground.tops) {
  const { nx, X, Y, even } = ground;
  // Cuts of a profile are at points of the run, which are not evenly spaced.
  const i = even ? evenCellAt(x, X) : cellAt(x, X);
  const j = even ? evenCellAt(y, Y) : cellAt(y, Y);
  const [s, t, k] = [(x - X[i]) / (X[i + 1] - X[i]), (y - Y[j]) / (Y[j + 1] - Y[j]), j * nx + i];
  return (values[k] * (1 - s) + values[k + 1] * s) * (1 - t)
    + (values[k + nx] * (1 - s) + values[k + nx + 1] * s) * t;
}

function evenCellAt(value, list) {
  const last = list.length - 1;
  return Math.min(last - 1, Math.max(0, Math.floor(along(value, list) * last)));
}

/** A run as it is drawn: on the surface; in a profile at its true loss. */
function walkOf(ground, run) {
  const [time, x, y, z] = [[], [], [], []];
  const trues = ground.kind === "profile" ? Array.from(run.loss, ground.height) : null;
  const topAt = (at, u, v) => {
    if (!trues) return valueAt(ground, u, v);
    const i = Math.floor(at);
    return trues[i] + (at - i) * ((trues[i + 1] ?? trues[i]) - trues[i]);
  };
  const keep = (at, u, v) => {
    time.push(at);
    x.push(u);
    y.push(v);
    z.push(TALL * topAt(at, u, v) + LIFT);
  };
  let [u, v] = placed(ground, run.x[0], run.y[0]);
  keep(0, u, v);
  for (let i = 1; i < run.x.length; i += 1) {
    const [p, q] = placed(ground, run.x[i], run.y[i]);
    const cuts = [...crossings(u, p, ground.X), ...crossings(v, q, ground.Y)].sort((a, b) => a - b);
    for (const share of cuts) keep(i - 1 + share, u + share * (p - u), v + share * (q - v));
    keep(i, p, q);
    [u, v] = [p, q];
  }
  const [times, xs, ys, zs] = [time, x, y, z].map((list) => Float32Array.from(list));
  return { time: times, x: xs, y: ys, z: zs };
}

function crossings(from, to, grid) {
  const [low, high] = from < to ? [from, to] : [to, from];
  const found = [];
  for (let i = cellAt(low, grid) + 1; i < grid.length && grid[i] < high; i += 1) {
    if (grid[i] > low) found.push((grid[i] - from) / (to - from));
  }
  return found;
}

/**
 * The position of a run at a step, as a fractional index of its points.
 * @param {Run} run
 * @param {number} step
 * @returns {number} the index of a point, with fractions
 */
export function pointAt(run, step) {
  const { steps } = run;
  if (step >= steps[steps.length - 1]) return steps.length - 1;
  const i = cellAt(step, steps);
  return i + Math.max(0, (step - steps[i]) / (steps[i + 1] - steps[i]));
}

/**
 * The camera: rotated about the vertical and raised, in degrees, with a zoom.
 * @typedef {{azimuth: number, elevation: number, zoom: number}} Camera
 */

/**
 * From positions in the block to pixels.
 * @param {Camera} camera
 * @param {[number, number]} aspect sides of the block
 * @param {number} width
 * @param {number} height
 * @returns {{at: (x: number, y: number, z: number) => [number, number],
 *   depth: (x: number, y: number) => number, towards: [number, number, number]}}
 */
export function projection(camera, aspect, width, height) {
  const turn = (camera.azimuth * Math.PI) / 180;
  const rise = (camera.elevation * Math.PI) / 180;
  const [c, s, ce, se] = [Math.cos(turn), Math.sin(turn), Math.cos(rise), Math.sin(rise)];
  // The block and its labels fit at every rotation.
  const across = Math.hypot(...aspect);
  const tall = across * se + TALL * ce;
  const unit = Math.min((width - 90) / across, (height - 84) / tall) * camera.zoom;
  const [middleX, middleY] = [width / 2 + 8, height / 2 - 14 + (unit * TALL * ce) / 2];
  return {
    at: (x, y, z) => [
      middleX + unit * (y * c - x * s),
      middleY - unit * (z * ce - (x * c + y * s) * se),
    ],
    depth: (x, y) => -x * c - y * s,
    towards: [c, s, Math.tan(rise)],
  };
}

/**
 * Whether the surface between the eye and a position covers it.
 * @param {Ground} ground
 * @param {[number, number, number]} towards the eye: along x, along y, and upwards
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @returns {boolean}
 */
export function isHidden(ground, [c, s, up], x, y, z) {
  const step = ground.X[1] - ground.X[0];
  const [farX, farY] = [ground.X[ground.nx - 1], ground.Y[ground.ny - 1]];
  const most = (TALL - z) / up; // above the highest ground nothing covers
  for (let reach = step * 0.7; reach < most; reach += step) {
    const [u, v] = [x + reach * c, y + reach * s];
    if (Math.abs(u) > farX || Math.abs(v) > farY) return false;
    if (TALL * valueAt(ground, u, v) > z + reach * up) return true;
  }
  return false;
}
