// A grid of losses as a ground to look at: heights in a block, slopes, open sky, contour levels.
//
// The block has its middle at (0, 0) and a longer side of 1; heights h start at 0, the lowest loss.
// Its Python twin is `relief_ground`; the numbers of both are in ground_looks.js.

import { GROUND_LOOKS } from "./ground_looks.js";
import { openSky } from "./sky.js";

/**
 * @typedef {object} Ground
 * @property {number} columns, rows of the mesh that is drawn
 * @property {number} wide, deep sides of the block; the longer one is 1
 * @property {Float64Array} X, Y coordinates of the mesh in the block
 * @property {Float64Array} h heights of the mesh, 0 to `tall`, rows along y; NaN where none is
 * @property {Float64Array} slopeX, slopeY of the mesh: rise per length
 * @property {Float64Array} sky how much of the sky each point of the mesh sees, 0 to 1
 * @property {Float64Array} level contour coordinate: contours are where it is whole
 * @property {Uint8Array} cut 1 where the loss is higher than `high`, and drawn flat at `tall`
 * @property {number} nCut, nBlank computed points that are cut, and that have no finite loss
 * @property {number} tall height of the block
 * @property {number} low, high the losses at heights 0 and `tall`
 * @property {{step: number, ratio: number, log: boolean, a: number, b: number, c: number}} lines
 *   a contour is `step` above the one before it, or `ratio` times as high (the other one is NaN);
 *   the rest is for `levelOf`
 * @property {Uint32Array} triangles indices of points of the mesh, three a triangle
 * @property {number[][]} walls pieces of the block's sides:
 *   [x, y, top, x, y, top, bottom, outwards along x, outwards along y]
 * @property {number[][]} hull points [x, y, h] whose frame is that of the block
 * @property {(x: number, y: number) => [number, number]} place from the axes into the block
 * @property {(x: number, y: number) => [number, number]} unplace from the block to the axes
 * @property {(loss: number) => number} heightOf a height in the block, at most `tall`
 * @property {(h: number) => number} lossOf the loss at a height
 * @property {(x: number, y: number) => number} heightAt the ground at a place in the block,
 *   exactly as its triangles are drawn; NaN off the ground
 */

/**
 * A ground from a grid of losses.
 *
 * The mesh has twice as many points along each side where the grid is coarse: between two computed
 * points is one more, by a cubic through the points around it (Catmull and Rom's, for steps that
 * may be uneven). No computed point moves.
 * @param {ArrayLike<number>} values losses, rows along y; not finite: left empty
 * @param {number} rows
 * @param {number} columns
 * @param {object} [options]
 * @param {ArrayLike<number>} [options.x], [options.y] increasing coordinates; default 0, 1, 2 …
 * @param {[number, number]} [options.sides] of the block, the longer one 1, where the two axes have
 *   no common unit; by default lengths along both axes are true
 * @param {boolean} [options.whole] true for a function of two parameters: its whole range is shown.
 *   Otherwise heights are cut at the 97th percentile, or above the highest point of a run.
 * @param {number} [options.highest], [options.lowest] of the losses of runs
 * @param {boolean} [options.logarithmic] height is log(loss - base) instead of the loss
 * @param {number} [options.base] 0, or a number below all losses
 * @param {boolean} [options.fine] false keeps the computed points alone, for frames while dragging
 * @returns {Ground}
 */
