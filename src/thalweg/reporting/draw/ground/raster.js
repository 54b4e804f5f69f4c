// Paints a ground into pixels by triangles and a depth buffer, so that others can draw over it.
//
// Its Python twin is `relief_raster`; the numbers of both are in ground_looks.js.

import { isCell, isFlatter, levelOf } from "./grid.js";
import { GROUND_LOOKS } from "./ground_looks.js";

/**
 * @typedef {object} GroundBuffers
 * @property {number} width, height
 * @property {ImageData} image for `putImageData`: not painted pixels are transparent
 * @property {Uint32Array} pixels the same memory: alpha, blue, green, red
 * @property {Float32Array} depth of what is in front in each pixel, as `project` gives it; Infinity
 *   where nothing is
 */

/** A depth that is nearer than the ground by this is not hidden by the triangle it lies on. */
export const GROUND_LIFT = 0.004;

/**
 * Buffers for pictures of one size, to be used again for each frame.
 * @param {number} width
 * @param {number} height
 * @returns {GroundBuffers}
 */
export function makeBuffers(width, height) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  return { width, height, image, pixels, depth: new Float32Array(width * height), vertices: null };
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
 * @param {GroundBuffers} [buffers] of `makeBuffers`, with this width and height
 * @returns {GroundBuffers}
 */
export function paintGround(ground, camera, looks, width, height, buffers = makeBuffers(width, height)) {
  buffers.pixels.fill(0);
  buffers.depth.fill(Infinity);
  const vertices = litVertices(ground, camera, looks, buffers);
  const target = { width, height, pixels: buffers.pixels, depth: buffers.depth };
  paintMesh(ground, vertices, looks, target);
  paintWalls(ground, camera, looks, target);
  if (ground.nBlank) paintFloors(ground, camera, looks, target);
  smoothEdges(camera, target);
  return buffers;
}

const mixed = (from, to, share) => from + (to - from) * share;

function eased(from, to, value) {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return share * share * (3 - 2 * share);
}

/** Every point of the mesh in pixels, with its colour, and the tone of a contour through it. */
function litVertices(ground, camera, looks, buffers) {
  const { X, Y, h, slopeX, slopeY, sky, columns, rows, tall } = ground;
  const { shade, contour_px: contour } = GROUND_LOOKS;
  const count = columns * rows;
  if (buffers.vertices?.x.length !== count) {
    const names = ["x", "y", "z", "r", "g", "b", "tone"];
    buffers.vertices = Object.fromEntries(names.map((name) => [name, new Float64Array(count)]));
  }
  const { x, y, z, r, g, b, tone } = buffers.vertices;
  const m = camera.matrix;
  const [lightX, lightY, lightZ] = camera.light;
  const { tints, cool, warm } = looks;
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
      const share = top / tall;
      const contrast = shade.low_contrast + shade.high_contrast * eased(0, shade.contrast_height, share);
      const bright = mixed(shade.far_tone, eased(shade.from, shade.to, lit), contrast);
      const open = mixed(shade.sky_dark, 1, eased(shade.sky_from, shade.sky_to, sky[k]));
      const along = Math.min(2.999999, Math.max(0, 3 * share));
      const low = tints[Math.floor(along)];
      const high = tints[Math.floor(along) + 1];
      const part = along - Math.floor(along);
      r[k] = mixed(low[0], high[0], part) * mixed(cool[0], warm[0], bright) * open;
      g[k] = mixed(low[1], high[1], part) * mixed(cool[1], warm[1], bright) * open;
      b[k] = mixed(low[2], high[2], part) * mixed(cool[2], warm[2], bright) * open;
      tone[k] = eased(contour.tone_from, contour.tone_to, lit);
    }
  }
  return buffers.vertices;
}

