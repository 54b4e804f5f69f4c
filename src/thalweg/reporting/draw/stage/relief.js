// The picture of a landscape: the painted ground, and what stands on it.

import { makeCamera } from "../ground/camera.js";
import { GROUND_LOOKS } from "../ground/ground_looks.js";
import { makeBuffers, paintGround } from "../ground/raster.js";
import { apart, short, ticks, whole } from "../numbers.js";
import { courseOf, drawnPart, flyingPoints, placeAt } from "./course.js";
import { boxAround, drawLabels, placeLabels, pointsAlong, written } from "./labels.js";
import { levelNumbers, mapCamera, mapFrame } from "./map.js";
import { pointAt } from "./sheet.js";
import { STAGE_LOOKS } from "./stage_looks.js";
import {
  disc, drawBall, drawCurtain, drawFeet, drawTrace, drawTube, isBehind, pointsUntil, seenCourse,
  sideBySide, stretchesOf, stroke,
} from "./strokes.js";

const NARROW = 480; // CSS pixels
const FLAT = 0.003; // a point of a map is so far above its ground

/**
 * A stage that draws views into a canvas, and keeps what did not change between two of them.
 * @param {HTMLCanvasElement} canvas
 * @returns {{draw: (view: object) => object}} what was drawn where, in pixels of the canvas
 */
export function makeStage(canvas) {
  const ground = document.createElement("canvas");
  const kept = {};
  const keep = (name, key, make) => {
    if (kept[name]?.key !== key) kept[name] = { key, value: make() };
    return kept[name].value;
  };
  return { draw: (view) => drawView(canvas, ground, view, keep) };
}

function drawView(canvas, under, view, keep) {
  const { unit, ink, ground, flat, camera: turned } = view;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
    .map((each) => Math.max(1, Math.round(each * unit)));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  const buffers = keep("buffers", `${width} ${height}`, () => makeBuffers(width, height));
  const frame = flat ? mapFrame(ground, width, height, unit, turned.zoom) : null;
  const own = [view.number, view.sheet.step, ground.columns, view.logarithmic].join();
  const isPlane = view.sheet.kind === "plane";
  const courses = (laid) => view.sheet.runs.map((run, i) =>
    keep(`course ${i} ${laid}`, own, () => courseOf(ground, run, laid, isPlane)));
  const more = flat ? [] : keep("flying", own, () => courses(false).flatMap(flyingPoints));
  const camera = flat ? mapCamera(ground, frame)
    : makeCamera({ ground, width, height, ...turned, margins: stageMargins(width, unit), more });
  const look = [own, ink.dark, width, height, flat, ...Object.values(turned)].join();
  keep("ground", look, () => {
    paintGround(ground, camera, GROUND_LOOKS[ink.dark ? "dark" : "light"], width, height, buffers);
    Object.assign(under, { width, height });
    const part = flat ? [frame.left, frame.top, frame.wide, frame.tall].map(Math.round)
      : [0, 0, width, height];
    under.getContext("2d").putImageData(buffers.image, 0, 0, ...part);
  });
  pen.fillStyle = ink.page;
  pen.fillRect(0, 0, width, height);
  pen.drawImage(under, 0, 0);
  const laid = flat || (view.laid && isPlane);
  const seen = courses(laid).map((course, i) => keep(`seen ${i}`, `${look} ${laid}`, () =>
    seenCourse(course, (x, y, h) => camera.project(x, y, flat ? FLAT : h))));
  const scene = { ...view, pen, width, height, camera, frame, seen, laid, buffers,
    hidden: flat ? () => false : (point) => isBehind(buffers, point) };
  const numbers = flat ? drawMapFrame(scene) : drawFrame(scene);
  const placeAt = (px, py) => (flat ? frame.back(px, py) : placeBelow(camera, buffers, px, py));
  return { camera, frame, buffers, seen, ground, placeAt, ...drawOn(scene, numbers) };
}

/** The place in the block that is seen in a pixel: three linear equations, by Cramer's rule. */
function placeBelow({ matrix: m }, { width, depth }, px, py) {
  const deep = depth[Math.floor(py) * width + Math.floor(px)];
  if (!(deep < Infinity)) return null;
  const rows = [px, py, deep].map((value, k) =>
    [0, 1, 2, 3].map((i) => m[4 * k + i] - value * m[12 + i]));
  const volume = (i, j, k) => {
    const [a, b, c] = rows.map((row) => [row[i], row[j], row[k]]);
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
      + a[2] * (b[0] * c[1] - b[1] * c[0]);
  };
  const whole = volume(0, 1, 2);
  return [-volume(3, 1, 2) / whole, -volume(0, 3, 2) / whole];
}

