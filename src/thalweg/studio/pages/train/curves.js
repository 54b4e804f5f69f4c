// The curves of runs: they grow by what the server sends, and are asked by step.

/**
 * @typedef {object} Series the points that have a number, in the order of their steps
 * @property {number[]} steps
 * @property {number[]} values
 */

/**
 * @typedef {object} Curve
 * @property {number} last the step of the last point; −1 without one
 * @property {Series} train the loss of the rows of each step
 * @property {Series} whole the loss of all training rows
 * @property {Series} valid the loss of the rows that are held out
 * @property {Series} rate
 * @property {Series[]} gradient of each layer, its size
 */

const NAMES = ["train", "whole", "valid", "rate"];
const empty = () => ({ steps: [], values: [] });

/**
 * @param {number} layers
 * @returns {Curve}
 */
export function makeCurve(layers) {
  return { last: -1, ...Object.fromEntries(NAMES.map((name) => [name, empty()])),
    gradient: Array.from({ length: layers }, empty) };
}

/**
 * Add what a picture has; points that are known already are passed over.
 * @param {Curve} curve
 * @param {Map<string, {values: ArrayLike<number>, shape: number[]}>} arrays
 * @returns {number} how many points are new
 */
export function addPoints(curve, arrays) {
  const steps = arrays.get("step")?.values ?? [];
  const columns = NAMES.map((name) => arrays.get(name).values);
  const norms = arrays.get("gradient")?.values;
  const layers = curve.gradient.length;
  let added = 0;
  for (let i = 0; i < steps.length; i += 1) {
    const step = steps[i];
    if (step <= curve.last) continue;
    NAMES.forEach((name, k) => push(curve[name], step, columns[k][i]));
    curve.gradient.forEach((series, layer) => push(series, step, norms[i * layers + layer]));
    curve.last = step;
    added += 1;
  }
  return added;
}

function push(series, step, value) {
  if (!Number.isFinite(value)) return;
  series.steps.push(step);
  series.values.push(value);
}

/**
 * The loss of a run: of all its training rows; of those of each step where no other was measured.
 * @param {Curve} curve
 * @returns {Series}
 */
export const lossOf = (curve) => (curve.whole.steps.length ? curve.whole : curve.train);

/**
 * The place of the last point at or before a step; −1 if there is none.
 * @param {Series} series
 * @param {number} step
 */
export function placeAt({ steps }, step) {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The value at a step, or the last one before it, and the step at which it was measured; null if there
 * is none. In a long run losses are measured at some of its steps, and never at the point after the last.
 * @param {Series} series
 * @param {number} step
 * @returns {{step: number, value: number}|null}
 */
export function pointAt(series, step) {
  const k = placeAt(series, step);
  return k < 0 ? null : { step: series.steps[k], value: series.values[k] };
}

/** The value that was measured at just this step; NaN if none was. */
export function valueAt(series, step) {
  const point = pointAt(series, step);
  return point?.step === step ? point.value : NaN;
}

/**
 * The least value so far, and its step; null without a value.
 * @param {Series} series
 */
export function leastOf({ steps, values }) {
  let best = -1;
  for (let k = 0; k < values.length; k += 1) {
    if (best < 0 || values[k] < values[best]) best = k;
  }
  return best < 0 ? null : { step: steps[best], value: values[best] };
}

/** What is best in a run: of the rows that are held out, or of the training rows if none are. */
export function bestOf(curve) {
  const found = leastOf(curve.valid);
  return found ? { ...found, of: "held-out" } : { ...leastOf(lossOf(curve)), of: "training" };
}

const MOST_DRAWN = 3000; // points of a line: more are not seen
const thin = new WeakMap();

/**
 * A series for drawing: of very many points the lowest and the highest of each group.
 * @param {Series} series
 * @returns {Series}
 */
export function drawnOf(series) {
  const n = series.values.length;
  if (n <= MOST_DRAWN) return series;
  const before = thin.get(series);
  if (before && before.n <= n && n < 1.02 * before.n) return before.drawn;
  const size = Math.ceil((2 * n) / MOST_DRAWN);
  const drawn = empty();
  for (let from = 0; from < n; from += size) {
    const to = Math.min(n, from + size);
    let [low, high] = [from, from];
    for (let k = from; k < to; k += 1) {
      if (series.values[k] < series.values[low]) low = k;
      if (series.values[k] > series.values[high]) high = k;
    }
    const places = new Set([Math.min(low, high), Math.max(low, high), ...(to === n ? [n - 1] : [])]);
    for (const k of places) push(drawn, series.steps[k], series.values[k]);
  }
  thin.set(series, { n, drawn });
  return drawn;
}
