// Lines with outlines, marks, labels and hatching: what the 3-D block and the map share.

import { boxBeside, boxOf } from "./landscape_labels.js";
import { pointAt } from "./landscape_surface.js";

/** Corners or curves of the markers, for a radius of 1, as Matplotlib's letters name them. */
const MARKERS = {
  o: null,
  s: [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]],
  "^": [[0, -1.15], [1.05, 0.8], [-1.05, 0.8]],
  D: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
  v: [[0, 1.15], [1.05, -0.8], [-1.05, -0.8]],
  P: [[-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1],
    [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]],
  p: Array.from({ length: 5 }, (_, i) => [Math.sin(i * 0.4 * Math.PI) * 1.1,
    -Math.cos(i * 0.4 * Math.PI) * 1.1]),
  "<": [[-1.15, 0], [0.8, -1.05], [0.8, 1.05]],
  ">": [[1.15, 0], [-0.8, -1.05], [-0.8, 1.05]],
  "*": Array.from({ length: 10 }, (_, i) => [Math.sin(i * 0.2 * Math.PI) * (i % 2 ? 0.62 : 1.5),
    -Math.cos(i * 0.2 * Math.PI) * (i % 2 ? 0.62 : 1.5)]),
  X: [[-1, -0.55], [-0.55, -1], [0, -0.45], [0.55, -1], [1, -0.55], [0.45, 0], [1, 0.55],
    [0.55, 1], [0, 0.45], [-0.55, 1], [-1, 0.55], [-0.45, 0]],
};

/**
 * The colours and fonts of the light or dark mode.
 * @param {object} data the page's data
 * @param {boolean} dark
 * @param {string} font
 * @returns {object}
 */
export function inkOf(data, dark, font) {
  const colors = data.colors[dark ? "dark" : "light"];
  const ground = data.ground;
  const shaded = (hex) => {
    const parts = [1, 3, 5].map((i) => Math.round(parseInt(hex.slice(i, i + 2), 16) * 0.86));
    return `rgb(${parts.join(",")})`;
  };
  return { ...colors, dark, font, ground, edges: ground.map(shaded), looks: data.looks };
}

/**
 * The colour of a run.
 * @param {object} ink
 * @param {number} look
 * @returns {string}
 */
export function colorOf(ink, look) {
  return ink.looks[look][ink.dark ? "dark" : "light"];
}

/**
 * A line through points: with an outline where it is visible, dotted and pale where it is hidden,
 * thin where the run is far off the sheet.
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number][]} points
 * @param {object} ink
 * @param {number} look
 * @param {"plain"|"hidden"|"beside"} how
 */
