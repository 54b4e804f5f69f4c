// The landscape as a 3-D block, on a canvas.

import { TALL, isHidden, placed, pointAt, projection, valueAt } from "./landscape_surface.js";
import { apart, ticks } from "./numbers.js";
import { drawCross, drawMarks, drawOutlined, drawPieces, drawPlaces } from "./landscape_marks.js";
import { boxesOfMarks, hatching } from "./landscape_marks.js";
import { linesOf, pointsOf, putApart } from "./landscape_labels.js";

const FLOOR = -0.02;
const STEM = 0.02; // nobody would see a shorter one
const LABEL = 12; // pixels of the font

/**
 * @typedef {object} View
 * @property {Ground} ground
 * @property {Camera} camera
 * @property {object} ink colours of the light or dark mode
 * @property {Set<string>} shown names of runs
 * @property {number} step
 * @property {boolean} lifted whether runs are drawn at their true loss
 * @property {[number, number]|null} cursor position in the block
 */

/**
 * Draw the block.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width in CSS pixels
 * @param {number} height
 * @param {View} view
 */
export function drawBlock(pen, width, height, view) {
  const { ground, ink } = view;
  const eye = projection(view.camera, ground.aspect, width, height);
  pen.fillStyle = ink.page;
  pen.fillRect(0, 0, width, height);
  const words = []; // the boxes of all labels
  drawFloor(pen, ground, eye, ink, { words, width, height });
  drawCells(pen, ground, eye, ink);
  drawPost(pen, ground, eye, ink, words);
  const onGround = (x, y) => {
    const [u, v] = placed(ground, x, y);
    return eye.at(u, v, TALL * valueAt(ground, u, v) + 0.006);
  };
  const runs = ground.runs.filter((run) => view.shown.has(run.name));
  for (const run of runs) drawRun(pen, view, eye, run);
  const marks = boxesOfMarks(runs, (run) => headOf(ground, eye, run));
  const whole = { x: 0, y: 0, wide: width, tall: height };
  const edges = edgesOf(ground, eye);
  // Only names of places avoid them, and most landscapes have none.
  const lines = ground.places.length
    ? [...runs.map((run) => walkInPixels(view, eye, run)), ...edges] : [];
  drawPlaces(pen, ground, ink, onGround, whole, [...words, ...marks], pointsOf(lines, whole));
  drawMarks(pen, runs, ink, view.step, (run) => spotOf(pen, ground, eye, ink, run));
  if (view.cursor) {
    const [x, y] = view.cursor;
    const top = valueAt(ground, x, y);
    if (Number.isFinite(top)) drawCross(pen, eye.at(x, y, TALL * top), ink, 9, [5, 2]);
  }
}

/** The edges of the floor and the post of the heights, in pixels. */
function edgesOf(ground, eye) {
  const { nx, ny, X, Y } = ground;
  const corners = [[X[0], Y[0]], [X[nx - 1], Y[0]], [X[nx - 1], Y[ny - 1]], [X[0], Y[ny - 1]]];
  const floor = [...corners, corners[0]].map(([x, y]) => eye.at(x, y, FLOOR));
  const [x, y] = corners.reduce((one, other) =>
    (eye.at(...other, 0)[0] < eye.at(...one, 0)[0] ? other : one));
  const post = [eye.at(x, y, 0), eye.at(x, y, TALL)].map(([u, v]) => [u - 8, v]);
  return [floor, post];
}

/** A whole run as it is drawn, in pixels. */
function walkInPixels(view, eye, run) {
  const { time, x, y, z } = run.walk;
  return Array.from(time, (at, k) => eye.at(x[k], y[k],
    view.lifted ? TALL * view.ground.height(lossAt(run, at)) : z[k]));
}

