// The runs on a picture: tubes, curtains, footprints, balls; hidden parts are thin.

import { GROUND_LIFT } from "../ground/raster.js";
import { placeAt, drawnPart } from "./course.js";
import { STAGE_LOOKS } from "./stage_looks.js";

/**
 * A course in pixels, for one camera: points [x, y, depth, time] of it and of the ground below it.
 * @param {import("./course.js").Course} course
 * @param {(x: number, y: number, h: number) => number[]} project
 */
export function seenCourse(course, project) {
  const count = course.time.length;
  const [top, foot] = [new Array(count), new Array(count)];
  for (let k = 0; k < count; k += 1) {
    const [x, y] = [course.x[k], course.y[k]];
    const put = (h) => [...project(x, y, h + STAGE_LOOKS.course.lift), course.time[k]];
    top[k] = put(course.h[k]);
    foot[k] = put(course.g[k]);
  }
  return { course, top, foot };
}

/**
 * Whether the ground is before a point of the picture.
 * @param {import("../ground/raster.js").GroundBuffers} buffers
 * @param {number[]} point pixels and depth
 */
export function isBehind({ width, height, depth }, [x, y, deep]) {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (!(column >= 0 && row >= 0 && column < width && row < height)) return false;
  return depth[row * width + column] < deep - GROUND_LIFT;
}

/**
 * Points in pieces that are hidden or not; `null` parts two of them. Where a line goes behind the
 * ground between two points, it is cut at the pixel: depth is linear along lines in the picture.
 * @param {(number[]|null)[]} points
 * @param {(point: number[]) => boolean} hidden
 * @returns {{hidden: boolean, points: number[][]}[]}
 */
export function stretchesOf(points, hidden) {
  const found = [];
  let [piece, before, was] = [null, null, false];
  for (const point of points) {
    if (!point) {
      before = null;
      continue;
    }
    const is = hidden(point);
    if (!before) found.push(piece = { hidden: is, points: [point] });
    else {
      if (is !== was) {
        const edge = edgeBetween(before, point, was, hidden);
        piece.points.push(edge);
        found.push(piece = { hidden: is, points: [edge] });
      }
      piece.points.push(point);
    }
    [before, was] = [point, is];
  }
  return found;
}

function edgeBetween(from, to, was, hidden) {
  let [low, high] = [0, 1];
  const at = (s) => from.map((each, i) => each + s * (to[i] - each));
  for (let n = 0; n < 6; n += 1) {
    const middle = (low + high) / 2;
    if (hidden(at(middle)) === was) low = middle;
    else high = middle;
  }
  return at(low);
}

/** The points of a seen course up to a time, without leaps that are over. */
export function pointsUntil({ course, top, foot }, time, project, laid = false) {
  const { count, from } = drawnPart(course, time);
  const list = laid ? foot : top;
  const found = [];
  for (let k = 0; k < count; k += 1) {
    if (course.leap[k] && course.leap[k] < from) {
      if (found[found.length - 1]) found.push(null);
      // The next piece begins where this one ends.
      if (!(course.leap[k + 1] && course.leap[k + 1] < from)) found.push(list[k]);
    } else found.push(list[k]);
  }
  if (time > course.time[count - 1] && count < course.time.length
    && !(course.leap[count] && course.leap[count] < from)) {
    const [x, y, h, g] = placeAt(course, time, count);
    found.push([...project(x, y, (laid ? g : h) + STAGE_LOOKS.course.lift), time]);
  }
  return found;
}

/** A path through points, in a stroke of one kind. */
export function stroke(pen, points, color, width, { alpha = 1, dash = [] } = {}) {
  pen.beginPath();
  // Points that are less than a pixel apart cost time, and show nothing.
  let [u, v] = [Infinity, Infinity];
  points.forEach(([x, y], k) => {
    if (Math.abs(x - u) + Math.abs(y - v) < 1.5 && k < points.length - 1) return;
    pen.lineTo(x, y);
    [u, v] = [x, y];
  });
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.globalAlpha = alpha;
  pen.setLineDash(dash);
  pen.lineCap = dash.length ? "butt" : "round";
  // Round joins of many short pieces would take most of the time of a frame.
  pen.lineJoin = points.length > 60 ? "bevel" : "round";
  pen.stroke();
  pen.globalAlpha = 1;
  pen.setLineDash([]);
}

/**
 * A tube: outlined where it is seen, thin and dashed where the ground hides it.
 * @param {CanvasRenderingContext2D} pen
 * @param {{hidden: boolean, points: number[][]}[]} stretches
 * @param {{color: string, page: string, dash: number[], unit: number, context: boolean,
 *   below: boolean}} look
 */
export function drawTube(pen, stretches, look) {
  const { tube_px: tube, opacity } = STAGE_LOOKS;
  const { unit, color, context } = look;
  const [wide, clear] = context ? [unit * tube.context, opacity.context] : [unit, 1];
  const faint = clear * (look.below ? opacity.hidden_below : opacity.hidden);
  const dashes = [tube.dash * unit, tube.dash * unit];
  for (const { hidden, points } of stretches) {
    if (hidden) stroke(pen, points, color, tube.hidden * wide, { alpha: faint, dash: dashes });
  }
  const seen = stretches.filter((each) => !each.hidden).map((each) => each.points);
  for (const points of seen) stroke(pen, points, look.page, tube.outline * wide, { alpha: clear });
  const dash = look.dash.map((each) => each * tube.core * unit);
  for (const points of seen) stroke(pen, points, color, tube.core * wide, { alpha: clear, dash });
  if (context) return;
  // On a scribble a ridge would only be stripes.
  const lit = seen.filter((points) => points.length < 200)
    .map((points) => points.map(([x, y]) => [x - 0.7 * unit, y - 0.7 * unit]));
  for (const points of lit) {
    stroke(pen, points, "#ffffff", tube.ridge * unit, { alpha: opacity.ridge, dash });
  }
}

