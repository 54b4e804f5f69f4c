// Labels that avoid each other, balls, numbers and runs. Their Python twin is `label_places`.

import { STAGE_LOOKS } from "./stage_looks.js";

/**
 * @typedef {{x: number, y: number, wide: number, tall: number}} Box in pixels
 * @typedef {object} Label
 * @property {string} words
 * @property {number[]} spot pixels of what it names
 * @property {number} reach radius of what is drawn there
 * @property {number} wide, tall
 * @property {boolean} must whether it stays where there is hardly any room
 * @property {Box} [box], {boolean} [led] where it is put, and whether a line leads there
 */

/**
 * Put labels beside their spots, the most important first.
 *
 * Each has places at so many angles and distances. A place costs what it covers: labels, balls and
 * numbers; points of runs; a frame that it leaves; its distance. No two labels overlap: one without
 * room is left out.
 * @param {Label[]} labels
 * @param {{frame: Box, taken: Box[], points: number[][], unit: number}} room
 * @returns {Label[]} those that have a box
 */
export function placeLabels(labels, { frame, taken, points, unit }) {
  const looks = STAGE_LOOKS.labels;
  const known = [...taken];
  return labels.filter((label) => {
    let [best, least] = [null, Infinity];
    const rings = label.must ? [...looks.rings_px, ...looks.more_rings_px] : looks.rings_px;
    rings.forEach((ring, n) => {
      if (n >= looks.rings_px.length && least < looks.overlap) return;
      for (let k = 0; k < looks.angles; k += 1) {
        const angle = (2 * Math.PI * k) / looks.angles;
        const box = boxAt(label, angle, label.reach + ring * unit);
        const cost = costOf(box, frame, known, points, unit) + ring;
        if (cost < least - 1e-9) [best, least] = [{ ...box, led: n >= looks.leader_from }, cost];
      }
    });
    const most = label.must ? looks.overlap : looks.give_up + looks.rings_px[1];
    if (least >= most) return false;
    label.box = best;
    label.led = best.led;
    known.push(best);
    return true;
  });
}

function boxAt({ spot, wide, tall }, angle, reach) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const shift = (way) => (way > 0.3 ? 0 : way < -0.3 ? -1 : -0.5);
  return {
    x: spot[0] + reach * c + shift(c) * wide, y: spot[1] + reach * s + shift(s) * tall, wide, tall,
  };
}

function costOf(box, frame, known, points, unit) {
  const looks = STAGE_LOOKS.labels;
  const gap = looks.gap_px * unit;
  let cost = 0;
  for (const other of known) {
    if (overlaps(box, other, gap)) cost += looks.overlap;
  }
  for (const [x, y] of points) {
    if (x > box.x - gap && x < box.x + box.wide + gap && y > box.y - gap
      && y < box.y + box.tall + gap) cost += looks.per_point;
  }
  const inside = box.x >= frame.x && box.y >= frame.y
    && box.x + box.wide <= frame.x + frame.wide && box.y + box.tall <= frame.y + frame.tall;
  return cost + (inside ? 0 : looks.off_frame + looks.overlap);
}

/** Whether two boxes are less than a gap apart. */
export function overlaps(one, other, gap = 0) {
  return one.x < other.x + other.wide + gap && other.x < one.x + one.wide + gap
    && one.y < other.y + other.tall + gap && other.y < one.y + one.tall + gap;
}

/** The box around a spot. */
export function boxAround([x, y], size) {
  return { x: x - size, y: y - size, wide: 2 * size, tall: 2 * size };
}

/**
 * Points of lines on a raster of so many pixels, each once: what labels avoid.
 * @param {(number[]|null)[][]} lines
 * @param {number} step
 */
export function pointsAlong(lines, step) {
  const found = new Map();
  for (const line of lines) {
    let before = null;
    for (const point of line) {
      if (point && before) {
        const length = Math.max(Math.abs(point[0] - before[0]), Math.abs(point[1] - before[1]));
        const parts = Math.min(400, Math.ceil(length / step));
        for (let i = 0; i <= parts; i += 1) {
          const [u, v] = [0, 1].map((k) =>
            Math.round((before[k] + (i / (parts || 1)) * (point[k] - before[k])) / step));
          found.set(u * 65536 + v, [u * step, v * step]);
        }
      }
      before = point;
    }
  }
  return [...found.values()];
}

/** Write placed labels with their leaders. */
export function drawLabels(pen, labels, ink, unit) {
  for (const { spot, reach, box, led } of labels) {
    if (!led) continue;
    const near = [
      Math.min(box.x + box.wide, Math.max(box.x, spot[0])),
      Math.min(box.y + box.tall, Math.max(box.y, spot[1])),
    ];
    const length = Math.hypot(near[0] - spot[0], near[1] - spot[1]) || 1;
    const from = spot.slice(0, 2).map((each, i) => each + (reach * (near[i] - each)) / length);
    pen.strokeStyle = ink.soft;
    pen.lineWidth = unit;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...near);
    pen.stroke();
  }
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const { words, box, font, color, alpha } of labels) {
    pen.font = font;
    pen.globalAlpha = alpha ?? 1;
    written(pen, words, box.x, box.y + box.tall / 2, color, ink.page, unit);
    pen.globalAlpha = 1;
  }
}

/** Words with an outline in the colour of the page. */
export function written(pen, words, x, y, color, page, unit) {
  pen.lineJoin = "round";
  pen.strokeStyle = page;
  pen.lineWidth = 3.6 * unit;
  pen.strokeText(words, x, y);
  pen.fillStyle = color;
  pen.fillText(words, x, y);
}