const stageMargins = (width, unit) => ({
  left: Math.max(56 * unit, 0.05 * width), right: 14 * unit, top: 26 * unit, bottom: 34 * unit,
});

/** Courses of valleys, runs, places and labels. */
function drawOn(scene, taken) {
  const { pen, sheet, unit, ink, camera, frame, flat } = scene;
  if (flat) {
    pen.save();
    pen.beginPath();
    pen.rect(frame.left, frame.top, frame.wide, frame.tall);
    pen.clip();
  }
  const project = (x, y, h) => camera.project(x, y, flat ? FLAT : h);
  const onGround = (u, v) => {
    const [x, y] = scene.ground.place(u, v);
    return project(x, y, (scene.ground.heightAt(x, y) || 0) + STAGE_LOOKS.course.lift);
  };
  scene.floors = [];
  for (const { x, y } of sheet.courses) {
    const points = Array.from(x, (each, i) => onGround(each, y[i]));
    scene.floors.push(...points.filter((point) => !scene.hidden(point)));
    for (const { hidden, points: part } of stretchesOf(points, scene.hidden)) {
      if (!hidden) stroke(pen, part, "#ffffff", 1.6 * unit, { dash: [2 * unit, 4 * unit] });
    }
  }
  const heads = drawRuns(scene, project);
  if (scene.cursor) drawCursor(scene, onGround(...scene.cursor));
  if (flat) pen.restore();
  const spots = sheet.places.map((place) => ({ ...place, spot: onGround(place.x, place.y) }));
  for (const { spot, kind } of spots) drawPlace(scene, spot, kind);
  drawHeads(scene, heads);
  const lines = heads.map((each) => each.line);
  const points = pointsAlong(lines, 5 * unit);
  const size = STAGE_LOOKS.ball_px.radius * unit;
  const blocks = [...taken, ...heads.map((each) => boxAround(each.spot, size)),
    ...spots.map(({ spot }) => boxAround(spot, 5 * unit))];
  const wanted = labelsOf(scene, heads, spots);
  const inside = { x: 0, y: 0, wide: scene.width, tall: scene.height };
  const labels = placeLabels(wanted, { frame: inside, taken: blocks, points, unit });
  drawLabels(pen, labels, ink, unit);
  return { labels, heads, taken };
}

/** The runs up to the step, the one in focus last. */
function drawRuns(scene, project) {
  const { pen, sheet, seen, unit, ink, hidden, laid, flat } = scene;
  const order = sheet.runs.map((run, i) => ({ run, way: seen[i] }))
    .filter(({ run }) => scene.shown.has(run.look))
    .sort((one, other) => (one.run.look === scene.focus) - (other.run.look === scene.focus));
  const parts = order.map(({ run, way }) => {
    const time = pointAt(run, scene.step);
    const { count } = drawnPart(way.course, time);
    const [x, y, h, g] = placeAt(way.course, time, count);
    const line = pointsUntil(way, time, project);
    const look = { color: ink.colors(run.look), page: ink.page, dash: ink.dashes(run.look), unit,
      context: scene.focus !== null && run.look !== scene.focus, below: !laid };
    const [head, foot] = [h, g].map((top) => project(x, y, top + STAGE_LOOKS.course.lift));
    // A ball below the slice is not behind a hill.
    return { run, way, time, line, look, head, behind: hidden(head) && hidden(foot) };
  });
  if (!flat) {
    for (const { way, time } of parts) {
      drawTrace(pen, stretchesOf(pointsUntil(way, time, project, true), hidden), unit);
    }
    if (!laid) for (const { way, time, look } of parts) drawCurtain(pen, way, time, hidden, look);
  }
  for (const { run, way, time, line, look } of parts) {
    // On a map nothing is hidden: a run is thin where most of its way is off the plane.
    const far = (point) => run.off[Math.floor(point[3] + 1e-6)] > 0.5;
    drawTube(pen, stretchesOf(line, flat ? far : hidden), look);
    drawFeet(pen, way, time, hidden, look);
  }
  return parts.map(({ run, time, line, look, head, behind }) => {
    const over = time >= run.x.length - 1;
    return { run, line, look, spot: head, lost: over && run.diverged, isHidden: behind,
      point: Math.floor(time + 1e-6) };
  });
}