/** A soft dark trace on the ground. */
export function drawTrace(pen, stretches, unit) {
  const { tube_px: tube, opacity } = STAGE_LOOKS;
  for (const { hidden, points } of stretches) {
    if (!hidden) stroke(pen, points, "#000000", tube.trace * unit, { alpha: opacity.trace });
  }
}

/** From a run down to the slice, or up to it, where the two differ. */
export function drawCurtain(pen, { course, top, foot }, time, hidden, look) {
  const { opacity, curtain } = STAGE_LOOKS;
  const { count, from } = drawnPart(course, time);
  pen.fillStyle = look.color;
  pen.globalAlpha = opacity.curtain * (look.context ? opacity.context : 1);
  const apart = (k) => Math.abs(course.h[k] - course.g[k]) > curtain.least;
  pen.beginPath();
  for (let k = 1; k < count; k += 1) {
    if (course.leap[k] || !(apart(k) || apart(k - 1))) continue;
    if (hidden(top[k]) && hidden(foot[k])) continue;
    // All the same way round, so that where two overlap nothing is cut out.
    const sides = [top[k - 1], top[k], foot[k], foot[k - 1]];
    const turned = (sides[2][0] - sides[0][0]) * (sides[3][1] - sides[1][1])
      < (sides[2][1] - sides[0][1]) * (sides[3][0] - sides[1][0]);
    if (turned) sides.reverse();
    pen.moveTo(sides[0][0], sides[0][1]);
    for (const [x, y] of sides.slice(1)) pen.lineTo(x, y);
    pen.closePath();
  }
  pen.fill();
  pen.globalAlpha = 1;
  for (const k of course.feet) {
    if (k >= count || course.leap[k] < from || !apart(k)) continue;
    if (hidden(top[k]) && hidden(foot[k])) continue;
    stroke(pen, [top[k], foot[k]], look.color, 1.4 * look.unit, { alpha: 0.45 });
  }
}

/** Dots where leaps end. */
export function drawFeet(pen, { course, top }, time, hidden, look) {
  const { foot_px: foot, opacity } = STAGE_LOOKS;
  const { count } = drawnPart(course, time);
  const wide = look.unit * (look.context ? 0.8 : 1);
  for (const k of course.feet) {
    if (k >= count || hidden(top[k])) continue;
    disc(pen, top[k], foot.outline * wide, look.page, look.context ? opacity.context : 1);
    disc(pen, top[k], foot.core * wide, look.color, look.context ? opacity.context : opacity.foot);
  }
}

export function disc(pen, [x, y], radius, color, alpha = 1) {
  pen.globalAlpha = alpha;
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
  pen.globalAlpha = 1;
}

/** A ball with rim and highlight; of a run that is lost, a cross. */
export function drawBall(pen, [x, y], look, { lost = false, faint = false } = {}) {
  const { radius, rim } = STAGE_LOOKS.ball_px;
  const size = radius * look.unit;
  if (lost) {
    const arm = 0.62 * size;
    for (const [color, width] of [[look.page, 8], [look.color, 4.4]]) {
      stroke(pen, [[x - arm, y - arm], [x + arm, y + arm]], color, width * look.unit);
      stroke(pen, [[x - arm, y + arm], [x + arm, y - arm]], color, width * look.unit);
    }
    return;
  }
  pen.globalAlpha = faint ? 0.5 : 1;
  pen.fillStyle = look.page;
  pen.beginPath();
  pen.arc(x, y, size, 0, 2 * Math.PI);
  pen.fill();
  const inner = size - rim * look.unit;
  pen.fillStyle = look.color;
  pen.beginPath();
  pen.arc(x, y, inner, 0, 2 * Math.PI);
  pen.fill();
  const glow = pen.createRadialGradient(
    x - 0.35 * inner, y - 0.4 * inner, 0, x - 0.2 * inner, y - 0.2 * inner, 1.15 * inner,
  );
  glow.addColorStop(0, "rgba(255,255,255,0.75)");
  glow.addColorStop(0.35, "rgba(255,255,255,0.12)");
  glow.addColorStop(1, "rgba(0,0,0,0.28)");
  pen.fillStyle = glow;
  pen.fill();
  pen.globalAlpha = 1;
}

/** Spots that share a place, moved so that they stand side by side. */
export function sideBySide(spots, unit) {
  const gap = STAGE_LOOKS.ball_px.apart * unit;
  const near = ([x, y], [u, v]) => Math.abs(x - u) + Math.abs(y - v) < 0.7 * gap;
  return spots.map((spot) => {
    const mates = spots.filter((other) => near(spot, other));
    const by = gap * (mates.indexOf(spot) - (mates.length - 1) / 2);
    return [spot[0] + by, ...spot.slice(1)];
  });
}