/** Paint cells from the farthest to the nearest, so that near ones cover far ones. */
function drawCells(pen, ground, eye, ink) {
  const { nx, ny, X, Y, tops, losses, cap } = ground;
  const [px, py] = [new Float32Array(nx * ny), new Float32Array(nx * ny)];
  for (let j = 0, k = 0; j < ny; j += 1) {
    for (let i = 0; i < nx; i += 1, k += 1) [px[k], py[k]] = eye.at(X[i], Y[j], TALL * tops[k]);
  }
  const [c, s] = eye.towards;
  const rows = Array.from({ length: ny - 1 }, (_, j) => (s > 0 ? j : ny - 2 - j));
  const columns = Array.from({ length: nx - 1 }, (_, i) => (c > 0 ? i : nx - 2 - i));
  const last = ink.ground.length - 1;
  const hatch = hatching(pen, ink, "cut");
  pen.lineWidth = 0.7;
  pen.lineJoin = "round";
  for (const j of rows) {
    for (const i of columns) {
      const k = j * nx + i;
      const top = (tops[k] + tops[k + 1] + tops[k + nx] + tops[k + nx + 1]) / 4;
      if (!Number.isFinite(top)) continue;
      pen.beginPath();
      pen.moveTo(px[k], py[k]);
      pen.lineTo(px[k + 1], py[k + 1]);
      pen.lineTo(px[k + nx + 1], py[k + nx + 1]);
      pen.lineTo(px[k + nx], py[k + nx]);
      pen.closePath();
      const color = Math.round(top * last);
      pen.fillStyle = ink.ground[color];
      pen.fill();
      pen.strokeStyle = ink.edges[color];
      pen.stroke();
      if (Math.max(losses[k], losses[k + 1], losses[k + nx], losses[k + nx + 1]) > cap) {
        pen.fillStyle = hatch;
        pen.fill();
      }
    }
  }
}

function drawFloor(pen, ground, eye, ink, room) {
  const { nx, ny, X, Y, tops } = ground;
  const [x0, x1, y0, y1] = [X[0], X[nx - 1], Y[0], Y[ny - 1]];
  const corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
  pen.strokeStyle = ink.soft;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const [x, y] of corners) pen.lineTo(...eye.at(x, y, FLOOR));
  pen.closePath();
  pen.stroke();
  // Cells without a finite loss are left empty, and the floor is hatched.
  pen.fillStyle = hatching(pen, ink, "blank");
  for (let j = 0; j < ny - 1; j += 1) {
    for (let i = 0; i < nx - 1; i += 1) {
      const k = j * nx + i;
      if (Number.isFinite(tops[k] + tops[k + 1] + tops[k + nx] + tops[k + nx + 1])) continue;
      pen.beginPath();
      pen.moveTo(...eye.at(X[i], Y[j], FLOOR));
      pen.lineTo(...eye.at(X[i + 1], Y[j], FLOOR));
      pen.lineTo(...eye.at(X[i + 1], Y[j + 1], FLOOR));
      pen.lineTo(...eye.at(X[i], Y[j + 1], FLOOR));
      pen.fill();
    }
  }
  for (let side = 0; side < 4; side += 1) {
    const [a, b] = [corners[side], corners[(side + 1) % 4]];
    const isNear = eye.depth((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) < -1e-6;
    if (isNear) drawEdge(pen, ground, eye, ink, a, b, side, room);
  }
}

