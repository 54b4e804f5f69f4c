// How much of the sky each point of a ground sees: soft shadow, the same from every side.
//
// Its Python twin is `open_sky`.

import { GROUND_LOOKS } from "./ground_looks.js";

/**
 * The share of the sky that is seen from each point of the mesh: the mean over directions of
 * 1 / (1 + m²), where m is the steepest rise that is seen. Every second point, linear between.
 */
export function openSky({ columns, rows, wide, deep, X, Y, h }) {
  const { directions, first, growth, reach, stride, table } = GROUND_LOOKS.sky;
  const [nearX, nearY] = [nearestTable(X, wide, table), nearestTable(Y, deep, table)];
  const [ownX, ownY] = [strided(columns, stride), strided(rows, stride)];
  const ways = Array.from({ length: directions }, (_, d) => (2 * Math.PI * d) / directions);
  const [cosines, sines] = [ways.map(Math.cos), ways.map(Math.sin)];
  const rings = [];
  for (let r = first; r < reach; r *= growth) rings.push(r);
  const coarse = new Float64Array(ownX.length * ownY.length);
  let at = 0;
  for (const j of ownY) {
    for (const i of ownX) {
      const x = X[i];
      const y = Y[j];
      const top = h[j * columns + i];
      let sum = 0;
      for (let d = 0; d < directions; d += 1) {
        let steepest = 0;
        for (let ring = 0; ring < rings.length; ring += 1) {
          const s = (x + rings[ring] * cosines[d]) / wide + 0.5;
          const t = (y + rings[ring] * sines[d]) / deep + 0.5;
          if (s < 0 || s > 1 || t < 0 || t > 1) break;
          const p = nearX[(s * table + 0.5) | 0];
          const q = nearY[(t * table + 0.5) | 0];
          const rise = h[q * columns + p] - top;
          if (!(rise > 0)) continue;
          const u = X[p] - x;
          const v = Y[q] - y;
          // Squares, so that no root is taken.
          steepest = Math.max(steepest, (rise * rise) / (u * u + v * v));
        }
        sum += 1 / (1 + steepest);
      }
      coarse[at] = sum / directions;
      at += 1;
    }
  }
  return spreadSky(coarse, ownX, ownY, columns, rows);
}

/** For even places along an axis the index of the nearest coordinate. */
function nearestTable(axis, side, count) {
  const found = new Uint16Array(count + 1);
  let i = 0;
  for (let k = 0; k <= count; k += 1) {
    const place = (k / count - 0.5) * side;
    while (i + 1 < axis.length && axis[i + 1] - place <= place - axis[i]) i += 1;
    found[k] = i;
  }
  return found;
}

function strided(count, stride) {
  const found = [];
  for (let i = 0; i < count - 1; i += stride) found.push(i);
  return [...found, count - 1];
}

function spreadSky(coarse, ownX, ownY, columns, rows) {
  const across = new Float64Array(ownY.length * columns);
  ownY.forEach((_, j) => {
    for (let k = 0; k + 1 < ownX.length; k += 1) {
      const [from, to] = [coarse[j * ownX.length + k], coarse[j * ownX.length + k + 1]];
      for (let i = ownX[k]; i <= ownX[k + 1]; i += 1) {
        across[j * columns + i] = from + (to - from) * (i - ownX[k]) / (ownX[k + 1] - ownX[k]);
      }
    }
  });
  const found = new Float64Array(rows * columns);
  for (let k = 0; k + 1 < ownY.length; k += 1) {
    for (let j = ownY[k]; j <= ownY[k + 1]; j += 1) {
      const share = (j - ownY[k]) / (ownY[k + 1] - ownY[k]);
      for (let i = 0; i < columns; i += 1) {
        const [from, to] = [across[k * columns + i], across[(k + 1) * columns + i]];
        found[j * columns + i] = from + (to - from) * share;
      }
    }
  }
  return found;
}
