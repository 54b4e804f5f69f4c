// Paints a ground into pixels by triangles and a depth buffer, so that others can draw over it.
//
// Its Python twin is `relief_raster`; the numbers of both are in ground_looks.js.

import { paintFloors, paintWalls } from "./block.js";
import { smoothEdges } from "./edges.js";
import { GROUND_LOOKS } from "./ground_looks.js";
import { eased, lengthOf, mixed, packed, thinLine } from "./ink.js";
import { paintShadow } from "./shadow.js";

/**
 * @typedef {object} GroundBuffers
 * @property {number} width, height
 * @property {ImageData} image for `putImageData`: not painted pixels are transparent
 * @property {Uint32Array} pixels the same memory: alpha, blue, green, red
 * @property {Float32Array} depth of what is in front in each pixel, as `project` gives it; Infinity
 *   where nothing is
 */

/** What lies on the ground is not hidden by the triangle under it: so much depth is forgiven. */
export const GROUND_LIFT = GROUND_LOOKS.depth.lift;

/**
 * Buffers for pictures of one size, to be used again for each frame.
 * @param {number} width
 * @param {number} height
 * @returns {GroundBuffers}
 */
export function makeBuffers(width, height) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  return { width, height, image, pixels, depth: new Float32Array(width * height) };
}

/**
 * Paint a ground: shade, tint, open sky, contours, the block with its strata; cut cells hatched.
 *
 * A thing at [px, py, depth] of the camera's `project` is hidden where
 * `depth[y * width + x] < its depth - GROUND_LIFT`, with x and y rounded down.
 * @param {import("./grid.js").Ground} ground
 * @param {import("./camera.js").GroundCamera} camera
 * @param {object} looks `GROUND_LOOKS.light` or `GROUND_LOOKS.dark`
 * @param {number} width
 * @param {number} height
 * @param {GroundBuffers} [given] of `makeBuffers`, with this width and height
 * @returns {GroundBuffers}
 */
export function paintGround(ground, camera, looks, width, height, given) {
  const buffers = given ?? makeBuffers(width, height);
  buffers.pixels.fill(0);
  buffers.depth.fill(Infinity);
  const vertices = litVertices(ground, camera, looks, buffers);
  const target = { width, height, pixels: buffers.pixels, depth: buffers.depth };
  paintMesh(ground, vertices, looks, target);
  paintWalls(ground, camera, looks, target);
  if (ground.nBlank) paintFloors(ground, camera, looks, target);
  smoothEdges(camera, ground, buffers);
  paintShadow(ground, camera, looks, target);
  return buffers;
}

/** Tint, open sky and contrast of each point of the mesh: the same from every side. */
function tintedVertices({ h, sky, tall }, { tints }) {
  const { shade } = GROUND_LOOKS;
  const found = { contrast: new Float64Array(h.length), color: new Float64Array(3 * h.length) };
  for (let k = 0; k < h.length; k += 1) {
    const share = h[k] / tall;
    found.contrast[k] = shade.low_contrast
      + shade.high_contrast * eased(0, shade.contrast_height, share);
    const open = mixed(shade.sky_dark, 1, eased(shade.sky_from, shade.sky_to, sky[k]));
    const along = Math.min(2.999999, Math.max(0, 3 * share)) || 0;
    const [low, high] = [tints[Math.floor(along)], tints[Math.floor(along) + 1]];
    for (let n = 0; n < 3; n += 1) {
      found.color[3 * k + n] = open * mixed(low[n], high[n], along - Math.floor(along));
    }
  }
  return found;
}

/** Every point of the mesh in pixels, with its colour, and the tone of a contour through it. */
function litVertices(ground, camera, looks, buffers) {
  const { X, Y, h, slopeX, slopeY, columns, rows } = ground;
  const { shade, contour_px: contour } = GROUND_LOOKS;
  const count = columns * rows;
  if (buffers.vertices?.x.length !== count) {
    const names = ["x", "y", "z", "r", "g", "b", "tone"];
    buffers.vertices = Object.fromEntries(names.map((name) => [name, new Float64Array(count)]));
  }
  if (buffers.tinted?.ground !== ground || buffers.tinted.looks !== looks) {
    buffers.tinted = { ground, looks, ...tintedVertices(ground, looks) };
  }
  const { x, y, z, r, g, b, tone } = buffers.vertices;
  const { contrast, color } = buffers.tinted;
  const m = camera.matrix;
  const [lightX, lightY, lightZ] = camera.light;
  const { cool, warm } = looks;
  for (let j = 0, k = 0; j < rows; j += 1) {
    for (let i = 0; i < columns; i += 1, k += 1) {
      const top = h[k];
      const over = 1 / (m[12] * X[i] + m[13] * Y[j] + m[14] * top + m[15]);
      x[k] = (m[0] * X[i] + m[1] * Y[j] + m[2] * top + m[3]) * over;
      y[k] = (m[4] * X[i] + m[5] * Y[j] + m[6] * top + m[7]) * over;
      z[k] = (m[8] * X[i] + m[9] * Y[j] + m[10] * top + m[11]) * over;
      // The share of the light, in units of that of level ground.
      const lit = (lightZ - slopeX[k] * lightX - slopeY[k] * lightY)
        / Math.sqrt(1 + slopeX[k] * slopeX[k] + slopeY[k] * slopeY[k]) / lightZ;
      const bright = mixed(shade.far_tone, eased(shade.from, shade.to, lit), contrast[k]);
      r[k] = color[3 * k] * mixed(cool[0], warm[0], bright);
      g[k] = color[3 * k + 1] * mixed(cool[1], warm[1], bright);
      b[k] = color[3 * k + 2] * mixed(cool[2], warm[2], bright);
      tone[k] = eased(contour.tone_from, contour.tone_to, lit);
    }
  }
  return buffers.vertices;
}