/** Numbers and name along the near edges of the floor. */
function drawEdge(pen, ground, eye, ink, a, b, side, room) {
  const isX = side % 2 === 0;
  const list = isX ? ground.x : ground.y;
  pen.fillStyle = ink.soft;
  pen.font = `${LABEL - 1}px ${ink.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  const [p, q] = [eye.at(...a, FLOOR), eye.at(...b, FLOOR)];
  const away = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
  const centre = eye.at(0, 0, FLOOR);
  const norm = Math.hypot(away[0] - centre[0], away[1] - centre[1]) || 1;
  const out = [(away[0] - centre[0]) / norm, (away[1] - centre[1]) / norm];
  const long = Math.hypot(q[0] - p[0], q[1] - p[1]);
  if (long < 90) return; // seen end on: no room for words
  const marks = ticks(list[0], list[list.length - 1], 4);
  const written = apart(marks);
  const labels = marks.map((value, i) => {
    const [x, y] = isX ? [placed(ground, value, ground.y[0])[0], a[1]]
      : [a[0], placed(ground, ground.x[0], value)[1]];
    const [u, v] = eye.at(x, y, FLOOR);
    const words = written[i];
    // Draw a wide number further out, so that it does not cross the edge.
    const far = 13 + Math.abs(out[0]) * Math.max(0, pen.measureText(words).width / 2 - 10);
    return { words, x: u + far * out[0], y: v + far * out[1] - LABEL / 2 };
  });
  const widest = putApart(pen, labels, LABEL, room.words);
  const far = 34 + Math.abs(out[0]) * Math.max(0, widest - 22);
  let slope = Math.atan2(q[1] - p[1], q[0] - p[0]);
  if (Math.abs(slope) > Math.PI / 2) slope += Math.PI;
  const from = [away[0] + far * out[0], away[1] + far * out[1]];
  drawTitle(pen, ground.axes[isX ? 0 : 1].split(" (")[0], from, slope, long, ink, room);
}

/** The name of an axis along its edge, in lines no longer than the edge, inside the picture. */
function drawTitle(pen, title, from, slope, long, ink, { words, width, height }) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.font = `${LABEL}px ${ink.font}`;
  const [c, s, step] = [Math.cos(slope), Math.sin(slope), LABEL + 2];
  const lines = linesOf(pen, title, long);
  const wide = Math.max(...lines.map((line) => pen.measureText(line).width));
  // The middle of the first line, moved so far that all lines are inside.
  const reach = (a, b) => (Math.abs(a) * wide + Math.abs(b) * LABEL) / 2 + 4;
  const more = (lines.length - 1) * step;
  const into = (at, size, half, shift) => Math.max(half - Math.min(0, shift),
    Math.min(size - half - Math.max(0, shift), at));
  const x = into(from[0], width, reach(c, s), -s * more);
  // It moves along the edge, because the numbers are beside it.
  const along = Math.abs(c) > 0.2 ? ((x - from[0]) * s) / c : 0;
  const y = into(from[1] + along, height, reach(s, c), c * more);
  pen.save();
  pen.translate(x, y);
  pen.rotate(slope);
  lines.forEach((line, i) => pen.fillText(line, 0, i * step));
  pen.restore();
  // A turned line takes the room of small boxes along it.
  for (let i = 0; i < lines.length; i += 1) {
    const half = pen.measureText(lines[i]).width / 2;
    for (let t = -half; t <= half; t += LABEL) {
      const [u, v] = [x + t * c - i * step * s, y + t * s + i * step * c];
      words.push({ x: u - LABEL / 2, y: v - LABEL / 2, wide: LABEL, tall: LABEL });
    }
  }
}

/** The scale of heights: losses at the leftmost corner of the picture. */
function drawPost(pen, ground, eye, ink, words) {
  const { nx, ny, X, Y } = ground;
  const corners = [[X[0], Y[0]], [X[nx - 1], Y[0]], [X[nx - 1], Y[ny - 1]], [X[0], Y[ny - 1]]];
  const lefts = corners.map(([x, y]) => eye.at(x, y, 0)[0]);
  const [x, y] = corners[lefts.indexOf(Math.min(...lefts))];
  const [foot, head] = [eye.at(x, y, 0), eye.at(x, y, TALL)];
  pen.strokeStyle = ink.soft;
  pen.fillStyle = ink.soft;
  pen.lineWidth = 1;
  pen.font = `${LABEL}px ${ink.font}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const left = foot[0] - 8;
  pen.beginPath();
  pen.moveTo(left, foot[1]);
  pen.lineTo(left, head[1]);
  const written = apart(ground.ticks);
  const labels = ground.ticks.map((loss, i) => {
    const [, v] = eye.at(x, y, TALL * ground.height(loss));
    pen.moveTo(left - 4, v);
    pen.lineTo(left, v);
    return { words: written[i], x: left - 7, y: v };
  });
  pen.stroke();
  putApart(pen, labels, LABEL + 1, words);
  // Right of the post the surface may be higher: the title ends where the post is.
  const title = linesOf(pen, `loss (${ground.scale_words})`, 70);
  const wide = Math.max(...title.map((line) => pen.measureText(line).width));
  const end = Math.max(left + 4, wide + 4);
  const first = Math.max(8, head[1] - 14 * title.length - 2);
  title.forEach((line, i) => {
    pen.fillText(line, end, first + 14 * i);
    words.push({ x: end - wide, y: first + 14 * i - 7, wide, tall: 14 });
  });
}

