// The teaching ground in the page: its loss and gradient, and heavy balls on it. Its Python twins
// are `Hills` and `descent_runs`; the lesson compares them when it opens.

export const NEITHER = 0;
export const LOWEST = 1;
export const LOCAL = 2;
export const OUTSIDE = 3;

/**
 * The loss and its gradient: ½ bowl ‖p‖² and bumps h exp(−½ dᵀ Q d).
 * @param {{floor: number, bowl: number, bumps: number[][]}} hills each bump is
 *   [h, x, y, Q₁₁, Q₁₂, Q₂₂]
 * @returns {(x: number, y: number) => [number, number, number]}
 */
export function hillsOf({ floor, bowl, bumps }) {
  return (x, y) => {
    let [loss, gx, gy] = [floor + 0.5 * bowl * (x * x + y * y), bowl * x, bowl * y];
    for (const [height, cx, cy, q11, q12, q22] of bumps) {
      const [dx, dy] = [x - cx, y - cy];
      const [px, py] = [q11 * dx + q12 * dy, q12 * dx + q22 * dy];
      const value = height * Math.exp(-0.5 * (dx * px + dy * py));
      loss += value;
      gx -= value * px;
      gy -= value * py;
    }
    return [loss, gx, gy];
  };
}

/** The largest difference from Python's numbers, rows of [x, y, loss, slope, slope]. */
export function distanceOfHills(hills, checked) {
  return Math.max(...checked.map(([x, y, ...python]) =>
    Math.max(...hills(x, y).map((each, i) => Math.abs(each - python[i])))));
}

/**
 * The way of a heavy ball: v ← μ v + ∇f, p ← p − rate v.
 * @param {(x: number, y: number) => number[]} hills
 * @param {number[]} start
 * @param {{rate: number, momentum: number, shrink: number}} rule shrink is the part of the rate
 *   that falls to 0 along half a wave of the cosine
 * @param {number} steps
 * @returns {{x: number[], y: number[], loss: number[]}} it ends before a number is not finite
 */
export function rollOn(hills, start, { rate, momentum = 0, shrink = 0 }, steps) {
  let [x, y] = start;
  let [vx, vy] = [0, 0];
  const way = { x: [], y: [], loss: [] };
  for (let step = 0; ; step += 1) {
    const [loss, gx, gy] = hills(x, y);
    if (!Number.isFinite(loss)) return way;
    way.x.push(x);
    way.y.push(y);
    way.loss.push(loss);
    if (step === steps) return way;
    const part = 1 - shrink + shrink * ((1 + Math.cos((Math.PI * step) / steps)) / 2);
    vx = momentum * vx + gx;
    vy = momentum * vy + gy;
    x -= rate * part * vx;
    y -= rate * part * vy;
  }
}

/** The first step from which a loss stays below a limit to the last step; null for never. */
export function settledFrom({ loss }, limit, steps) {
  if (loss.length <= steps) return null;
  let first = loss.length;
  while (first > 0 && loss[first - 1] < limit) first -= 1;
  return first < loss.length ? first : null;
}

/** Where a way ends: in the lowest minimum, in the local one, in neither, or outside. */
export function endOf({ x, y }, { minima, near, seen, steps }) {
  const [u, v] = [x.at(-1), y.at(-1)];
  const inside = x.length > steps && u >= seen[0] && u <= seen[1] && v >= seen[2] && v <= seen[3];
  if (!inside) return OUTSIDE;
  return minima.findIndex((each) => Math.hypot(u - each.x, v - each.y) < near) + 1;
}

/** Where each setting of the map ends, momenta by rates. */
export function endsOfAll(hills, start, facts) {
  return facts.momenta.map((momentum) => facts.rates.map((rate) =>
    endOf(rollOn(hills, start, { rate, momentum }, facts.steps), facts)));
}

/**
 * A way as a run of a sheet, up to where it leaves what is seen.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, loss: ArrayLike<number>}} way
 * @param {{look: number, words: string}} named
 * @param {{seen: number[], steps: number}} facts
 */
export function runOf(way, { look, words }, { seen, steps }) {
  const out = Array.from(way.x).findIndex((x, i) => !(x >= seen[0] && x <= seen[1]
    && way.y[i] >= seen[2] && way.y[i] <= seen[3]));
  const count = out < 0 ? way.x.length : Math.max(1, out);
  const [x, y, loss] = [way.x, way.y, way.loss].map((list) => Array.from(list).slice(0, count));
  return {
    name: words, words, look, x, y, loss, drawn: loss, off: loss.map(() => 0),
    steps: loss.map((_, i) => i), best: 0, diverged: count <= steps,
  };
}