function paintMesh(ground, vertices, looks, target) {
  const { columns, rows, level } = ground;
  const triangle = meshTriangle(ground, vertices, looks, target);
  for (let j = 0; j < rows - 1; j += 1) {
    for (let i = 0; i < columns - 1; i += 1) {
      const k = j * columns + i;
      if (!isCell(ground, k)) continue;
      if (isFlatter(ground, k)) {
        triangle(k, k + 1, k + columns + 1, level);
        triangle(k, k + columns + 1, k + columns, level);
      } else {
        triangle(k, k + 1, k + columns, level);
        triangle(k + 1, k + columns + 1, k + columns, level);
      }
    }
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
    const [ux, uy, vx, vy] = [x[j] - ax, y[j] - ay, x[k] - ax, y[k] - ay];
    const area = ux * vy - uy * vx;
    // In pixels y goes down, so what is seen from above has a negative area.
    if (!(area < 0)) return;
    const left = Math.max(0, Math.ceil(ax + Math.min(0, ux, vx) - 0.5));
    const last = Math.min(width - 1, Math.floor(ax + Math.max(0, ux, vx) - 0.5));
    const top = Math.max(0, Math.ceil(ay + Math.min(0, uy, vy) - 0.5));
    const bottom = Math.min(height - 1, Math.floor(ay + Math.max(0, uy, vy) - 0.5));
    if (left > last || top > bottom) return;
    const over = 1 / area;
    // Shares of the second and third corner: p = px (column) + py (row), the same for q.
    const px = vy * over;
    const py = -vx * over;
    const qx = -uy * over;
    const qy = ux * over;
    const [za, zp, zq] = [z[i], z[j] - z[i], z[k] - z[i]];
    const [ra, rp, rq] = [r[i], r[j] - r[i], r[k] - r[i]];
    const [ga, gp, gq] = [g[i], g[j] - g[i], g[k] - g[i]];
    const [ba, bp, bq] = [b[i], b[j] - b[i], b[k] - b[i]];
    const [la, lp, lq] = [level[i], level[j] - level[i], level[k] - level[i]];
    const rate = Math.hypot(lp * px + lq * qx, lp * py + lq * qy);
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
            const alpha = crowd * (contour.strength + more * contour.more_strength) * (1 - eased(
              contour.core + more * contour.more_core, contour.edge + more * contour.more_edge, away,
            ));
            const light = tone[i] + p * (tone[j] - tone[i]) + q * (tone[k] - tone[i]);
            red = mixed(red, mixed(dark[0], pale[0], light), alpha);
            green = mixed(green, mixed(dark[1], pale[1], light), alpha);
            blue = mixed(blue, mixed(dark[2], pale[2], light), alpha);
          }
        }
        if (isCut) {
          const alpha = hatched(i, j, k, p, q, px, py, qx, qy);
          red = mixed(red, looks.hatch[0], alpha);
          green = mixed(green, looks.hatch[1], alpha);
          blue = mixed(blue, looks.hatch[2], alpha);
        }
        pixels[at] = packed(red, green, blue);
      }
    }
  };
}

function packed(red, green, blue) {
  const [r, g, b] = [red > 255 ? 255 : red + 0.5, green > 255 ? 255 : green + 0.5, blue > 255 ? 255 : blue + 0.5];
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
}

/** How dark the hatching is in a pixel of a triangle: lines on the ground, 1 px wide. */
function hatchOf({ X, Y, columns, cut }, looks) {
  const { period, strength } = GROUND_LOOKS.hatching;
  const along = (k) => (X[k % columns] + Y[Math.floor(k / columns)]) / period;
  return (i, j, k, p, q, px, py, qx, qy) => {
    const share = cut[i] + p * (cut[j] - cut[i]) + q * (cut[k] - cut[i]);
    if (share < 0.5) return 0;
    const [a, b, c] = [along(i), along(j) - along(i), along(k) - along(i)];
    return strength * thinLine(a + p * b + q * c, Math.hypot(b * px + c * qx, b * py + c * qy));
  };
}

/** 1 on whole numbers, 0 a pixel away from them; `rate` is the change of a value per pixel. */
function thinLine(value, rate) {
  const { core, edge } = GROUND_LOOKS.contour_px;
  return 1 - eased(core, edge, Math.abs(value - Math.round(value)) / Math.max(rate, 1e-9));
}

/** The sides of the block that face the reader, with the levels of the contours as strata. */
function paintWalls(ground, camera, looks, target) {
  const { plain, lit, least_lit: least } = GROUND_LOOKS.strata;
  const m = camera.matrix;
  const corner = (x, y, top) => {
    const point = camera.project(x, y, top);
    const over = 1 / (m[12] * x + m[13] * y + m[14] * top + m[15]);
    return [...point, top * over, over];
  };
  for (const [x0, y0, top0, x1, y1, top1, bottom, outX, outY] of ground.walls) {
    if (!camera.facing(x0, y0, outX, outY)) continue;
    const glow = plain + lit * Math.max(least, outX * camera.light[0] + outY * camera.light[1]);
    const color = looks.wall.map((each) => each * glow);
    const corners = [corner(x0, y0, bottom), corner(x1, y1, bottom), corner(x1, y1, top1), corner(x0, y0, top0)];
    wallTriangle(corners[0], corners[1], corners[2], color, ground, looks, target);
    wallTriangle(corners[0], corners[2], corners[3], color, ground, looks, target);
  }
}

function wallTriangle(a, b, c, color, { lines }, looks, { width, height, pixels, depth }) {
  const { strength, more_strength: more } = GROUND_LOOKS.strata;
  const contour = GROUND_LOOKS.contour_px;
  eachPixel(a, b, c, width, height, (at, p, q, px, py, qx, qy) => {
    const mix = (i) => a[i] + p * (b[i] - a[i]) + q * (c[i] - a[i]);
    const deep = mix(2);
    if (deep >= depth[at]) return;
    depth[at] = deep;
    // Height over the divisor and 1 over the divisor are linear in the picture, height is not.
    const [over, top] = [mix(4), mix(3) / mix(4)];
    const slope = (x, y) => {
      const rise = (b[3] - a[3]) * x + (c[3] - a[3]) * y;
      return (rise - top * ((b[4] - a[4]) * x + (c[4] - a[4]) * y)) / over;
    };
    const level = levelOf(lines, top);
    const perHeight = lines.log ? (lines.c * lines.b) / (lines.a + lines.b * Math.max(0, top)) : lines.b;
    const rate = perHeight * Math.hypot(slope(px, qx), slope(py, qy));
    const whole = Math.round(level);
    const alpha = top < 0 ? 0 : thinLine(level, rate) * (1 - eased(contour.crowd_from, contour.crowd_to, rate))
      * (strength + (whole % GROUND_LOOKS.lines.major === 0 ? more : 0));
    const line = looks.wall_line;
    pixels[at] = packed(mixed(color[0], line[0], alpha), mixed(color[1], line[1], alpha), mixed(color[2], line[2], alpha));
  });
}

