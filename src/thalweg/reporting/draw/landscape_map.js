// The landscape as a map, on a canvas: colours, contours with their losses, runs.

import { placed, pointAt, unplaced, valueAt } from "./landscape_surface.js";
import { apart, ticks } from "./numbers.js";
import { drawMarks, drawOutlined, drawPieces, drawPlaces, hatching } from "./landscape_marks.js";
import { boxesOfMarks, namesOfPlaces } from "./landscape_marks.js";
import { linesOf, pointsOf, putApart } from "./landscape_labels.js";

const MARGIN = { left: 58, right: 92, top: 18, bottom: 52 };
const WORDS = 12;

/**
 * The position of the map on its canvas; units of a plane have the same length on both axes.
 * @param {Ground} ground
 * @param {number} width
 * @param {number} height
 * @param {number} zoom
 * @returns {{left: number, top: number, wide: number, tall: number,
 *   at: (x: number, y: number) => [number, number],
 *   back: (px: number, py: number) => [number, number]}} positions in the block to pixels, and back
 */
export function frameOf(ground, width, height, zoom) {
  let wide = width - MARGIN.left - MARGIN.right;
  let tall = height - MARGIN.top - MARGIN.bottom;
  const ratio = ground.aspect[0] / ground.aspect[1];
  if (ground.kind === "plane") {
    [wide, tall] = [Math.min(wide, tall * ratio), Math.min(tall, wide / ratio)];
  }
  const left = MARGIN.left + (width - MARGIN.left - MARGIN.right - wide) / 2;
  const top = MARGIN.top + (height - MARGIN.top - MARGIN.bottom - tall) / 2;
  const [farX, farY] = [ground.X[ground.nx - 1], ground.Y[ground.ny - 1]];
  return {
    left, top, wide, tall,
    at: (x, y) => [
      left + wide * (0.5 + (zoom * x) / (2 * farX)),
      top + tall * (0.5 - (zoom * y) / (2 * farY)),
    ],
    back: (px, py) => [
      (((px - left) / wide - 0.5) * 2 * farX) / zoom,
      ((0.5 - (py - top) / tall) * 2 * farY) / zoom,
    ],
  };
}

/**
 * Draw the map.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} height
 * @param {View} view
 */
export function drawMap(pen, width, height, view) {
  const { ground, ink, camera } = view;
  const frame = frameOf(ground, width, height, camera.zoom);
  pen.fillStyle = ink.page;
  pen.fillRect(0, 0, width, height);
  pen.save();
  pen.beginPath();
  pen.rect(frame.left, frame.top, frame.wide, frame.tall);
  pen.clip();
  drawColors(pen, ground, frame, ink);
  const runs = ground.runs.filter((run) => view.shown.has(run.name));
  const inside = { x: frame.left, y: frame.top, wide: frame.wide, tall: frame.tall };
  // The whole runs, at whatever step, so that no number and no name moves with the balls.
  const lines = pointsOf(runs.map((run) => Array.from(run.x, (x, k) =>
    frame.at(...placed(ground, x, run.y[k])))), inside);
  const spotOf = (run) => (point) => frame.at(...placed(ground, run.x[point], run.y[point]));
  const around = [(x, y) => frame.at(...placed(ground, x, y)), inside,
    boxesOfMarks(runs, spotOf), lines];
  // Names have the first choice: a contour has many places for its number.
  drawContours(pen, ground, frame, ink, lines, namesOfPlaces(pen, ground, ink, ...around));
  for (const run of runs) drawRunFlat(pen, ground, frame, ink, run, view.step);
  drawPlaces(pen, ground, ink, ...around);
  pen.restore();
  drawMarks(pen, runs, ink, view.step, spotOf);
  drawAxes(pen, ground, frame, ink);
  drawBar(pen, ground, frame, ink);
  if (view.cursor) drawReticle(pen, frame, view.cursor, ink);
}