/** Where the runs began, and their balls, the farthest first. */
function drawHeads(scene, heads) {
  const { pen, unit, ink, sheet, seen } = scene;
  const raised = scene.flat ? 0 : STAGE_LOOKS.ball_px.raised * unit;
  const moved = sideBySide(heads.map(({ spot: [x, y, deep], lost }) =>
    [x, y - (lost ? 0 : raised), deep]), unit);
  heads.forEach((head, k) => { head.spot = moved[k]; });
  const first = sheet.runs.findIndex((run) => scene.shown.has(run.look));
  if (first >= 0 && sheet.runs[first].steps[0] === 0) {
    const spot = seen[first].top[0];
    disc(pen, spot, 6.5 * unit, ink.page);
    disc(pen, spot, 5 * unit, ink.ink);
    disc(pen, spot, 2.8 * unit, ink.page);
    scene.start = spot;
  }
  const far = (one, other) => other.spot[2] - one.spot[2];
  for (const head of [...heads].sort(far)) {
    if (head.point === 0 && !head.lost) continue;
    drawBall(pen, head.spot, head.look, { lost: head.lost, faint: head.isHidden });
  }
}

function labelsOf(scene, heads, spots) {
  const { pen, unit, ink } = scene;
  // A narrow picture has names alone: losses are in the legend, and hills have their marks.
  const narrow = scene.width < NARROW * unit;
  const size = STAGE_LOOKS.text_px.label * unit * (narrow ? 0.88 : 1);
  const made = (words, spot, reach, weight, more) => {
    const font = `${weight} ${size}px ${ink.font}`;
    pen.font = font;
    return { words, spot, reach, font, wide: pen.measureText(words).width,
      tall: 1.2 * STAGE_LOOKS.text_px.label * unit,
      ...more };
  };
  const away = STAGE_LOOKS.ball_px.radius * unit;
  const found = heads.filter((each) => each.point > 0 || each.lost).map((head) => {
    const words = head.lost ? `${head.run.words} ✕ after step ${whole(head.run.steps[head.point])}`
      : narrow ? head.run.words
        : head.run.last && head.point === head.run.loss.length - 1 ? head.run.last
          : `${head.run.words} ${short(head.run.loss[head.point], 2)}`;
    const alpha = head.look.context || head.isHidden ? 0.7 : 1;
    return made(words, head.spot, away, 650, { must: !narrow || heads.length <= 4, color: head.look.color, alpha });
  });
  const order = ["global minimum", "local minimum", "pass", "hill"];
  const rank = (kind) => order.indexOf(kind) + 1 || order.length + 1;
  for (const { kind, loss, spot } of [...spots].sort((a, b) => rank(a.kind) - rank(b.kind))) {
    const low = kind.endsWith("minimum");
    const behind = scene.hidden(spot);
    if ((behind || narrow) && !low) continue;
    found.push(made(low && !narrow ? `${kind} ${short(loss, 2)}` : kind, spot, 5 * unit, low ? 600 : 400,
      { must: low, color: ink.ink, alpha: behind ? 0.55 : 1 }));
  }
  const valley = narrow ? null : farthestOf(scene.floors, spots);
  if (valley) found.push(made("valley", valley, 4 * unit, 400, { must: false, color: ink.ink }));
  if (scene.start) {
    found.push(made("start", scene.start, 7 * unit, 600, { must: false, color: ink.ink }));
  }
  return found;
}

/** The point of the floors of valleys that is seen and farthest from all marks. */
function farthestOf(floors, spots) {
  const away = ([x, y]) => Math.min(...spots.map(({ spot: [u, v] }) => Math.hypot(x - u, y - v)));
  const found = floors.map((point) => [away(point), point])
    .filter(([far]) => Number.isFinite(far));
  return found.reduce((best, each) => (each[0] > best[0] ? each : best), [0, null])[1];
}

