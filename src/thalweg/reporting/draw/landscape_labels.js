// Labels of landscapes: in lines, apart from each other, and off the runs.

/**
 * Labels in a row: one that would overlap another is left out.
 * @param {CanvasRenderingContext2D} pen with its font and its alignment
 * @param {{words: string, x: number, y: number}[]} labels the most important first
 * @param {number} tall pixels of a line
 * @param {Box[]} [taken] earlier labels; these are added
 * @returns {number} how wide the widest of them is
 */
export function putApart(pen, labels, tall, taken = []) {
  const left = { left: 0, center: 0.5, right: 1 }[pen.textAlign];
  const up = pen.textBaseline === "middle" ? tall / 2 : 0;
  let widest = 0;
  for (const { words, x, y } of labels) {
    const wide = pen.measureText(words).width;
    const box = { x: x - left * wide, y: y - up, wide, tall };
    if (!isFree(box, taken)) continue;
    taken.push(box);
    widest = Math.max(widest, wide);
    pen.fillText(words, x, y);
  }
  return widest;
}

/**
 * Words in lines of at most so many pixels, if no single word is wider.
 * @param {CanvasRenderingContext2D} pen with its font
 * @param {string} words
 * @param {number} room
 * @returns {string[]}
 */
export function linesOf(pen, words, room) {
  const lines = [];
  for (const word of words.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : "";
    if (longer && pen.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
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

// Where the name of a place may be, right or left of it, or else anywhere above or below it: pixels
// below it, the nearest first.
const BELOW = [4, -16, 18, -30, 32, -44, 46, -58];

/**
 * The first free box for the name of a place inside the picture, if there is one: of the free ones,
 * the one that covers the fewest points of lines.
 */
export function boxBeside([u, v], wide, tall, taken, inside, lines) {
  const last = inside.x + inside.wide - wide;
  const boxes = BELOW.flatMap((below) =>
    [7, -7 - wide, 14, -14 - wide].map((by) => ({ x: u + by, y: v + below, wide, tall })));
  const around = BELOW.flatMap((below) => [u - wide / 2, u, u - wide].map((x) =>
    ({ x: Math.min(last, Math.max(inside.x, x)), y: v + below + 4 * Math.sign(below), wide,
      tall })));
  const isInside = (box) => box.x >= inside.x && box.x <= last
    && box.y >= inside.y && box.y + tall <= inside.y + inside.tall;
  const free = [...boxes, ...around].filter((box) => isInside(box) && isFree(box, taken));
  const covered = free.map((box) => lines.filter((point) => isNear(box, point, 4)).length);
  return free[covered.indexOf(Math.min(...covered))];
}

/** Whether a point is in a box, or so many pixels from it. */
function isNear(box, [u, v], by) {
  return u > box.x - by && u < box.x + box.wide + by && v > box.y - by
    && v < box.y + box.tall + by;
}

/**
 * Points of lines, a few pixels apart: what names and numbers avoid.
 * @param {[number, number][][]} lines the corners of each, in pixels
 * @param {Box} inside only these matter
 * @returns {[number, number][]}
 */
export function pointsOf(lines, inside) {
  const found = [];
  for (const corners of lines) {
    let [u, v] = corners[0] ?? [NaN, NaN];
    for (const [p, q] of corners) {
      // A run may go far beyond the picture: such a piece has few points there.
      const parts = Math.min(400, Math.max(1, Math.ceil(Math.hypot(p - u, q - v) / 3)));
      for (let i = 1; i <= parts; i += 1) {
        const point = [u + (i / parts) * (p - u), v + (i / parts) * (q - v)];
        if (isNear(inside, point, 0)) found.push(point);
      }
      [u, v] = [p, q];
    }
  }
  return found;
}

/** The box of a mark around its point. */
export function boxOf([u, v], size) {
  return { x: u - size, y: v - size, wide: 2 * size, tall: 2 * size };
}