function drawReticle(pen, frame, cursor, ink) {
  const [x, y] = frame.at(...cursor);
  drawOutlined(pen, ink, [5, 2], () => pen.arc(x, y, 7, 0, 2 * Math.PI));
}

let painted = { key: "", canvas: null };

/** The colours, pixel by pixel between four points of the grid; kept until something changes. */
function drawColors(pen, ground, frame, ink) {
  const [wide, tall] = [Math.ceil(frame.wide), Math.ceil(frame.tall)];
  const key = [ground.name, wide, tall, ...frame.back(0, 0), ink.dark].join();
  if (painted.key !== key) painted = { key, canvas: paint(ground, frame, ink, wide, tall) };
  pen.drawImage(painted.canvas, frame.left, frame.top);
}

function paint(ground, frame, ink, wide, tall) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [wide, tall];
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(wide, tall);
  const last = ink.ground.length - 1;
  const colors = ink.ground.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const cut = new Path2D();
  for (let v = 0; v < tall; v += 1) {
    for (let u = 0; u < wide; u += 1) {
      const [x, y] = frame.back(frame.left + u + 0.5, frame.top + v + 0.5);
      const top = valueAt(ground, x, y);
      if (!Number.isFinite(top)) continue;
      const share = Math.min(1, Math.max(0, top)) * last;
      const [low, rest] = [Math.floor(share), share % 1];
      const [a, b] = [colors[low], colors[Math.min(last, low + 1)]];
      const place = 4 * (v * wide + u);
      for (let i = 0; i < 3; i += 1) image.data[place + i] = a[i] + rest * (b[i] - a[i]);
      image.data[place + 3] = 255;
      if (v % 4 || u % 4) continue;
      if (valueAt(ground, x, y, ground.losses) > ground.cap) cut.rect(u, v, 4, 4);
    }
  }
  pen.putImageData(image, 0, 0);
  pen.fillStyle = hatching(pen, ink, "cut");
  pen.fill(cut);
  // Where there is no finite loss, the map is blank and hatched.
  pen.globalCompositeOperation = "destination-over";
  pen.fillStyle = hatching(pen, ink, "blank");
  pen.fillRect(0, 0, wide, tall);
  return canvas;
}