export function makeGround(values, rows, columns, options = {}) {
  const { mesh, lines } = GROUND_LOOKS;
  const axes = [axisOf(options.x, columns), axisOf(options.y, rows)];
  const scale = scaleOfGround(values, options);
  const doubled = Math.max(rows, columns) < mesh.fine_from && options.fine !== false;
  const [x, y] = axes.map((axis) => (doubled ? refinedAxis(axis) : axis));
  const lengths = axes.map((axis) => axis[axis.length - 1] - axis[0]);
  const [wide, deep] = options.sides ?? lengths.map((each) => each / Math.max(...lengths));
  const ground = { columns: x.length, rows: y.length, wide, deep, ...scale };
  ground.X = blockAxis(x, wide);
  ground.Y = blockAxis(y, deep);
  const tops = Float64Array.from(values, scale.shareOf);
  ground.tall = options.tall ?? tallOf(tops, blockAxis(axes[0], wide), blockAxis(axes[1], deep));
  ground.h = doubled ? refinedGrid(tops, axes[0], axes[1]) : tops;
  const { tall, h, X, Y } = ground;
  ground.cut = Uint8Array.from(h, (top) => (top >= 1 && scale.nCut ? 1 : 0));
  for (let k = 0; k < h.length; k += 1) h[k] = tall * within01(h[k]);
  [ground.slopeX, ground.slopeY] = slopesOfGrid(h, X, Y);
  ground.sky = openSky(ground);
  ground.heightOf = (loss) => tall * within01(scale.shareOf(loss));
  ground.lossOf = (top) => scale.lossOfShare(top / tall);
  ground.lines = levelsOf(scale, options, tall, lines);
  ground.level = h.map((top) => levelOf(ground.lines, top));
  const [perX, perY] = [wide / lengths[0], deep / lengths[1]];
  ground.place = (u, v) => [(u - x[0]) * perX - wide / 2, (v - y[0]) * perY - deep / 2];
  ground.unplace = (u, v) => [x[0] + (u + wide / 2) / perX, y[0] + (v + deep / 2) / perY];
  ground.heightAt = (u, v) => heightOfTriangles(ground, u, v);
  ground.triangles = trianglesOf(ground);
  ground.walls = wallsOf(ground);
  ground.hull = hullOf(ground);
  return ground;
}

const within01 = (top) => Math.min(1, Math.max(GROUND_LOOKS.heights.below, top));

function axisOf(given, count) {
  return given ? Float64Array.from(given) : Float64Array.from({ length: count }, (_, i) => i);
}

function blockAxis(axis, side) {
  const [first, last] = [axis[0], axis[axis.length - 1]];
  return axis.map((each) => ((each - first) / (last - first) - 0.5) * side);
}

/** The losses at the bottom and at the top, and heights from 0 to 1 between them. */
function scaleOfGround(values, options) {
  const { cut_share: share, headroom } = GROUND_LOOKS.heights;
  const finite = Float64Array.from(values).filter(Number.isFinite).sort();
  if (!finite.length) throw new Error("There is no finite loss to draw");
  const most = finite[finite.length - 1];
  const low = Math.min(finite[0], options.lowest ?? Infinity);
  const runs = low + headroom * ((options.highest ?? low) - low);
  const ranked = finite[Math.min(finite.length - 1, Math.floor(share * finite.length))];
  const high = options.top ?? (options.whole ? Math.max(most, options.highest ?? most)
    : Math.max(ranked, Math.min(most, runs)));
  const base = options.base ?? 0;
  const { logarithmic } = options;
  if (logarithmic && low <= base) throw new Error("A logarithm needs a base below all losses");
  const up = logarithmic ? (loss) => Math.log(loss - base) : (loss) => loss;
  const bottom = logarithmic ? low : -Infinity;
  const [from, to] = [up(low), up(high)];
  const unit = to > from ? to - from : 1;
  return {
    low, high,
    nBlank: values.length - finite.length,
    nCut: finite.reduce((count, loss) => count + (loss > high ? 1 : 0), 0),
    // A computed loss is cut before anything is put between: its neighbours do not feel how far.
    shareOf: (loss) => {
      if (!Number.isFinite(loss)) return NaN;
      return (up(Math.max(Math.min(loss, high), bottom)) - from) / unit;
    },
    lossOfShare: (top) => (logarithmic ? base + Math.exp(from + unit * top) : from + unit * top),
  };
}

/** The middle of each step of an axis, and its ends. */
function refinedAxis(axis) {
  const found = new Float64Array(2 * axis.length - 1);
  axis.forEach((each, i) => {
    found[2 * i] = each;
    if (i) found[2 * i - 1] = (axis[i - 1] + each) / 2;
  });
  return found;
}

/**
 * The slopes of parabolas through three neighbours; at an end through the last three. Where a
 * neighbour has no number, the slope of the step that is left.
 */
function parabolicSlopes(axis, values, start, stride, found) {
  const last = axis.length - 1;
  const step = (i) => axis[i + 1] - axis[i];
  const rise = (i) => (i < 0 || i >= last ? NaN
    : (values[start + (i + 1) * stride] - values[start + i * stride]) / step(i));
  const ending = (i, next) => {
    const [near, far, p] = [rise(i), rise(next), step(i)];
    return Number.isNaN(far) ? near : near + ((near - far) * p) / (p + step(next));
  };
  for (let i = 1; i < last; i += 1) {
    const [back, ahead, p, q] = [rise(i - 1), rise(i), step(i - 1), step(i)];
    found[start + i * stride] = Number.isNaN(back) ? ahead
      : Number.isNaN(ahead) ? back : (q * back + p * ahead) / (p + q);
  }
  found[start] = ending(0, 1);
  found[start + last * stride] = ending(last - 1, last - 2);
}