/** The heights of a run: of its true losses, or of the surface below it. */
function drawRun(pen, view, eye, run) {
  const { ground } = view;
  const { time, x, y, z } = run.walk;
  const last = pointAt(run, view.step);
  const [points, hidden] = [[], []];
  for (let k = 0; k < time.length && time[k] <= last + 1e-6; k += 1) {
    const top = view.lifted ? TALL * ground.height(lossAt(run, time[k])) : z[k];
    points.push(eye.at(x[k], y[k], top));
    hidden.push(isHidden(ground, eye.towards, x[k], y[k], top));
  }
  drawPieces(pen, points, hidden, view.ink, run.look, "hidden");
}

function lossAt(run, time) {
  const i = Math.min(run.loss.length - 2, Math.floor(time));
  if (i < 0) return run.loss[0];
  return run.loss[i] + (time - i) * (run.loss[i + 1] - run.loss[i]);
}

/** Where the marks of a run are. */
function headOf(ground, eye, run) {
  return (point, kind) => {
    const [x, y] = placed(ground, run.x[point], run.y[point]);
    // A diverged run is cut at the edge of the surface, or before its loss explodes: its cross is
    // on the surface.
    const top = kind === "lost" ? valueAt(ground, x, y) : ground.height(run.loss[point]);
    return eye.at(x, y, TALL * top);
  };
}

/** Where the marks of a run are, with the stems to them drawn. */
function spotOf(pen, ground, eye, ink, run) {
  const at = headOf(ground, eye, run);
  return (point, kind) => {
    const head = at(point, kind);
    if (kind !== "lost") drawStem(pen, ground, eye, ink, run, point, head);
    return head;
  };
}

/** A line from the surface to the true loss of a point, if the two differ. */
function drawStem(pen, ground, eye, ink, run, point, head) {
  const [x, y] = placed(ground, run.x[point], run.y[point]);
  const [low, top] = [TALL * valueAt(ground, x, y), TALL * ground.height(run.loss[point])];
  if (Math.abs(top - low) <= STEM * TALL) return;
  const foot = eye.at(x, y, low);
  drawOutlined(pen, ink, [4, 1.5], () => {
    pen.moveTo(...foot);
    pen.lineTo(...head);
  });
}

/**
 * The visible grid point that is nearest to a pixel.
 * @param {View} view
 * @param {number} width
 * @param {number} height
 * @param {number} px
 * @param {number} py
 * @returns {[number, number]|null} position in the block
 */
export function blockAt(view, width, height, px, py) {
  const { ground } = view;
  const eye = projection(view.camera, ground.aspect, width, height);
  let [best, nearest] = [null, 24 * 24];
  for (let j = 0; j < ground.ny; j += 1) {
    for (let i = 0; i < ground.nx; i += 1) {
      const top = TALL * ground.tops[j * ground.nx + i];
      const [u, v] = eye.at(ground.X[i], ground.Y[j], top);
      const far = (u - px) ** 2 + (v - py) ** 2;
      if (far >= nearest) continue;
      if (isHidden(ground, eye.towards, ground.X[i], ground.Y[j], top + 0.01)) continue;
      [best, nearest] = [[ground.X[i], ground.Y[j]], far];
    }
  }
  return best;
}
