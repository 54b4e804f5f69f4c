// A relief in a lesson: a ground with runs, a player, the losses below, and a place that readers set.

import { html } from "../dom.js";
import { short, whole } from "../numbers.js";
import { makePlayer } from "../stage/player.js";
import { makeStage } from "../stage/relief.js";
import { groundOf } from "../stage/sheet.js";
import { listenTo } from "../stage/stage_input.js";
import { makeStrip } from "../stage/strip.js";
import { isBehind } from "../stage/strokes.js";

const REST = 150; // milliseconds after the last move until the picture is fine again
const MOVES = 80; // steps of a cursor from edge to edge
const DARKEST = 128; // of 255, for the red of a page that is not light
const LIFT = 0.005; // marks are so far above the ground

/**
 * @typedef {object} ReliefState
 * @property {object} sheet from `sheetOf`, with the runs of this moment
 * @property {Set<number>} shown looks of the runs that are seen
 * @property {number|null} focus
 * @property {boolean} flat a map, or a block
 * @property {boolean} laid runs lie on a slice
 * @property {boolean} quiet the losses and the player are hidden
 * @property {number[]|null} cursor on the axes of the sheet
 * @property {((place: number[]) => void)|null} tapped called with a place that a reader sets
 * @property {{points: number[][], joined: boolean, color: "soft"|"ink"}[]} marks
 *
 * @param {HTMLElement} root
 * @param {object} data colours and looks, from `page_data`
 * @returns {{state: ReliefState, set: (patch: object) => void, play: (on: boolean) => void,
 *   last: () => number}}
 */