function paintMesh(ground, vertices, looks, target) {
  const { triangles } = ground;
  const paint = meshTriangle(ground, vertices, looks, target);
  for (let k = 0; k < triangles.length; k += 3) {
    paint(triangles[k], triangles[k + 1], triangles[k + 2]);
  }
}

/** A function that paints one triangle of the mesh, given the numbers of its corners. */
function meshTriangle(ground, { x, y, z, r, g, b, tone }, looks, { width, height, pixels, depth }) {
  const { level, cut } = ground;
  const contour = GROUND_LOOKS.contour_px;
  const reach = contour.edge + contour.more_edge;
  const dark = looks.dark_line;
  const pale = looks.pale_line;
  const hatched = hatchOf(ground, looks);
  return (i, j, k) => {
    const ax = x[i];
    const ay = y[i];
    const ux = x[j] - ax;
    const uy = y[j] - ay;
    const vx = x[k] - ax;
    const vy = y[k] - ay;
    const area = ux * vy - uy * vx;
    // In pixels y goes down, so what is seen from above has a negative area.
    if (!(area < 0)) return;
    const left = Math.max(0, Math.ceil(ax + Math.min(0, ux, vx) - 0.5));
    const last = Math.min(width - 1, Math.floor(ax + Math.max(0, ux, vx) - 0.5));
    const top = Math.max(0, Math.ceil(ay + Math.min(0, uy, vy) - 0.5));
    const bottom = Math.min(height - 1, Math.floor(ay + Math.max(0, uy, vy) - 0.5));
    if (left > last || top > bottom) return;
    // Shares of the second and third corner: p = px (column) + py (row), the same for q.
    const px = vy / area;
    const py = -vx / area;
    const qx = -uy / area;
    const qy = ux / area;
    const za = z[i];
    const zp = z[j] - za;
    const zq = z[k] - za;
    const ra = r[i];
    const rp = r[j] - ra;
    const rq = r[k] - ra;
    const ga = g[i];
    const gp = g[j] - ga;
    const gq = g[k] - ga;
    const ba = b[i];
    const bp = b[j] - ba;
    const bq = b[k] - ba;
    const la = level[i];
    const lp = level[j] - la;
    const lq = level[k] - la;
    const rate = lengthOf(lp * px + lq * qx, lp * py + lq * qy);
    const near = reach * rate;
    const crowd = 1 - eased(contour.crowd_from, contour.crowd_to, rate);
    const lines = crowd > 0 && rate > 1e-9
      && Math.floor(la + Math.max(0, lp, lq) + near) >= Math.ceil(la + Math.min(0, lp, lq) - near);
    const isCut = cut[i] + cut[j] + cut[k];
    for (let row = top; row <= bottom; row += 1) {
      const dy = row + 0.5 - ay;
      for (let column = left; column <= last; column += 1) {
        const dx = column + 0.5 - ax;
        const p = px * dx + py * dy;
        const q = qx * dx + qy * dy;
        if (p < -1e-6 || q < -1e-6 || p + q > 1.000001) continue;
        const at = row * width + column;
        const deep = za + p * zp + q * zq;
        if (deep >= depth[at]) continue;
        depth[at] = deep;
        let red = ra + p * rp + q * rq;
        let green = ga + p * gp + q * gq;
        let blue = ba + p * bp + q * bq;
        if (lines) {
          const value = la + p * lp + q * lq;
          const whole = Math.round(value);
          const away = Math.abs(value - whole) / rate;
          if (away < reach) {
            const more = whole % GROUND_LOOKS.lines.major === 0 ? 1 : 0;
            const core = contour.core + more * contour.more_core;
            const edge = contour.edge + more * contour.more_edge;
            const alpha = crowd * (contour.strength + more * contour.more_strength)
              * (1 - eased(core, edge, away));
            const light = tone[i] + p * (tone[j] - tone[i]) + q * (tone[k] - tone[i]);
            red = mixed(red, mixed(dark[0], pale[0], light), alpha);
            green = mixed(green, mixed(dark[1], pale[1], light), alpha);
            blue = mixed(blue, mixed(dark[2], pale[2], light), alpha);
          }
        }
        if (isCut) {
          const alpha = hatched(i, j, k, p, q, px, py, qx, qy);
          red = mixed(red, looks.hatch_cut[0], alpha);
          green = mixed(green, looks.hatch_cut[1], alpha);
          blue = mixed(blue, looks.hatch_cut[2], alpha);
        }
        pixels[at] = packed(red, green, blue);
      }
    }
  };
}

/** How dark the hatching is in a pixel of a triangle: lines on the ground, 1 px wide. */
function hatchOf({ X, Y, columns, cut }, looks) {
  const { period, strength } = GROUND_LOOKS.hatching;
  const along = (k) => (X[k % columns] + Y[Math.floor(k / columns)]) / period;
  return (i, j, k, p, q, px, py, qx, qy) => {
    const share = cut[i] + p * (cut[j] - cut[i]) + q * (cut[k] - cut[i]);
    if (share < 0.5) return 0;
    const [a, b, c] = [along(i), along(j) - along(i), along(k) - along(i)];
    return strength * thinLine(a + p * b + q * c, lengthOf(b * px + c * qx, b * py + c * qy));
  };
}