function slopesOfGrid(values, X, Y) {
  const [alongX, alongY] = [new Float64Array(values.length), new Float64Array(values.length)];
  for (let j = 0; j < Y.length; j += 1) parabolicSlopes(X, values, j * X.length, 1, alongX);
  for (let i = 0; i < X.length; i += 1) parabolicSlopes(Y, values, i, X.length, alongY);
  // Without any neighbour a point is level.
  for (const slopes of [alongX, alongY]) {
    slopes.forEach((each, k) => { if (Number.isNaN(each)) slopes[k] = 0; });
  }
  return [alongX, alongY];
}

/** One more point between two: the cubic with the parabolas' slopes at both, in its middle. */
function refinedGrid(tops, x, y) {
  const [m, n, wide] = [x.length, y.length, 2 * x.length - 1];
  const found = new Float64Array(wide * (2 * n - 1));
  for (let j = 0; j < n; j += 1) {
    // What is cut stays level, also between two rows that are.
    const put = (i, top) => { found[2 * j * wide + i] = Math.min(1, top); };
    refineLine(x, tops.subarray(j * m, j * m + m), put);
  }
  const line = new Float64Array(n);
  for (let i = 0; i < wide; i += 1) {
    for (let j = 0; j < n; j += 1) line[j] = found[2 * j * wide + i];
    refineLine(y, line, (j, top) => { found[j * wide + i] = top; });
  }
  return found;
}

function refineLine(axis, values, put) {
  const slopes = new Float64Array(values.length);
  parabolicSlopes(axis, values, 0, 1, slopes);
  for (let i = 0; i < values.length; i += 1) {
    put(2 * i, values[i]);
    if (i + 1 === values.length) break;
    const bend = (slopes[i] - slopes[i + 1]) * (axis[i + 1] - axis[i]) / 8;
    put(2 * i + 1, (values[i] + values[i + 1]) / 2 + bend);
  }
}

/** How tall the block is, so that 85 of 100 computed points are less steep than 44°. */
function tallOf(tops, X, Y) {
  const { steep_share: share, steep_rise: rise, ...limits } = GROUND_LOOKS.heights;
  const [alongX, alongY] = slopesOfGrid(tops, X, Y);
  const steep = alongX.map((each, k) => (Number.isNaN(tops[k]) ? NaN : Math.hypot(each, alongY[k])))
    .filter(Number.isFinite).sort();
  const ranked = steep[Math.min(steep.length - 1, Math.floor(share * steep.length))];
  return Math.min(limits.most_tall, Math.max(limits.least_tall, rise / ranked));
}

/** Which levels have contours: even steps of a function, equal ratios of a slice's losses. */
function levelsOf({ low, high }, options, tall, { even_count: count, ratios, most }) {
  const base = options.base ?? 0;
  if (low <= base || (options.whole && !options.logarithmic)) {
    const step = roundStep(high > low ? (high - low) / count : 1);
    return { step, ratio: NaN, log: false, a: low / step, b: (high - low) / (tall * step), c: 1 };
  }
  const span = Math.log((high - base) / (low - base));
  const ratio = ratios.find((each) => span / Math.log(each) <= most) ?? ratios[ratios.length - 1];
  const c = 1 / Math.log(ratio);
  if (!options.logarithmic) {
    return { step: NaN, ratio, log: true, a: low - base, b: (high - low) / tall, c };
  }
  return { step: NaN, ratio, log: false, a: c * Math.log(low - base), b: (c * span) / tall, c };
}

/**
 * The contour coordinate of a height: a + b h, or c log(a + b h); contours are where it is whole.
 * Heights below the lowest loss have the level of that.
 */
export function levelOf({ log, a, b, c }, top) {
  const sum = a + b * Math.max(0, top);
  return log ? c * Math.log(sum) : sum;
}

function roundStep(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  const head = step / power;
  return power * (head < 1.5 ? 1 : head < 3.5 ? 2 : head < 7.5 ? 5 : 10);
}

/** Whether the cell with its lowest corner at k has four heights. */
export function isCell({ h, columns }, k) {
  return !Number.isNaN(h[k] + h[k + 1] + h[k + columns] + h[k + columns + 1]);
}

