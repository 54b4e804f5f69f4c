// A camera before a ground: perspective, a frame that the block fills, and the light.
//
// Its Python twin is `relief_camera`; the numbers of both are in ground_looks.js.

import { GROUND_LOOKS } from "./ground_looks.js";

/**
 * @typedef {object} GroundCamera
 * @property {(x: number, y: number, h: number) => [number, number, number]} project from the block
 *   to pixels from the upper left, and depth: about how far behind the middle of the block, in
 *   sides of the block (exact there; farther away less than that). Depth is linear along lines in
 *   the picture, and what has less of it is in front.
 * @property {Float64Array} matrix 4 × 4, row by row; its rows give pixels, depth and the divisor
 * @property {number} scale pixels of a side of the block, at its middle
 * @property {number} distance from the eye to the middle
 * @property {number[]} eye, right, towards in the block; `towards` is the unit vector to the eye
 * @property {number[]} light unit vector to the light
 * @property {(x: number, y: number, outX: number, outY: number) => boolean} facing whether the eye
 *   sees the outer side of an upright face through (x, y)
 * @property {number} azimuth, elevation, zoom
 */

/**
 * A camera whose picture the ground fills, whatever way it is turned.
 * @param {object} options
 * @param {import("./grid.js").Ground} options.ground
 * @param {number} options.width, options.height of the picture, in pixels
 * @param {number} [options.azimuth] degrees; at 0 the reader looks along y, at 90 against x
 * @param {number} [options.elevation] degrees above the horizon
 * @param {number} [options.zoom]
 * @param {{left: number, right: number, top: number, bottom: number}} [options.margins] pixels
 * @param {number[][]} [options.more] points [x, y, h] that the picture has to hold, too
 * @returns {GroundCamera}
 */
export function makeCamera({
  ground, width, height, azimuth = 0, elevation, zoom = 1, margins, more = [],
}) {
  const { field, distance, middle, light, ...rest } = GROUND_LOOKS.camera;
  const raised = elevation ?? rest.elevation;
  const [turn, rise] = [(azimuth * Math.PI) / 180, (raised * Math.PI) / 180];
  const ahead = [-Math.sin(turn), Math.cos(turn), 0];
  const towards = [-ahead[0] * Math.cos(rise), -ahead[1] * Math.cos(rise), Math.sin(rise)];
  const right = [Math.cos(turn), Math.sin(turn), 0];
  const up = [ahead[0] * Math.sin(rise), ahead[1] * Math.sin(rise), Math.cos(rise)];
  const eye = [0, 1, 2].map((i) => towards[i] * distance + (i === 2 ? ground.tall * middle : 0));
  const away = towards.map((each) => -each);
  const row = (way, factor, more) =>
    [...way.map((each) => each * factor), -factor * innerProduct(way, eye) + more];
  const focal = 1 / Math.tan((field * Math.PI) / 360);
  const last = row(away, 1, 0);
  const depth = row(away, distance, -distance * distance);
  const free = margins ?? marginsOf(rest.margins, width, height);
  const rows = [row(right, focal, 0), row(up, -focal, 0), depth, last];
  const hull = [...ground.hull, ...more];
  const framed = intoFrame(rows, hull, insideOf(width, height, free), zoom);
  const matrix = Float64Array.from(framed.rows.flat());
  const level = [0, 1, 2].map((i) => light.right * right[i] + light.forward * ahead[i]);
  const lamp = [level[0], level[1], level[2] + light.up];
  const length = Math.hypot(...lamp);
  return {
    project: (x, y, h) => projected(matrix, x, y, h),
    matrix, eye, right, towards, distance, azimuth, elevation: raised, zoom,
    scale: (framed.factor * focal) / distance,
    light: lamp.map((each) => each / length),
    facing: (x, y, outX, outY) => outX * (eye[0] - x) + outY * (eye[1] - y) > 0,
  };
}

/**
 * The azimuth from which the start is at the back and the ends are in front, a little to the side.
 * @param {[number, number]} start in the block
 * @param {[number, number][]} ends
 * @returns {number} degrees
 */
export function azimuthOf(start, ends) {
  const middle = (i) => ends.reduce((sum, end) => sum + end[i], 0) / ends.length;
  const [x, y] = [middle(0) - start[0], middle(1) - start[1]];
  const { turn } = GROUND_LOOKS.camera;
  const straight = Math.hypot(x, y) < 1e-9 ? 0 : Math.round((Math.atan2(x, -y) * 180) / Math.PI);
  // Of the two ways, the one from which the block shows a corner more than a face.
  const corner = (angle) => Math.abs(((angle % 90) + 90) % 90 - 45);
  return corner(straight + turn) < corner(straight - turn) ? straight + turn : straight - turn;
}

const innerProduct = (p, q) => p[0] * q[0] + p[1] * q[1] + p[2] * q[2];

function projected(m, x, y, h) {
  const over = 1 / (m[12] * x + m[13] * y + m[14] * h + m[15]);
  return [
    (m[0] * x + m[1] * y + m[2] * h + m[3]) * over,
    (m[4] * x + m[5] * y + m[6] * h + m[7]) * over,
    (m[8] * x + m[9] * y + m[10] * h + m[11]) * over,
  ];
}

function marginsOf(margins, width, height) {
  return {
    left: margins.left * width, right: margins.right * width,
    top: margins.top * height, bottom: margins.bottom * height,
  };
}

function insideOf(width, height, { left, right, top, bottom }) {
  const [wide, high] = [Math.max(1, width - left - right), Math.max(1, height - top - bottom)];
  return { left, top, wide, high };
}

/** Shift and scale the picture, so that the points of the hull fill the frame. */
function intoFrame(rows, hull, frame, zoom) {
  const m = rows.flat();
  const seen = hull.map((point) => projected(m, ...point));
  const ends = [0, 1].map((i) => seen.reduce(([low, high], point) =>
    [Math.min(low, point[i]), Math.max(high, point[i])], [Infinity, -Infinity]));
  const factor = zoom * Math.min(
    frame.wide / (ends[0][1] - ends[0][0]), frame.high / (ends[1][1] - ends[1][0]),
  );
  const middles = [frame.left + frame.wide / 2, frame.top + frame.high / 2];
  const shifted = (i) => rows[i].map((each, k) =>
    factor * each + (middles[i] - (factor * (ends[i][0] + ends[i][1])) / 2) * rows[3][k]);
  return { rows: [shifted(0), shifted(1), rows[2], rows[3]], factor };
}