/** The mark of a place: a triangle on hills, two arcs at passes, a ring in hollows. */
function drawPlace({ pen, unit, ink, hidden }, [x, y, deep], kind) {
  pen.globalAlpha = hidden([x, y, deep]) ? 0.4 : 1;
  const marks = {
    hill: [[-4.5, 4], [0, -4.5], [4.5, 4], [-4.5, 4]],
    pass: [[-4, -4], [4, 4], [0, 0], [4, -4], [-4, 4]],
  };
  const points = (marks[kind] ?? [[0, -4.5], [0, 4.5], [0, 0], [-4.5, 0], [4.5, 0]])
    .map(([u, v]) => [x + u * unit, y + v * unit]);
  const alpha = pen.globalAlpha;
  stroke(pen, points, ink.page, 4.4 * unit, { alpha });
  stroke(pen, points, ink.ink, 1.6 * unit, { alpha });
}

function drawCursor({ pen, unit, ink }, [x, y]) {
  for (const [color, width] of [[ink.page, 5], [ink.ink, 2]]) {
    pen.strokeStyle = color;
    pen.lineWidth = width * unit;
    pen.beginPath();
    pen.arc(x, y, 7 * unit, 0, 2 * Math.PI);
    pen.stroke();
  }
}

/** About one tick for so many pixels. */
export function lossTicks(ground, room, logarithmic) {
  const count = Math.max(2, Math.min(8, room));
  if (!logarithmic) return ticks(ground.low, ground.high, count);
  const [from, to] = [Math.log10(ground.low), Math.log10(ground.high)];
  if (!(to - from > 0.7)) return ticks(ground.low, ground.high, count);
  const found = [];
  const steps = to - from > 4 ? [1] : [1, 2, 5];
  for (let power = Math.floor(from); power <= to; power += Math.ceil((to - from) / 8)) {
    for (const step of steps) found.push(Number((step * 10 ** power).toPrecision(3)));
  }
  return found.filter((loss) => loss >= ground.low && loss <= ground.high);
}