/** Two triangles a cell; the flatter diagonal is their edge. */
function trianglesOf(ground) {
  const { columns, rows } = ground;
  const found = new Uint32Array(6 * (columns - 1) * (rows - 1));
  let count = 0;
  for (let j = 0; j < rows - 1; j += 1) {
    for (let a = j * columns; a < (j + 1) * columns - 1; a += 1) {
      if (ground.nBlank && !isCell(ground, a)) continue;
      const d = a + columns + 1;
      const flatter = isFlatter(ground, a);
      found[count] = a;
      found[count + 1] = a + 1;
      found[count + 2] = flatter ? d : d - 1;
      found[count + 3] = flatter ? a : a + 1;
      found[count + 4] = d;
      found[count + 5] = d - 1;
      count += 6;
    }
  }
  return found.subarray(0, count);
}

/** Whether the diagonal from the cell's lowest corner is the flatter one. */
function isFlatter({ h, columns }, k) {
  return Math.abs(h[k] - h[k + columns + 1]) < Math.abs(h[k + 1] - h[k + columns]);
}

function heightOfTriangles(ground, u, v) {
  const { X, Y, h, columns } = ground;
  const [i, j] = [stepOf(X, u), stepOf(Y, v)];
  if (i < 0 || j < 0) return NaN;
  const k = j * columns + i;
  const [s, t] = [(u - X[i]) / (X[i + 1] - X[i]), (v - Y[j]) / (Y[j + 1] - Y[j])];
  const [a, b, c, d] = [h[k], h[k + 1], h[k + columns], h[k + columns + 1]];
  if (isFlatter(ground, k)) {
    return s > t ? a + s * (b - a) + t * (d - b) : a + t * (c - a) + s * (d - c);
  }
  return s + t < 1 ? a + s * (b - a) + t * (c - a) : d + (1 - s) * (c - d) + (1 - t) * (b - d);
}

/** The step of an axis that holds a place; -1 off the axis. */
function stepOf(axis, place) {
  let [low, high] = [0, axis.length - 2];
  if (!(place >= axis[0] && place <= axis[high + 1])) return -1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (axis[middle] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

// Outwards along x and y, and the corner of a cell that is the left end of that side.
const SIDES_OF_CELL = [[0, -1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 1], [-1, 0, 0, 1]];

/** The sides of the block down to its base, and the sides of empty cells down to height 0. */
function wallsOf(ground) {
  const { X, Y, h, columns, rows, nBlank } = ground;
  const { base } = GROUND_LOOKS.heights;
  const found = [];
  const inside = (i, j) => i >= 0 && j >= 0 && i < columns - 1 && j < rows - 1;
  const full = (i, j) => !nBlank || isCell(ground, j * columns + i);
  const put = (i, j, outX, outY, firstI, firstJ) => {
    const edge = !inside(i + outX, j + outY);
    const own = full(i, j);
    if (!edge && (!own || full(i + outX, j + outY))) return;
    // From left to right, seen from outside: a quarter turn from the way outwards.
    const [p, q, s, t] = [i + firstI, j + firstJ, i + firstI - outY, j + firstJ + outX];
    const tops = own ? [h[q * columns + p], h[t * columns + s]] : [0, 0];
    found.push([X[p], Y[q], tops[0], X[s], Y[t], tops[1], edge ? base : 0, outX, outY]);
  };
  for (let j = 0; j < rows - 1; j += 1) {
    // Without empty cells only those at the edges have sides.
    const step = nBlank || j === 0 || j === rows - 2 ? 1 : Math.max(1, columns - 2);
    for (let i = 0; i < columns - 1; i += step) {
      for (const side of SIDES_OF_CELL) put(i, j, ...side);
    }
  }
  return found;
}

function hullOf({ X, Y, h, columns, rows, wide, deep }) {
  const { base } = GROUND_LOOKS.heights;
  const found = [];
  for (const s of [-0.5, 0.5]) for (const t of [-0.5, 0.5]) found.push([s * wide, t * deep, base]);
  for (let j = 0; j <= 16; j += 1) {
    for (let i = 0; i <= 16; i += 1) {
      const [p, q] = [Math.round((i / 16) * (columns - 1)), Math.round((j / 16) * (rows - 1))];
      const top = h[q * columns + p];
      found.push([X[p], Y[q], Number.isNaN(top) ? 0 : top]);
    }
  }
  return found;
}
