// The map of a ground: the same picture seen straight from above, and the losses of its contours.

import { levelOf } from "../ground/grid.js";
import { GROUND_LOOKS } from "../ground/ground_looks.js";
import { STAGE_LOOKS } from "./stage_looks.js";

/**
 * Where a map is on its canvas; both axes have one unit.
 * @param {import("../ground/grid.js").Ground} ground
 * @returns {{left: number, top: number, wide: number, tall: number, side: number,
 *   middle: number[], back: (px: number, py: number) => [number, number]}}
 */
export function mapFrame({ wide: w, deep: d }, width, height, unit, zoom) {
  const [left, right, top, bottom] = [58, 16, 26, 44].map((each) => each * unit);
  const side = Math.min((width - left - right) / w, (height - top - bottom) / d);
  const [wide, tall] = [side * w, side * d];
  const from = left + (width - left - right - wide) / 2;
  const middle = [from + wide / 2, top + (height - top - bottom) / 2];
  return {
    left: from, top: middle[1] - tall / 2, wide, tall, side: side * zoom, middle,
    back: (px, py) => [(px - middle[0]) / (side * zoom), (middle[1] - py) / (side * zoom)],
  };
}

/** A camera that looks straight down, without perspective; the light comes from the upper left. */
export function mapCamera({ tall }, { side, middle: [x0, y0] }) {
  const length = Math.hypot(...STAGE_LOOKS.map_light);
  return {
    matrix: Float64Array.from([side, 0, 0, x0, 0, -side, 0, y0, 0, 0, -1, tall, 0, 0, 0, 1]),
    project: (x, y, h) => [x0 + side * x, y0 - side * y, tall - h],
    light: STAGE_LOOKS.map_light.map((each) => each / length), scale: side,
    facing: () => false,
  };
}

/**
 * For every fifth contour a place for its loss: on it, off the runs and the other numbers.
 * @returns {{at: number[], loss: number}[]}
 */
export function levelNumbers(ground, frame, avoid, unit) {
  const { columns, rows, X, Y, h, lines } = ground;
  const { major } = GROUND_LOOKS.lines;
  const levels = new Map();
  const stride = Math.max(1, Math.floor(rows / 40));
  for (let j = 0; j < rows; j += stride) {
    for (let i = 0; i + 1 < columns; i += 1) {
      const [from, to] = [h[j * columns + i], h[j * columns + i + 1]].map((top) =>
        levelOf(lines, top));
      const n = Math.ceil(Math.min(from, to) / major) * major;
      if (!(n < Math.max(from, to))) continue;
      const x = X[i] + ((n - from) / (to - from)) * (X[i + 1] - X[i]);
      const at = [frame.middle[0] + frame.side * x, frame.middle[1] - frame.side * Y[j]];
      levels.set(n, [...(levels.get(n) ?? []), at]);
    }
  }
  const found = [];
  const inside = ([x, y]) => x > frame.left + 26 * unit && x < frame.left + frame.wide - 26 * unit
    && y > frame.top + 14 * unit && y < frame.top + frame.tall - 14 * unit;
  for (const [n, places] of levels) {
    const sum = lines.log ? Math.exp(n / lines.c) : n;
    let [best, room] = [null, 22 * unit];
    for (const at of places.filter(inside)) {
      const near = Math.min(...[...avoid, ...found.map((each) => each.at)].map(([x, y]) =>
        Math.hypot((x - at[0]) / 1.6, y - at[1])), 60 * unit);
      if (near > room) [best, room] = [at, near];
    }
    if (best) found.push({ at: best, loss: ground.lossOf((sum - lines.a) / lines.b) });
  }
  return found;
}
