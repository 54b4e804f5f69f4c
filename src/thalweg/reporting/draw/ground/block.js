// Paints the sides of a block with their strata, and the floor of empty cells.

import { isCell } from "./grid.js";
import { GROUND_LOOKS } from "./ground_looks.js";
import { eased, lengthOf, mixed, packed, thinLine } from "./ink.js";

/** The sides of the block that face the reader, with the levels of the contours as strata. */
export function paintWalls(ground, camera, looks, target) {
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
    const [left, right] = [corner(x0, y0, bottom), corner(x1, y1, bottom)];
    const [high, far] = [corner(x0, y0, top0), corner(x1, y1, top1)];
    wallTriangle(left, right, far, color, ground, looks, target);
    wallTriangle(left, far, high, color, ground, looks, target);
  }
}

function wallTriangle(a, b, c, color, { lines }, looks, { width, height, pixels, depth }) {
  const { strength, more_strength: more } = GROUND_LOOKS.strata;
  const contour = GROUND_LOOKS.contour_px;
  const line = looks.wall_line;
  const plain = packed(color[0], color[1], color[2]);
  const form = triangleForm(a, b, c);
  if (!form) return;
  const { px, py, qx, qy } = form;
  const [za, zp, zq] = changes(a, b, c, 2);
  const [ta, tp, tq] = changes(a, b, c, 3);
  const [wa, wp, wq] = changes(a, b, c, 4);
  eachPixel(form, width, height, (at, p, q) => {
    const deep = za + p * zp + q * zq;
    if (deep >= depth[at]) return;
    depth[at] = deep;
    pixels[at] = plain;
    // Height over the divisor and 1 over the divisor are linear in the picture, height is not.
    const over = wa + p * wp + q * wq;
    const top = (ta + p * tp + q * tq) / over;
    if (top < 0) return;
    const sum = lines.a + lines.b * top;
    const level = lines.log ? lines.c * Math.log(sum) : sum;
    const perHeight = lines.log ? (lines.c * lines.b) / sum : lines.b;
    const rp = (tp - top * wp) / over;
    const rq = (tq - top * wq) / over;
    const rate = perHeight * lengthOf(rp * px + rq * qx, rp * py + rq * qy);
    const whole = Math.round(level);
    if (Math.abs(level - whole) >= contour.edge * rate) return;
    const alpha = thinLine(level, rate) * (1 - eased(contour.crowd_from, contour.crowd_to, rate))
      * (strength + (whole % GROUND_LOOKS.lines.major === 0 ? more : 0));
    pixels[at] = inked(color, line, alpha);
  });
}

const inked = (color, line, alpha) => packed(
  mixed(color[0], line[0], alpha), mixed(color[1], line[1], alpha), mixed(color[2], line[2], alpha),
);

/** A number of the first corner, and its changes to the second and the third. */
const changes = (a, b, c, i) => [a[i], b[i] - a[i], c[i] - a[i]];

/** Cells without a finite loss: at the bottom of the block, blank and hatched. */
export function paintFloors(ground, camera, looks, { width, height, pixels, depth }) {
  const { X, Y, columns, rows } = ground;
  const { period, strength } = GROUND_LOOKS.hatching;
  const corner = (i, j) => [...camera.project(X[i], Y[j], 0), (X[i] + Y[j]) / period];
  const paint = (a, b, c) => {
    const form = triangleForm(a, b, c);
    if (!form) return;
    const [za, zp, zq] = changes(a, b, c, 2);
    const [ha, hp, hq] = changes(a, b, c, 3);
    const rate = lengthOf(hp * form.px + hq * form.qx, hp * form.py + hq * form.qy);
    eachPixel(form, width, height, (at, p, q) => {
      const deep = za + p * zp + q * zq;
      if (deep >= depth[at]) return;
      depth[at] = deep;
      const alpha = strength * thinLine(ha + p * hp + q * hq, rate);
      pixels[at] = inked(looks.blank, looks.hatch_blank, alpha);
    });
  };
  for (let j = 0; j < rows - 1; j += 1) {
    for (let i = 0; i < columns - 1; i += 1) {
      if (isCell(ground, j * columns + i)) continue;
      paint(corner(i, j), corner(i + 1, j), corner(i + 1, j + 1));
      paint(corner(i, j), corner(i + 1, j + 1), corner(i, j + 1));
    }
  }
}

/** The changes of the shares p and q, to the right and down, of a triangle that faces the eye. */
function triangleForm(a, b, c) {
  const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]];
  const area = ux * vy - uy * vx;
  if (!(area < 0)) return null;
  const [px, py, qx, qy] = [vy / area, -vx / area, -uy / area, ux / area];
  const shares = [0, 0, 0];
  return {
    px, py, qx, qy, x: a[0], y: a[1],
    left: a[0] + Math.min(0, ux, vx), right: a[0] + Math.max(0, ux, vx),
    // Of the second, third and first corner: changes downwards, and values in the row of the first.
    slopes: [py, qy, -py - qy],
    sharesAt(dx) {
      shares[0] = px * dx;
      shares[1] = qx * dx;
      shares[2] = 1 - shares[0] - shares[1];
      return shares;
    },
  };
}

/** The first row of a column that is in a triangle; `slope` is a share's change downwards. */
function firstRow(shares, slopes, top) {
  let from = 0;
  for (let k = 0; k < 3; k += 1) {
    if (slopes[k] > 0) from = Math.max(from, Math.ceil(top - (shares[k] + 1e-6) / slopes[k] - 0.5));
    else if (slopes[k] === 0 && shares[k] < -1e-6) return Infinity;
  }
  return from;
}

function lastRow(shares, slopes, top, height) {
  let to = height - 1;
  for (let k = 0; k < 3; k += 1) {
    if (slopes[k] < 0) to = Math.min(to, Math.floor(top - (shares[k] + 1e-6) / slopes[k] - 0.5));
  }
  return to;
}

/** Calls a function for each pixel of a triangle, by columns: sides are narrow and high. */
function eachPixel(form, width, height, call) {
  const { px, py, qx, qy, x, y, slopes } = form;
  const last = Math.min(width - 1, Math.floor(form.right - 0.5));
  for (let column = Math.max(0, Math.ceil(form.left - 0.5)); column <= last; column += 1) {
    const dx = column + 0.5 - x;
    const shares = form.sharesAt(dx);
    const to = lastRow(shares, slopes, y, height);
    for (let row = firstRow(shares, slopes, y); row <= to; row += 1) {
      const dy = row + 0.5 - y;
      call(row * width + column, px * dx + py * dy, qx * dx + qy * dy);
    }
  }
}