function drawStroke(pen, points, ink, look, how) {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.lineJoin = "round";
  pen.lineCap = "butt";
  const width = how === "plain" ? 2.8 : 1.7;
  if (how !== "hidden") {
    pen.setLineDash([]);
    pen.strokeStyle = ink.page;
    pen.lineWidth = width + 3;
    pen.stroke();
  }
  const dash = ink.looks[look].dash.map((each) => each * width);
  pen.setLineDash(how === "plain" ? dash : [1.5, 3]);
  pen.strokeStyle = colorOf(ink, look);
  pen.lineWidth = width;
  pen.globalAlpha = how === "hidden" ? 0.8 : 1;
  pen.stroke();
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

/**
 * The line of a run, in pieces that are drawn alike.
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number][]} points
 * @param {boolean[]} apart of each point, whether the line up to it is drawn the other way
 * @param {object} ink
 * @param {number} look
 * @param {"hidden"|"beside"} other the other way
 */
export function drawPieces(pen, points, apart, ink, look, other) {
  let from = 0;
  for (let k = 1; k <= points.length; k += 1) {
    if (k < points.length && apart[k] === apart[k - 1]) continue;
    // A piece goes on to the first point of the next, so that no gap is left.
    const piece = points.slice(from, k + 1);
    if (piece.length > 1) drawStroke(pen, piece, ink, look, apart[k - 1] ? other : "plain");
    from = k;
  }
}

const CROSS = 13; // pixels of a cross with its outline

/**
 * The marks of runs with their pixels. Crosses that would lie on each other are side by side.
 * @param {Run[]} runs
 * @param {(run: Run) => (point: number, kind: string) => [number, number]} at
 * @param {(run: Run) => number} last the last point of a run that is drawn
 * @returns {{kind: string, look: number, spot: [number, number]}[]}
 */
function spotsOfMarks(runs, at, last) {
  const found = runs.flatMap((run) => marksOf(run).filter(([, point]) => point <= last(run))
    .map(([kind, point]) => ({ kind, look: run.look, spot: at(run)(point, kind) })));
  const crosses = found.filter(({ kind }) => kind === "lost");
  const moved = crosses.map((one) => {
    const same = crosses.filter(({ spot: [u, v] }) =>
      Math.hypot(u - one.spot[0], v - one.spot[1]) < CROSS / 2);
    return CROSS * (same.indexOf(one) - (same.length - 1) / 2);
  });
  crosses.forEach((one, k) => { one.spot = [one.spot[0] + moved[k], one.spot[1]]; });
  return found;
}

/**
 * The marks of runs up to a step, and their balls if they go on. The start, which runs share, is
 * below all other marks.
 * @param {CanvasRenderingContext2D} pen
 * @param {Run[]} runs
 * @param {object} ink
 * @param {number} step
 * @param {(run: Run) => (point: number, kind: string) => [number, number]} at the pixel of a point
 */
export function drawMarks(pen, runs, ink, step, at) {
  const here = (run) => Math.floor(pointAt(run, step) + 1e-6);
  const marks = spotsOfMarks(runs, at, here);
  const order = ["start", "best", "end", "lost"];
  marks.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  for (const { kind, look, spot } of marks) drawMark(pen, kind, spot, ink, look);
  for (const run of runs) {
    if (here(run) < run.x.length - 1) drawBall(pen, at(run)(here(run), "ball"), ink, run.look);
  }
}

/**
 * A line in ink with an outline in the colour of the page.
 * @param {CanvasRenderingContext2D} pen
 * @param {object} ink
 * @param {[number, number]} widths of the outline and of the line
 * @param {() => void} path adds the line to the pen's path
 */
export function drawOutlined(pen, ink, widths, path) {
  pen.setLineDash([]);
  [ink.page, ink.ink].forEach((color, i) => {
    pen.strokeStyle = color;
    pen.lineWidth = widths[i];
    pen.beginPath();
    path();
    pen.stroke();
  });
}

/**
 * A cross with an outline.
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number]} at
 * @param {object} ink
 * @param {number} size of an arm
 * @param {[number, number]} widths of the outline and of the line
 */
export function drawCross(pen, [x, y], ink, size, widths) {
  drawOutlined(pen, ink, widths, () => {
    pen.moveTo(x - size, y);
    pen.lineTo(x + size, y);
    pen.moveTo(x, y - size);
    pen.lineTo(x, y + size);
  });
}

/**
 * The marked points of a run; a star only where there is no other mark.
 * @param {Run} run
 * @returns {[string, number][]}
 */
function marksOf(run) {
  const end = run.x.length - 1;
  const best = [0, end].includes(run.best) ? [] : [["best", run.best]];
  return [["start", 0], ...best, [run.diverged ? "lost" : "end", end]];
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} kind "start", "best", "end" or "lost"
 * @param {[number, number]} at
 * @param {object} ink
 * @param {number} look
 */
function drawMark(pen, kind, at, ink, look) {
  const shapes = { start: "o", best: "*", end: ink.looks[look].marker, lost: "X" };
  const isStart = kind === "start";
  shape(pen, shapes[kind], at, isStart ? 5.5 : 6, isStart ? ink.page : colorOf(ink, look),
    isStart ? ink.ink : ink.page);
}

/**
 * The ball at the current position of a run.
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number]} at
 * @param {object} ink
 * @param {number} look
 */
function drawBall(pen, at, ink, look) {
  shape(pen, ink.looks[look].marker, at, 7, colorOf(ink, look), ink.page);
}

function shape(pen, marker, [x, y], size, fill, rim) {
  pen.beginPath();
  if (MARKERS[marker]) {
    for (const [u, v] of MARKERS[marker]) pen.lineTo(x + size * u, y + size * v);
    pen.closePath();
  } else pen.arc(x, y, size, 0, 2 * Math.PI);
  pen.setLineDash([]);
  pen.lineJoin = "miter";
  pen.strokeStyle = rim;
  pen.lineWidth = 3.4;
  pen.stroke();
  pen.fillStyle = fill;
  pen.fill();
  pen.lineJoin = "round";
}

/**
 * The boxes of the marks of runs, at whatever step, so that no name moves with the balls.
 * @param {Run[]} runs
 * @param {(run: Run) => (point: number, kind: string) => [number, number]} at the pixel of a point
 * @returns {Box[]}
 */
export function boxesOfMarks(runs, at) {
  return spotsOfMarks(runs, at, () => Infinity).map(({ spot }) => boxOf(spot, 7));
}

/**
 * Minima, passes and hills with their names, and the valley floors. No name overlaps another, a
 * cross of another place, or what is taken: where there is no room nearby, the cross stands alone.
 * @param {CanvasRenderingContext2D} pen
 * @param {Ground} ground
 * @param {object} ink
 * @param {(x: number, y: number) => [number, number]} at from the sheet to pixels
 * @param {Box} inside the picture
 * @param {Box[]} [others] earlier labels, and marks
 * @param {[number, number][]} [lines] points that names avoid if they can
 */
export function drawPlaces(pen, ground, ink, at, inside, others = [], lines = []) {
  for (const { x, y } of ground.courses) {
    for (const [color, width, dash] of [["rgba(0,0,0,0.4)", 3.4, []], ["#ffffff", 1.8, [2, 3]]]) {
      pen.beginPath();
      x.forEach((each, i) => {
        const [u, v] = at(each, y[i]);
        if (Number.isFinite(v)) pen.lineTo(u, v);
      });
      pen.setLineDash(dash);
      pen.strokeStyle = color;
      pen.lineWidth = width;
      pen.stroke();
    }
  }
  pen.setLineDash([]);
  for (const { x, y } of ground.places) drawCross(pen, at(x, y), ink, 5, [4.5, 1.6]);
  const names = namesOfPlaces(pen, ground, ink, at, inside, others, lines);
  pen.textAlign = "left";
  pen.textBaseline = "top";
  for (const { kind, x, y } of names) {
    pen.strokeStyle = ink.page;
    pen.lineWidth = 3.5;
    pen.strokeText(kind, x, y);
    pen.fillStyle = ink.ink;
    pen.fillText(kind, x, y);
  }
}

/**
 * The boxes of the names of places, with the names: the same for the same input as `drawPlaces`,
 * so that other labels can leave them free.
 * @returns {(Box & {kind: string})[]}
 */
export function namesOfPlaces(pen, ground, ink, at, inside, others, lines) {
  pen.font = `12px ${ink.font}`;
  const spots = ground.places.map(({ x, y }) => at(x, y));
  const names = [];
  ground.places.forEach(({ kind }, k) => {
    const crosses = spots.filter((_, i) => i !== k).map((spot) => boxOf(spot, 5));
    const taken = [...others, ...names, ...crosses];
    const box = boxBeside(spots[k], pen.measureText(kind).width, 13, taken, inside, lines);
    if (box) names.push({ ...box, kind });
  });
  return names;
}

/**
 * A hatching pattern: in one direction for clipped heights, crossed for blank areas.
 * @param {CanvasRenderingContext2D} pen
 * @param {object} ink
 * @param {"cut"|"blank"} what
 * @returns {CanvasPattern}
 */
export function hatching(pen, ink, what) {
  const tile = document.createElement("canvas");
  tile.width = 8;
  tile.height = 8;
  const small = tile.getContext("2d");
  small.strokeStyle = what === "cut" ? "rgba(0,0,0,0.75)" : ink.soft;
  small.lineWidth = 1.1;
  small.beginPath();
  for (const shift of [-8, 0, 8]) {
    small.moveTo(shift, 8);
    small.lineTo(shift + 8, 0);
    if (what === "blank") {
      small.moveTo(shift, 0);
      small.lineTo(shift + 8, 8);
    }
  }
  small.stroke();
  return pen.createPattern(tile, "repeat");
}