/** The height axis at the leftmost edge of the block, and the names of the sides in front. */
function drawFrame(scene) {
  const { pen, unit, ink, ground, camera, sheet } = scene;
  const { base } = GROUND_LOOKS.heights;
  const [u, v] = [ground.wide / 2, ground.deep / 2];
  const corners = [[-u, -v], [u, -v], [u, v], [-u, v]];
  const lefts = corners.map(([x, y]) => camera.project(x, y, 0)[0]);
  const [x, y] = corners[lefts.indexOf(Math.min(...lefts))];
  const [foot, head] = [camera.project(x, y, 0), camera.project(x, y, ground.tall)];
  const size = STAGE_LOOKS.text_px.axis * unit;
  pen.font = `${size}px ${ink.font}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const taken = [];
  stroke(pen, [foot, head], ink.soft, unit);
  const losses = lossTicks(ground, (foot[1] - head[1]) / (35 * unit), scene.logarithmic);
  const names = apart(losses);
  const put = (words, right, middle) => {
    const wide = pen.measureText(words).width;
    const box = { x: right - wide, y: middle - size / 2, wide, tall: size };
    if (taken.some((other) => Math.abs(other.y - box.y) < size)) return;
    taken.push(box);
    written(pen, words, right, middle, ink.soft, ink.page, unit);
  };
  const title = sheet.relief.base < 0 && scene.logarithmic ? "loss, log above the lowest"
    : scene.logarithmic ? "loss, log scale" : "loss";
  const left = Math.max(head[0] + 10 * unit, pen.measureText(title).width + 4 * unit);
  put(title, left, Math.max(size, head[1] - 1.3 * size));
  losses.forEach((loss, i) => {
    const [px, py] = camera.project(x, y, ground.heightOf(loss));
    stroke(pen, [[px - 5 * unit, py], [px, py]], ink.soft, unit);
    put(names[i], px - 8 * unit, py);
  });
  const sides = [[0, 1, 0, -1, 0], [1, 2, 1, 0, 1], [2, 3, 0, 1, 0], [3, 0, -1, 0, 1]];
  for (const [one, other, outX, outY, axis] of sides) {
    if (!camera.facing(corners[one][0], corners[one][1], outX, outY)) continue;
    const ends = [one, other].map((k) => camera.project(...corners[k], base));
    const grows = corners[other][axis] > corners[one][axis];
    taken.push(...nameSide(scene, ends, sheet.axes[axis], grows));
  }
  return taken;
}

/** The name of a side below its edge, with an arrow the way it grows; boxes along it. */
function nameSide({ pen, unit, ink, height }, [from, to], name, grows) {
  const [a, b] = from[0] < to[0] ? [from, to] : [to, from];
  const arrow = grows === (from[0] < to[0]) ? " →" : "← ";
  const size = STAGE_LOOKS.text_px.axis * unit;
  const words = arrow === " →" ? `${name.split(" (")[0]} →` : `← ${name.split(" (")[0]}`;
  pen.font = `${size}px ${ink.font}`;
  const wide = pen.measureText(words).width;
  const long = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (long < 0.8 * wide) return [];
  const slope = Math.atan2(b[1] - a[1], b[0] - a[0]);
  const [c, s] = [Math.cos(slope), Math.sin(slope)];
  const [x, y] = [(a[0] + b[0]) / 2 - s * 1.2 * size, (a[1] + b[1]) / 2 + c * 1.2 * size];
  if (y + Math.abs(s) * wide / 2 + size > height) return [];
  pen.save();
  pen.translate(x, y);
  pen.rotate(slope);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = ink.soft;
  pen.fillText(words, 0, 0);
  pen.restore();
  const boxes = [];
  const n = Math.ceil(wide / size);
  for (let k = 0; k <= n; k += 1) { // also around the last letter
    const t = (k / n - 0.5) * wide;
    boxes.push(boxAround([x + t * c, y + t * s], size / 2));
  }
  return boxes;
}

/** The edge of a map: numbers and names of both axes, and losses on every fifth contour. */
function drawMapFrame(scene) {
  const { pen, unit, ink, ground, frame, sheet } = scene;
  const { left, top, wide, tall, back } = frame;
  const size = STAGE_LOOKS.text_px.axis * unit;
  pen.strokeStyle = ink.soft;
  pen.lineWidth = unit;
  pen.strokeRect(left, top, wide, tall);
  pen.font = `${size}px ${ink.font}`;
  pen.fillStyle = ink.soft;
  const corners = [[left, top + tall], [left + wide, top]];
  const ends = corners.map((corner) => ground.unplace(...back(...corner)));
  const taken = [];
  [0, 1].forEach((axis) => {
    const [from, to] = ends.map((each) => each[axis]);
    const values = ticks(from, to, Math.max(2, axis ? tall / unit / 45 : wide / unit / 80));
    const words = apart(values);
    pen.textAlign = axis ? "right" : "center";
    pen.textBaseline = axis ? "middle" : "top";
    values.forEach((value, i) => {
      const s = (value - from) / (to - from);
      const long = pen.measureText(words[i]).width;
      const [x, y] = axis ? [left - 6 * unit, top + tall * (1 - s)]
        : [left + wide * s, top + tall + 5 * unit];
      pen.fillText(words[i], x, y);
      taken.push({ x: x - long * (axis ? 1 : 0.5), y: y - (axis ? size / 2 : 0), wide: long,
        tall: size });
    });
  });
  pen.textAlign = "right";
  pen.textBaseline = "bottom";
  const across = `${sheet.axes[0]} →`;
  pen.fillText(across, left + wide, top + tall + 38 * unit);
  const long = pen.measureText(across).width;
  taken.push({ x: left + wide - long, y: top + tall + 38 * unit - size, wide: long, tall: size });
  pen.textAlign = "left";
  const name = `↑ ${sheet.axes[1]}`;
  const from = Math.max(4 * unit, left - 46 * unit);
  pen.fillText(name, from, top - 6 * unit);
  taken.push({ x: from, y: top - 6 * unit - size, wide: pen.measureText(name).width, tall: size });
  const runs = pointsAlong(scene.seen.map((each) => each.top), 6 * unit);
  const avoid = sheet.places.map(({ x, y }) => {
    const [u, v] = ground.place(x, y);
    return scene.camera.project(u, v, 0);
  });
  pen.font = `${size - unit}px ${ink.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const { at, loss } of levelNumbers(ground, frame, [...runs, ...avoid], unit)) {
    const words = short(loss, 2);
    const box = boxAround(at, size / 2);
    const half = pen.measureText(words).width / 2;
    taken.push({ ...box, x: at[0] - half, wide: 2 * half });
    written(pen, words, ...at, ink.ink, ink.page, 0.8 * unit);
  }
  return taken;
}