/** Contours, by marching squares; each is labelled once, off the runs and the names of places. */
function drawContours(pen, ground, frame, ink, runs, names) {
  const labels = [];
  const written = apart(ground.ticks);
  for (const [i, loss] of ground.ticks.entries()) {
    const pieces = contour(ground, ground.height(loss)).map(([x0, y0, x1, y1]) =>
      [...frame.at(x0, y0), ...frame.at(x1, y1)]);
    pen.strokeStyle = "rgba(0,0,0,0.5)";
    pen.lineWidth = 0.9;
    pen.setLineDash([]);
    pen.beginPath();
    for (const [x0, y0, x1, y1] of pieces) {
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
    }
    pen.stroke();
    const free = pieces.filter(([x, y]) => x > frame.left + 26 && x < frame.left + frame.wide - 26
      && y > frame.top + 14 && y < frame.top + frame.tall - 14
      && labels.every(([u, v]) => Math.hypot(u - x, v - y) > 46)
      && runs.every(([u, v]) => Math.abs(u - x) > 24 || Math.abs(v - y) > 12)
      && names.every((box) => x < box.x - 22 || x > box.x + box.wide + 22 || y < box.y - 10
        || y > box.y + box.tall + 10));
    const chosen = free[Math.floor(free.length * 0.62)];
    if (chosen) labels.push([chosen[0], chosen[1], written[i]]);
  }
  pen.font = `11px ${ink.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const [x, y, words] of labels) {
    pen.strokeStyle = "rgba(255,255,255,0.85)";
    pen.lineWidth = 3;
    pen.strokeText(words, x, y);
    pen.fillStyle = "#111";
    pen.fillText(words, x, y);
  }
}

/**
 * The pieces of a contour, in the block.
 * @param {Ground} ground
 * @param {number} level 0 to 1
 * @returns {[number, number, number, number][]}
 */
export function contour(ground, level) {
  const { nx, ny, X, Y, tops } = ground;
  const found = [];
  for (let j = 0; j < ny - 1; j += 1) {
    for (let i = 0; i < nx - 1; i += 1) {
      const k = j * nx + i;
      const corners = [[i, j, tops[k]], [i + 1, j, tops[k + 1]], [i + 1, j + 1, tops[k + nx + 1]],
        [i, j + 1, tops[k + nx]]];
      if (!corners.every(([, , top]) => Number.isFinite(top))) continue;
      const cuts = [];
      for (let side = 0; side < 4; side += 1) {
        const [a, b] = [corners[side], corners[(side + 1) % 4]];
        if (a[2] < level === b[2] < level) continue;
        const share = (level - a[2]) / (b[2] - a[2]);
        cuts.push([X[a[0]] + share * (X[b[0]] - X[a[0]]), Y[a[1]] + share * (Y[b[1]] - Y[a[1]])]);
      }
      for (let each = 0; each + 1 < cuts.length; each += 2) {
        found.push([...cuts[each], ...cuts[each + 1]]);
      }
    }
  }
  return found;
}

function drawRunFlat(pen, ground, frame, ink, run, step) {
  const last = pointAt(run, step);
  const [points, far] = [[], []];
  for (let i = 0; i < run.x.length && i <= last; i += 1) {
    points.push(frame.at(...placed(ground, run.x[i], run.y[i])));
    far.push(run.off[i] > 0.5);
  }
  drawPieces(pen, points, far, ink, run.look, "beside");
}

function drawAxes(pen, ground, frame, ink) {
  const { left, top, wide, tall, back, at } = frame;
  const from = unplaced(ground, ...back(left, top + tall));
  const to = unplaced(ground, ...back(left + wide, top));
  pen.fillStyle = ink.soft;
  pen.font = `${WORDS}px ${ink.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  const columns = ticks(from[0], to[0], Math.max(2, wide / 80));
  const across = apart(columns).map((words, i) => (
    { words, x: at(...placed(ground, columns[i], ground.y[0]))[0], y: top + tall + 7 }));
  putApart(pen, across, WORDS);
  pen.fillText(fitting(pen, ground.axes[0], wide + 100), left + wide / 2, top + tall + 28);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const rows = ticks(from[1], to[1], Math.max(2, tall / 60));
  const upwards = apart(rows).map((words, i) => (
    { words, x: left - 7, y: at(...placed(ground, ground.x[0], rows[i]))[1] }));
  const widest = putApart(pen, upwards, WORDS);
  pen.save();
  pen.translate(left - Math.max(46, widest + 17), top + tall / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(fitting(pen, ground.axes[1], tall), 0, 0);
  pen.restore();
}

/** The name of an axis, without its unit if there is no room for it. */
function fitting(pen, words, room) {
  return pen.measureText(words).width <= room ? words : words.split(" (")[0];
}

/** The colour bar with its losses. */
function drawBar(pen, ground, frame, ink) {
  pen.font = `${WORDS}px ${ink.font}`;
  const head = linesOf(pen, `loss (${ground.scale_words})`, 70);
  const drop = 2 + 14 * head.length;
  const [x, top, tall] = [frame.left + frame.wide + 18, frame.top + drop, frame.tall - drop];
  const last = ink.ground.length - 1;
  for (let v = 0; v < tall; v += 1) {
    pen.fillStyle = ink.ground[Math.round((1 - v / tall) * last)];
    pen.fillRect(x, top + v, 12, 1.5);
  }
  pen.fillStyle = ink.soft;
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  const losses = apart(ground.ticks).map((words, i) => (
    { words, x: x + 17, y: top + tall * (1 - ground.height(ground.ticks[i])) }));
  putApart(pen, losses, WORDS);
  head.forEach((line, i) => pen.fillText(line, x, frame.top + 4 + 14 * i));
}