/** Cells without a finite loss: at the bottom of the block, blank and hatched. */
function paintFloors(ground, camera, looks, { width, height, pixels, depth }) {
  const { X, Y, columns, rows } = ground;
  const { period, strength } = GROUND_LOOKS.hatching;
  const corner = (i, j) => [...camera.project(X[i], Y[j], 0), (X[i] + Y[j]) / period];
  const paint = (a, b, c) => eachPixel(a, b, c, width, height, (at, p, q, px, py, qx, qy) => {
    const deep = a[2] + p * (b[2] - a[2]) + q * (c[2] - a[2]);
    if (deep >= depth[at]) return;
    depth[at] = deep;
    const [u, v] = [b[3] - a[3], c[3] - a[3]];
    const alpha = strength * thinLine(a[3] + p * u + q * v, Math.hypot(u * px + v * qx, u * py + v * qy));
    const [red, green, blue] = looks.blank.map((each, n) => mixed(each, looks.hatch[n], alpha));
    pixels[at] = packed(red, green, blue);
  });
  for (let j = 0; j < rows - 1; j += 1) {
    for (let i = 0; i < columns - 1; i += 1) {
      if (isCell(ground, j * columns + i)) continue;
      paint(corner(i, j), corner(i + 1, j), corner(i + 1, j + 1));
      paint(corner(i, j), corner(i + 1, j + 1), corner(i, j + 1));
    }
  }
}

/** Calls a function for each pixel whose middle is in a triangle that faces the eye. */
function eachPixel(a, b, c, width, height, call) {
  const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]];
  const area = ux * vy - uy * vx;
  if (!(area < 0)) return;
  const left = Math.max(0, Math.ceil(a[0] + Math.min(0, ux, vx) - 0.5));
  const last = Math.min(width - 1, Math.floor(a[0] + Math.max(0, ux, vx) - 0.5));
  const top = Math.max(0, Math.ceil(a[1] + Math.min(0, uy, vy) - 0.5));
  const bottom = Math.min(height - 1, Math.floor(a[1] + Math.max(0, uy, vy) - 0.5));
  const [px, py, qx, qy] = [vy / area, -vx / area, -uy / area, ux / area];
  for (let row = top; row <= bottom; row += 1) {
    const dy = row + 0.5 - a[1];
    for (let column = left; column <= last; column += 1) {
      const dx = column + 0.5 - a[0];
      const [p, q] = [px * dx + py * dy, qx * dx + qy * dy];
      if (p >= -1e-6 && q >= -1e-6 && p + q <= 1.000001) call(row * width + column, p, q, px, py, qx, qy);
    }
  }
}

/** Where depth bends sharply is an edge: its pixels get an eighth of each neighbour. */
function smoothEdges(camera, { width, height, pixels, depth }) {
  const bend = GROUND_LOOKS.edges.bend_px / camera.scale;
  const [places, colors] = [[], []];
  for (let row = 1; row < height - 1; row += 1) {
    for (let at = row * width + 1; at < row * width + width - 1; at += 1) {
      const own = 2 * depth[at];
      if (own === Infinity && depth[at - 1] === Infinity && depth[at + 1] === Infinity
        && depth[at - width] === Infinity && depth[at + width] === Infinity) continue;
      if (Math.abs(depth[at - 1] + depth[at + 1] - own) <= bend
        && Math.abs(depth[at - width] + depth[at + width] - own) <= bend) continue;
      places.push(at);
      colors.push(blended(pixels[at], [pixels[at - 1], pixels[at + 1], pixels[at - width], pixels[at + width]]));
    }
  }
  places.forEach((at, i) => { pixels[at] = colors[i]; });
}

/** Half of a pixel and an eighth of each neighbour; a transparent one has no colour to give. */
function blended(own, neighbours) {
  let [alpha, red, green, blue] = [0, 0, 0, 0];
  const add = (color, weight) => {
    if (color >>> 24 === 0) return;
    alpha += weight;
    red += weight * (color & 255);
    green += weight * ((color >>> 8) & 255);
    blue += weight * ((color >>> 16) & 255);
  };
  add(own, 4);
  for (const each of neighbours) add(each, 1);
  const part = (sum) => Math.round(sum / alpha);
  return ((Math.round((alpha * 255) / 8) << 24) | (part(blue) << 16) | (part(green) << 8) | part(red)) >>> 0;
}
