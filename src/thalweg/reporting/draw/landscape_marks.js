// Lines with outlines, marks and hatching on a canvas.

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
export function drawStroke(pen, points, ink, look, how) {
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
 * The marked points of a run; a star only where there is no other mark.
 * @param {Run} run
 * @returns {[string, number][]}
 */
export function marksOf(run) {
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
export function drawMark(pen, kind, at, ink, look) {
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
export function drawBall(pen, at, ink, look) {
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
 * Labels in a row: one that would overlap another is left out.
 * @param {CanvasRenderingContext2D} pen with its font and its alignment
 * @param {{words: string, x: number, y: number}[]} labels the most important first
 * @param {number} tall pixels of a line
 * @returns {number} how wide the widest of them is
 */
export function putApart(pen, labels, tall) {
  const left = { left: 0, center: 0.5, right: 1 }[pen.textAlign];
  const drawn = [];
  for (const { words, x, y } of labels) {
    const wide = pen.measureText(words).width;
    const box = { x: x - left * wide, y, wide, tall };
    if (!isFree(box, drawn)) continue;
    drawn.push(box);
    pen.fillText(words, x, y);
  }
  return Math.max(0, ...drawn.map((its) => its.wide));
}

/**
 * The box of a label on the picture: its corner, width and height, in pixels.
 * @typedef {{x: number, y: number, wide: number, tall: number}} Box
 */

/**
 * Whether a box overlaps none of these, with a small margin.
 * @param {Box} box
 * @param {Box[]} others
 * @returns {boolean}
 */
function isFree(box, others) {
  return others.every((its) => box.x > its.x + its.wide + 6 || its.x > box.x + box.wide + 6
    || box.y >= its.y + its.tall || its.y >= box.y + box.tall);
}

// Where the name of a place may be, right or left of it: pixels below it, the nearest first.
const BELOW = [4, -16, 18, -30, 32, -44];

/** The first free box for the name of a place inside the picture. */
function boxBeside([u, v], wide, tall, taken, inside) {
  const boxes = BELOW.flatMap((below) =>
    [u + 7, u - 7 - wide].map((x) => ({ x, y: v + below, wide, tall })));
  const isInside = (box) => box.x >= inside.x && box.x + wide <= inside.x + inside.wide
    && box.y >= inside.y && box.y + tall <= inside.y + inside.tall;
  return boxes.find((box) => isInside(box) && isFree(box, taken)) ?? boxes[0];
}

/**
 * Minima, passes and hills with their names, and the valley floors. No name overlaps another, or
 * earlier labels, if there is room nearby.
 * @param {CanvasRenderingContext2D} pen
 * @param {Ground} ground
 * @param {object} ink
 * @param {(x: number, y: number) => [number, number]} at from the sheet to pixels
 * @param {Box} inside the picture
 * @param {Box[]} [words] earlier labels
 */
export function drawPlaces(pen, ground, ink, at, inside, words = []) {
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
  pen.font = `12px ${ink.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "top";
  const taken = [...words];
  for (const { kind, x, y } of ground.places) {
    const [u, v] = at(x, y);
    for (const [color, width] of [[ink.page, 4.5], [ink.ink, 1.6]]) {
      pen.strokeStyle = color;
      pen.lineWidth = width;
      pen.beginPath();
      pen.moveTo(u - 5, v);
      pen.lineTo(u + 5, v);
      pen.moveTo(u, v - 5);
      pen.lineTo(u, v + 5);
      pen.stroke();
    }
    pen.strokeStyle = ink.page;
    pen.lineWidth = 3.5;
    const box = boxBeside([u, v], pen.measureText(kind).width, 13, taken, inside);
    taken.push(box);
    pen.strokeText(kind, box.x, box.y);
    pen.fillStyle = ink.ink;
    pen.fillText(kind, box.x, box.y);
  }
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
