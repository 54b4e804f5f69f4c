// The picture of the ground: block or map, turned by pointer and keys, with a point to look at.

import { html } from "/draw/dom.js";
import { short } from "/draw/numbers.js";
import { marker } from "/draw/series_marks.js";
import { makeStage } from "/draw/stage/relief.js";
import { groundOf, pointAt } from "/draw/stage/sheet.js";
import { listenTo } from "/draw/stage/stage_input.js";
import { STAGE_LOOKS } from "/draw/stage/stage_looks.js";
import { lookOf } from "../train/run_looks.js";
import { placeWords } from "./ground_sheet.js";

const REST = 150; // milliseconds after the last move until the picture is fine again
const MOVES = 60; // steps of a point from edge to edge
const NEAR = 6; // pixels: who moves less between press and release has clicked
const INKS = { page: "--page", ink: "--ink", soft: "--soft" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const CLOSER = 1.15;
const HOME = { elevation: 40, zoom: 1 };

/**
 * @param {HTMLElement} root
 * @param {object} does
 * @param {(point: number[]) => void} does.look
 * @param {(cam: string|null) => void} does.turned
 * @param {(patch: object) => void} does.set of the view
 * @param {(words: string) => void} does.say
 * @param {Record<string, () => void>} does.keys more keys of the picture
 */
export function makeGroundCanvas(root, { look, turned, set, say, keys }) {
  const canvas = html("canvas", { id: "ground-view", tabindex: 0, role: "application",
    "aria-label": "The ground", "aria-describedby": "ground-keys" });
  const probe = html("i", { hidden: true });
  root.replaceChildren(canvas, probe);
  const stage = makeStage(canvas);
  const now = { sheet: null, number: 0, flat: false, logarithmic: false, laid: false, step: 0, shown: new Set(),
    focus: null, cursor: null, camera: { azimuth: 0, ...HOME } };
  let [seen, ink, cam, points] = [null, null, null, false];
  let [moving, queued, pressed] = [0, false, [0, 0]];

  // ------------------------------------------------------------ drawing

  function inkNow() {
    const value = (name) => {
      probe.style.setProperty("color", `var(${name})`);
      return getComputedStyle(probe).color;
    };
    const page = value("--page");
    if (ink?.page === page) return ink;
    const dark = Math.max(...page.match(/\d+/g).slice(0, 3).map(Number)) < 128;
    const runs = Array.from({ length: 7 }, (_, k) => value(`--run-${k}`));
    // The dashes of Train, in widths of a tube. Small gaps, and no dots: dots mean that a run is hidden.
    const dashes = (own) => lookOf(own).dash.split(" ").filter(Boolean)
      .map((each, k) => (k % 2 ? Number(each) / 5 : Math.max(1.5, Number(each) / 2)));
    ink = { ...Object.fromEntries(Object.entries(INKS).map(([name, key]) => [name, value(key)])), page, dark,
      font: getComputedStyle(document.body).fontFamily, colors: (own) => runs[own % 7], dashes };
    return ink;
  }

  function paint() {
    if (!now.sheet || !canvas.clientWidth) return;
    const unit = moving ? 1 : Math.min(2, devicePixelRatio || 1);
    const ground = groundOf(now.sheet, now.logarithmic, !moving);
    seen = { unit, ...stage.draw({ ...now, ground, unit, ink: inkNow() }) };
    drawMarkers();
    canvas.dataset.painted = `${now.sheet.x.length} ${now.flat ? "map" : "block"}`;
  }

  /** The marker of each run on its ball, as in the other places. */
  function drawMarkers() {
    const pen = canvas.getContext("2d");
    for (const { run, spot: [x, y], lost, point } of seen.heads) {
      if (lost || point === 0) continue;
      const size = 0.42 * STAGE_LOOKS.ball_px.radius * seen.unit;
      pen.save();
      pen.translate(x, y);
      pen.fillStyle = ink.page;
      pen.globalAlpha = 0.9;
      pen.fill(new Path2D(marker(lookOf(run.look), 0, 0, size).getAttribute("d")));
      pen.restore();
    }
  }

  function repaint() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      paint();
    });
  }

  /** Draw coarsely while something turns, and finely when it rests. */
  function moves() {
    clearTimeout(moving);
    moving = setTimeout(() => {
      moving = 0;
      repaint();
      cam = camNow();
      turned(cam);
    }, REST);
    repaint();
  }

  // ------------------------------------------------------------ the camera

  const home = () => ({ azimuth: now.sheet?.azimuth ?? 0, ...HOME });

  function camNow() {
    const { azimuth, elevation, zoom } = now.camera;
    const told = [Math.round(azimuth), Math.round(elevation), Number(zoom.toFixed(2))].join();
    const { azimuth: az, elevation: el, zoom: z } = home();
    return told === [Math.round(az), el, z].join() ? null : told;
  }

  /** The camera of a link. */
  function takeCamera(text) {
    cam = text;
    const [azimuth, elevation, zoom] = text === null ? [] : text.split(",").map(Number);
    now.camera = text === null ? home() : { azimuth, elevation, zoom };
  }

  function turn(azimuth, elevation) {
    const { camera } = now;
    camera.azimuth = ((camera.azimuth + azimuth + 540) % 360) - 180;
    camera.elevation = Math.min(88, Math.max(8, camera.elevation + elevation));
    moves();
  }

  function zoom(factor) {
    now.camera.zoom = Math.min(6, Math.max(now.flat ? 1 : 0.5, now.camera.zoom * factor));
    moves();
  }

  function goHome() {
    now.camera = home();
    moves();
  }

  // ------------------------------------------------------------ the point

  function toPoint(place) {
    const { x, y } = now.sheet;
    const inside = [x, y].map((axis, i) => Math.min(axis.at(-1), Math.max(axis[0], place[i])));
    now.cursor = inside;
    repaint();
    look(inside);
    const ground = groundOf(now.sheet, now.logarithmic);
    const top = ground.heightAt(...ground.place(...inside));
    say(`At ${placeWords(inside)}: ${Number.isFinite(top) ? `loss ${short(ground.lossOf(top))} on the picture`
      : "no finite loss"}`);
  }

  /** Where a point begins: at the ball of the first run, or in the middle. */
  function firstPoint() {
    const { sheet, focus, step } = now;
    const run = sheet.runs.find((each) => each.look === focus) ?? sheet.runs.find((each) => now.shown.has(each.look));
    const k = run ? Math.floor(pointAt(run, step) + 1e-6) : 0;
    return run ? [run.x[k], run.y[k]] : [(sheet.x[0] + sheet.x.at(-1)) / 2, (sheet.y[0] + sheet.y.at(-1)) / 2];
  }

  function movePoint(dx, dy) {
    if (!now.sheet) return;
    if (!now.cursor) {
      toPoint(firstPoint());
      return;
    }
    const { x, y } = now.sheet;
    toPoint([now.cursor[0] + (dx * (x.at(-1) - x[0])) / MOVES, now.cursor[1] + (dy * (y.at(-1) - y[0])) / MOVES]);
  }

  const arrow = (dx, dy, otherwise) => (n) => (now.flat || points ? movePoint(n * dx, n * dy) : otherwise(n));

  /** In 3-D, arrow keys turn the view or move the point. */
  function turnKeys() {
    points = !points;
    if (points && now.sheet && !now.cursor) toPoint(firstPoint());
    say(points || now.flat ? "The arrow keys move the point" : "The arrow keys turn the view");
    tell();
  }

  listenTo(canvas, {
    acts: {
      ...Object.fromEntries(Object.entries(ARROWS).map(([key, [dx, dy]]) => [key, arrow(dx, dy, (n) => turn(5 * n * dx, 4 * n * dy))])),
      "+": () => zoom(CLOSER), "=": () => zoom(CLOSER), "-": () => zoom(1 / CLOSER), 0: goHome,
      Enter: () => now.sheet && toPoint(now.cursor ?? firstPoint()),
      p: turnKeys,
      v: () => set({ look: now.flat ? "block" : "map" }),
      l: () => set({ h: now.logarithmic ? "linear" : "log" }),
      Escape: () => {
        points = false;
        look(null);
        canvas.blur();
      },
      ...keys,
    },
    turn, zoom, hover() {}, leave() {}, isFlat: () => now.flat,
  });
  canvas.addEventListener("pointerdown", (event) => { pressed = [event.offsetX, event.offsetY]; });
  canvas.addEventListener("click", (event) => {
    const at = [event.offsetX, event.offsetY];
    const hasMoved = Math.hypot(at[0] - pressed[0], at[1] - pressed[1]) > NEAR;
    if (seen && !hasMoved) press(at.map((each) => each * seen.unit));
  });

  /** Look at what lies below a pixel, if it is on the block. */
  function press(pixel) {
    const [x, y] = seen.placeAt(...pixel) ?? [Infinity, Infinity];
    const { ground } = seen;
    if (Math.abs(x) <= ground.wide / 2 && Math.abs(y) <= ground.deep / 2) toPoint(ground.unplace(x, y));
  }

  const renew = () => repaint();
  const darkly = matchMedia("(prefers-color-scheme: dark)");
  darkly.addEventListener("change", renew);
  const themes = new MutationObserver(renew);
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const sizes = new ResizeObserver(renew);
  sizes.observe(canvas);
  // For tests: the point that is looked at, and where a point of the axes is on the canvas.
  canvas.point = () => now.cursor;
  canvas.pixelOf = (place) => {
    const [x, y] = seen.ground.place(...place);
    const top = now.flat ? 0 : seen.ground.heightAt(x, y) || 0;
    return seen.camera.project(x, y, top).slice(0, 2).map((each) => each / seen.unit);
  };

  function tell() {
    const how = now.flat ? "Map" : "Relief";
    const arrows = now.flat || points ? "arrow keys move a point" : "arrow keys turn it";
    canvas.setAttribute("aria-label", `${how} of the loss. ${now.sheet?.finding ?? ""}. ${arrows}, plus and minus zoom.`);
  }

  return {
    goHome, turnKeys,
    point: () => now.sheet && toPoint(now.cursor ?? firstPoint()),
    /** Take what the state says; draw only what has changed. */
    update({ sheet, flat, logarithmic, step, shown, focus, cursor, cam: linked }) {
      const isOther = sheet !== now.sheet;
      const isTurned = isOther && sheet.azimuth !== now.sheet?.azimuth;
      if (isOther) now.number += 1;
      Object.assign(now, { sheet, flat, logarithmic, step, shown, focus, cursor });
      if (isTurned || (linked !== cam && !moving)) takeCamera(linked);
      tell();
      repaint();
    },
    destroy() {
      clearTimeout(moving);
      darkly.removeEventListener("change", renew);
      themes.disconnect();
      sizes.disconnect();
      root.replaceChildren();
    },
  };
}