export function reliefStage(root, data) {
  const canvas = html("canvas", { class: "relief", tabindex: 0, role: "application" });
  const play = html("button", { type: "button" }, "Play");
  const slider = html("input", { type: "range", id: "at-step", min: 0, step: 1,
    "aria-label": "Step" });
  const now = html("output", { for: "at-step" });
  const bar = html("div", { class: "controls player" }, play, slider, now);
  const look = html("button", { type: "button" });
  const said = html("p", { class: "say cursor-said", role: "status" });
  const box = html("div", { class: "losses-by-step" });
  root.append(canvas, html("div", { class: "relief-bar", "data-part": "player" }, bar, look), said,
    html("div", { "data-part": "losses" }, box));
  const [darkly, calmly] = ["(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"]
    .map((query) => matchMedia(query));
  const state = {
    sheet: null, number: 0, shown: new Set(), focus: null, step: 0, flat: false, laid: false,
    logarithmic: false, quiet: false, cursor: null, tapped: null, marks: [], moving: 0, queued: false,
    playing: false, camera: null, paper: false,
  };
  const stage = makeStage(canvas);
  const last = () => Math.max(0, ...state.sheet.runs.filter(({ look: own }) => state.shown.has(own))
    .map(({ steps }) => steps.at(-1)));
  const player = makePlayer((step) => toStep(step), () => playing(false));
  const strip = makeStrip(box, (step) => {
    playing(false);
    toStep(step);
  });
  let seen = null;

  const ink = () => {
    const [page] = getComputedStyle(canvas).backgroundColor.match(/\d+/); // the page's own, by its theme
    const dark = Number(page) < DARKEST && !state.paper;
    const mode = dark ? "dark" : "light";
    return { ...data.colors[mode], dark, font: getComputedStyle(document.body).fontFamily,
      colors: (own) => data.looks[own][mode], dashes: (own) => data.looks[own].dash };
  };

  const paintNow = () => {
    const from = performance.now();
    const unit = state.moving ? 1 : Math.min(2, devicePixelRatio || 1);
    const ground = groundOf(state.sheet, false, !state.moving);
    const view = { ...state, ground, unit, ink: ink() };
    seen = { unit, ...stage.draw(view) };
    drawMarks(canvas.getContext("2d"), seen, view);
    strip({ ...view, runs: state.quiet ? [] : state.sheet.runs.filter((run) =>
      state.shown.has(run.look)), last: last() });
    return performance.now() - from;
  };
  const repaint = () => {
    if (state.queued || !state.sheet) return;
    state.queued = true;
    requestAnimationFrame(() => {
      state.queued = false;
      if (canvas.isConnected) paintNow();
    });
  };
  const moving = () => {
    clearTimeout(state.moving);
    state.moving = setTimeout(() => {
      state.moving = 0;
      repaint();
    }, REST);
    repaint();
  };

  const toStep = (step) => {
    state.step = Math.min(last(), Math.max(0, step));
    const here = Math.floor(state.step + 1e-6);
    slider.value = String(here);
    now.textContent = `step ${whole(here)} of ${whole(last())}`;
    slider.setAttribute("aria-valuetext", now.textContent);
    repaint();
  };
  const playing = (on) => {
    player.stop();
    state.playing = on;
    play.textContent = on ? "Pause" : "Play";
    if (!on) return;
    if (state.step >= last()) toStep(0);
    player.start(state.step, last(), calmly.matches);
  };

  const set = (patch) => {
    if (patch.sheet && patch.sheet !== state.sheet) {
      state.number += 1;
      if (patch.sheet.azimuth !== state.sheet?.azimuth) state.camera = null;
    }
    playing(false);
    Object.assign(state, patch);
    state.camera ??= { azimuth: state.sheet.azimuth, elevation: 40, zoom: 1 };
    bar.hidden = state.quiet || !state.sheet.runs.length;
    slider.max = String(last());
    look.textContent = state.flat ? "Show the block" : "Show the map";
    said.hidden = !state.tapped;
    const moves = state.tapped ? "arrow keys move the place" : state.flat ? "plus and minus zoom"
      : "arrow keys rotate it, plus and minus zoom";
    canvas.setAttribute("aria-label", `${state.flat ? "Map" : "Block"} of the loss: ${moves}.`);
    toStep(patch.step ?? state.step);
  };

  const turn = (azimuth, elevation) => {
    if (state.flat) return;
    const { camera } = state;
    camera.azimuth = ((camera.azimuth + azimuth + 540) % 360) - 180;
    camera.elevation = Math.min(88, Math.max(8, camera.elevation + elevation));
    moving();
  };
  const zoom = (factor) => {
    state.camera.zoom = Math.min(6, Math.max(state.flat ? 1 : 0.5, state.camera.zoom * factor));
    moving();
  };
  const toPlace = (place) => {
    const inside = [state.sheet.x, state.sheet.y].map((axis, i) =>
      Math.min(axis.at(-1), Math.max(axis[0], place[i])));
    state.cursor = inside;
    const ground = groundOf(state.sheet, false);
    const loss = ground.lossOf(ground.heightAt(...ground.place(...inside)));
    said.textContent = `You are at (${inside.map((each) => short(each, 3)).join(", ")}): loss ${
      short(loss, 3)}.`;
    state.tapped(inside);
    repaint();
  };
  const arrow = (dx, dy, otherwise) => (n) => {
    if (!state.tapped) {
      otherwise(n);
      return;
    }
    const middle = [state.sheet.x, state.sheet.y].map((axis) => (axis[0] + axis.at(-1)) / 2);
    const side = state.sheet.x.at(-1) - state.sheet.x[0];
    const from = state.cursor ?? middle;
    toPlace([from[0] + (n * dx * side) / MOVES, from[1] + (n * dy * side) / MOVES]);
  };
  let pressed = [0, 0];
  listenTo(canvas, {
    acts: {
      ArrowLeft: arrow(-1, 0, (n) => turn(-5 * n, 0)),
      ArrowRight: arrow(1, 0, (n) => turn(5 * n, 0)),
      ArrowUp: arrow(0, 1, (n) => turn(0, 4 * n)),
      ArrowDown: arrow(0, -1, (n) => turn(0, -4 * n)),
      "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15),
      " ": () => { if (!bar.hidden) playing(!state.playing); },
    },
    turn, zoom, hover: () => {}, leave: () => {}, isFlat: () => state.flat,
  });
  canvas.addEventListener("pointerdown", (event) => { pressed = [event.offsetX, event.offsetY]; });
  canvas.addEventListener("click", (event) => {
    const here = [event.offsetX, event.offsetY];
    if (!state.tapped || Math.hypot(here[0] - pressed[0], here[1] - pressed[1]) > 6) return;
    const place = seen.placeAt(here[0] * seen.unit, here[1] * seen.unit);
    const { wide, deep } = seen.ground;
    if (place && Math.abs(place[0]) <= wide / 2 && Math.abs(place[1]) <= deep / 2) {
      toPlace(seen.ground.unplace(...place));
    }
  });
  play.addEventListener("click", () => playing(!state.playing));
  look.addEventListener("click", () => {
    state.flat = !state.flat;
    set({});
  });
  slider.addEventListener("input", () => {
    playing(false);
    toStep(Number(slider.value));
  });
  const left = new AbortController();
  const themes = new MutationObserver(repaint);
  darkly.addEventListener("change", repaint, left);
  themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  for (const [kind, paper] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(kind, () => {
      state.paper = paper;
      if (state.sheet && canvas.clientWidth) paintNow();
    }, left);
  }
  const sizes = new ResizeObserver(() => {
    if (canvas.isConnected) repaint();
    else if (seen) leave(); // its place in a page with several ones was left
  });
  sizes.observe(canvas);
  const leave = () => {
    playing(false);
    left.abort();
    for (const each of [themes, sizes]) each.disconnect();
  };
  // For tests: the milliseconds of a picture from another direction, and what is where on it.
  Object.assign(canvas, {
    paintFrom: (azimuth) => {
      state.camera.azimuth = azimuth;
      return paintNow();
    },
    pixelOf: (place) => pixelOf(seen, state.flat, place).map((each) => each / seen.unit),
    state,
  });
  return { state, set, play: playing, last, canvas };
}

/** Where a place of the axes is on the canvas. */
function pixelOf({ ground, camera }, flat, place) {
  const [x, y] = ground.place(...place);
  return camera.project(x, y, (flat ? 0 : ground.heightAt(x, y) || 0) + LIFT);
}

/** Dots, and lines between two places; what a hill hides is left out. */
function drawMarks(pen, seen, { marks, flat, unit, ink }) {
  for (const { points, joined, color } of marks) {
    const at = points.map((place) => pixelOf(seen, flat, place));
    pen.strokeStyle = ink.page;
    pen.fillStyle = ink[color];
    if (joined) {
      for (const [style, width] of [[ink.page, 5], [ink[color], 2]]) {
        pen.strokeStyle = style;
        pen.lineWidth = width * unit;
        pen.beginPath();
        at.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
        pen.stroke();
      }
    }
    pen.globalAlpha = joined ? 1 : 0.55;
    for (const point of at) {
      if (!flat && isBehind(seen.buffers, point)) continue;
      pen.beginPath();
      pen.arc(point[0], point[1], (joined ? 5 : 2.4) * unit, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }
}
