// The landscape page: connects its data, its stage, its strip and its controls.

import { byId } from "./dom.js";
import { copyText, keepLink } from "./learn/link_state.js";
import { short, whole } from "./numbers.js";
import { sliceAt, sliceWords, walkedStep } from "./stage/followed.js";
import { makePlayer } from "./stage/player.js";
import { makeStage } from "./stage/relief.js";
import { groundOf, pointAt, sheetOf } from "./stage/sheet.js";
import { listenTo } from "./stage/stage_input.js";
import { fillSteps, stepsText } from "./stage/step_table.js";
import { makeStrip } from "./stage/strip.js";
import { viewLink } from "./stage/view_link.js";

const DATA = JSON.parse(byId("landscape").textContent);
const SHEETS = DATA.sheets.map(sheetOf);
const REST = 150; // milliseconds after the last move until the picture is fine again

const LOOKS = DATA.runs.map((run) => run.look);
const LINK = viewLink(DATA, LOOKS);

const canvas = byId("view");
const slider = byId("step");
const said = byId("said");
const darkly = matchMedia("(prefers-color-scheme: dark)");
const calmly = matchMedia("(prefers-reduced-motion: reduce)");
const stage = makeStage(canvas);
const strip = makeStrip(byId("strip"), (step) => { play(false); toStep(step); });
const player = makePlayer((step) => toStep(step), () => play(false));
const state = {
  number: 0, flat: false, logarithmic: false, laid: false, step: 0, shown: new Set(LOOKS),
  focus: DATA.focus, camera: { azimuth: 0, elevation: 40, zoom: 1 }, cursor: null, playing: false,
  paper: false, queued: false, moving: 0, others: [],
};

const chosen = () => SHEETS[state.number];
// What is drawn: of a plane that follows a run, the slice of the step.
const sheet = () => sliceAt(chosen(), stepNow());
const home = () => ({ azimuth: sheet().azimuth, elevation: 40, zoom: 1 });
const lastStep = () => Math.max(0, ...chosen().runs.map((run) => run.steps[run.steps.length - 1]));
// Between two steps the first of them is shown.
const stepNow = () => Math.floor(state.step + 1e-6);
const font = () => getComputedStyle(document.body).fontFamily;

function ink() {
  const dark = darkly.matches && !state.paper;
  const mode = dark ? "dark" : "light";
  const looks = DATA.looks;
  return { ...DATA.colors[mode], dark, font: font(), colors: (look) => looks[look][mode],
    dashes: (look) => looks[look].dash };
}

// ---------------------------------------------------------------- drawing

let seen = null;

/** Draw the picture; returns the milliseconds that it took. */
function paintNow() {
  const from = performance.now();
  const moves = state.moving > 0;
  const unit = moves ? 1 : Math.min(2, devicePixelRatio || 1);
  const ground = groundOf(sheet(), state.logarithmic, !moves);
  seen = stage.draw({ ...state, sheet: sheet(), ground, unit, ink: ink() });
  seen.unit = unit;
  return performance.now() - from;
}

function repaint() {
  if (state.queued) return;
  state.queued = true;
  requestAnimationFrame(() => {
    state.queued = false;
    paintNow();
    paintStrip();
  });
}

function paintStrip() {
  strip({ ...state, runs: chosen().runs, ink: ink(), last: lastStep() });
}

/** Draw coarsely while something turns, and finely when it rests. */
function moving() {
  clearTimeout(state.moving);
  state.moving = setTimeout(() => {
    state.moving = 0;
    repaint();
    keep();
  }, REST);
  repaint();
}

// ---------------------------------------------------------------- the link

function linkNow() {
  const { azimuth, elevation, zoom } = state.camera;
  const usual = home();
  return LINK.write({
    p: state.number, v: state.flat ? "map" : "block", h: state.logarithmic ? "log" : "linear",
    t: stepNow() === lastStep() ? null : stepNow(),
    az: azimuth === usual.azimuth ? null : Math.round(azimuth),
    el: elevation === usual.elevation ? null : Math.round(elevation),
    zoom: Number(zoom.toFixed(2)), laid: state.laid ? "1" : "0", f: state.focus,
    r: LOOKS.map((look) => (state.shown.has(look) ? "1" : "0")).join(""),
  }, state.others);
}

let kept = 0;

/** Browsers allow only so many new links in a time: the last of several is kept. */
function keep() {
  clearTimeout(kept);
  kept = setTimeout(() => keepLink(linkNow()), REST);
}

/** Take the state of a link, and say which parts of it cannot be. */
function follow(hash) {
  const { state: given, others, wrong, other } = LINK.read(hash);
  play(false);
  state.others = others;
  state.number = given.p;
  state.flat = given.v === "map";
  state.logarithmic = given.h === "log";
  state.laid = given.laid === "1";
  state.focus = LOOKS.includes(given.f) ? given.f : null;
  state.shown = new Set(LOOKS.filter((_, i) => given.r[i] === "1"));
  toSheet(given.p);
  const { azimuth, elevation } = home();
  state.camera = { azimuth: given.az ?? azimuth, elevation: given.el ?? elevation,
    zoom: given.zoom };
  toStep(given.t ?? lastStep());
  showControls();
  if (other.length) say(`The link is of another picture: ${other.join(", ")}.`);
  if (wrong.length) say(`The link says something impossible about: ${wrong.join(", ")}.`);
}

// ---------------------------------------------------------------- words

let lastSaid = 0;
/** Announce a text, at most once a second while the animation runs. */
function say(words) {
  if (state.playing && performance.now() - lastSaid < 1000) return;
  lastSaid = performance.now();
  said.textContent = words;
}

/** The loss of the shown point of a run, and its step if it differs from the current one. */
function lossNow(run, step) {
  const point = Math.floor(pointAt(run, step) + 1e-6);
  if (run.diverged && step > run.steps[point] && point === run.loss.length - 1) {
    return `✕ after step ${whole(run.steps[point])}`;
  }
  if (run.late && point === run.loss.length - 1) return run.late;
  const loss = short(run.loss[point], 4);
  return run.steps[point] === step ? loss : `${loss} (step ${whole(run.steps[point])})`;
}

function describeStep() {
  const step = stepNow();
  byId("step-now").textContent =
    `step ${whole(step)} of ${whole(lastStep())}${sliceWords(chosen(), step)}`;
  for (const cell of document.querySelectorAll("[data-now]")) {
    const run = chosen().runs.find((each) => each.look === +cell.dataset.now);
    cell.textContent = run ? lossNow(run, step) : "";
  }
  slider.setAttribute("aria-valuetext", byId("step-now").textContent);
}

function describeCursor() {
  if (!state.cursor) return;
  const [x, y] = state.cursor;
  const ground = groundOf(sheet(), state.logarithmic);
  const top = ground.heightAt(...ground.place(x, y));
  const height = Number.isFinite(top) ? `loss ${short(ground.lossOf(top), 4)}`
    : "no finite loss here";
  say(`At ${short(x, 3)}, ${short(y, 3)}: ${height}.`);
}

// ---------------------------------------------------------------- changes

function toStep(step) {
  state.step = Math.min(lastStep(), Math.max(0, step));
  if (chosen().slices) state.step = sliceAt(chosen(), state.step).step;
  slider.value = String(stepNow());
  describeStep();
  repaint();
  if (!state.playing) keep();
}

/** Go so many steps forward or back, to a whole step, also if Play stopped between two. */
function walk(steps) {
  play(false);
  toStep(walkedStep(chosen(), stepNow(), steps));
}

function toSheet(number) {
  const share = lastStep() ? state.step / lastStep() : 1;
  state.number = number;
  state.camera = home();
  state.cursor = null;
  slider.max = String(lastStep());
  for (const part of document.querySelectorAll("[data-sheet]")) {
    part.hidden = +part.dataset.sheet !== number;
  }
  for (const part of document.querySelectorAll("[data-of-plane]")) {
    part.hidden = sheet().kind !== "plane";
  }
  byId("finding").textContent = sheet().finding;
  document.title = sheet().finding;
  byId("leaps").hidden = sheet().kind !== "plane";
  showControls();
  toStep(share * lastStep());
  showSteps();
}

/** What each control says is what the state says. */
function showControls() {
  const { flat } = state;
  byId("sheet").value = String(state.number);
  byId("look-map").checked = flat;
  byId("look-block").checked = !flat;
  byId("log").checked = state.logarithmic;
  byId("laid").checked = state.laid;
  // On a map, and where the slice is the whole function, runs lie on the ground anyway.
  byId("laid").disabled = flat || sheet().kind !== "plane" || sheet().exact;
  byId("focus").value = state.focus === null ? "" : String(state.focus);
  for (const part of document.querySelectorAll(".of-block")) part.hidden = flat;
  for (const part of document.querySelectorAll(".of-map")) part.hidden = !flat;
  const names = new Set(sheet().runs.map((run) => run.name));
  for (const chip of document.querySelectorAll("[data-shows]")) {
    const look = +chip.dataset.shows;
    chip.setAttribute("aria-pressed", String(state.shown.has(look)));
    chip.disabled = !names.has(DATA.runs.find((run) => run.look === look).name);
  }
  const how = flat ? "Map" : "Surface";
  const moves = flat ? "arrow keys move a cursor" : "arrow keys rotate it";
  canvas.setAttribute("aria-label", `${how}. ${sheet().finding} ${moves}, plus and minus zoom.`);
}

/** Fill the table of steps, if somebody looks at it. */
function showSteps() {
  if (byId("steps").open) fillSteps(byId("steps-table"), chosen(), state.shown);
}

function change(patch) {
  Object.assign(state, patch);
  showControls();
  repaint();
  keep();
}

function play(on) {
  const was = state.playing;
  player.stop();
  state.playing = on;
  byId("play").textContent = on ? "Pause" : "Play";
  byId("play").setAttribute("aria-pressed", String(on));
  if (was && !on) keep();
  if (on) player.start(state.step, lastStep(), calmly.matches);
}

function turn(azimuth, elevation) {
  const { camera } = state;
  camera.azimuth = (camera.azimuth + azimuth + 540) % 360 - 180;
  camera.elevation = Math.min(88, Math.max(8, camera.elevation + elevation));
  moving();
}

function zoom(factor) {
  state.camera.zoom = Math.min(6, Math.max(state.flat ? 1 : 0.5, state.camera.zoom * factor));
  moving();
}

const goHome = () => change({ camera: home() });

function moveCursor(dx, dy) {
  const { x, y } = sheet();
  const move = (axis, at, by) => {
    const [first, last] = [axis[0], axis[axis.length - 1]];
    return Math.min(last, Math.max(first, at + (by * (last - first)) / 40));
  };
  const at = state.cursor ?? [(x[0] + x.at(-1)) / 2, (y[0] + y.at(-1)) / 2];
  state.cursor = [move(x, at[0], dx), move(y, at[1], dy)];
  describeCursor();
  repaint();
}

// ---------------------------------------------------------------- input

const ACTS = {
  ArrowLeft: (n) => (state.flat ? moveCursor(-n, 0) : turn(-5 * n, 0)),
  ArrowRight: (n) => (state.flat ? moveCursor(n, 0) : turn(5 * n, 0)),
  ArrowUp: (n) => (state.flat ? moveCursor(0, n) : turn(0, 4 * n)),
  ArrowDown: (n) => (state.flat ? moveCursor(0, -n) : turn(0, -4 * n)),
  "+": () => zoom(1.15),
  "=": () => zoom(1.15),
  "-": () => zoom(1 / 1.15),
  0: goHome,
  " ": () => play(!state.playing),
  "[": (n) => walk(-n),
  "]": (n) => walk(n),
  ",": (n) => walk(-n),
  ".": (n) => walk(n),
  // The characters of these keys with Shift.
  "{": () => walk(-5),
  "}": () => walk(5),
  "<": () => walk(-5),
  ">": () => walk(5),
  Home: () => walk(-Infinity),
  End: () => walk(Infinity),
  v: () => change({ flat: !state.flat, cursor: null }),
  l: () => change({ logarithmic: !state.logarithmic }),
  g: () => { byId("steps").open = !byId("steps").open; },
  "?": () => {
    byId("keys").open = !byId("keys").open;
    if (byId("keys").open) byId("keys").scrollIntoView({ block: "nearest" });
  },
  Escape: () => { change({ cursor: null }); canvas.blur(); },
};

listenTo(canvas, {
  acts: ACTS, turn, zoom, hover, isFlat: () => state.flat,
  leave: () => { state.cursor = null; repaint(); },
});

function hover(px, py) {
  if (state.moving || !seen) return;
  const ground = groundOf(sheet(), state.logarithmic);
  const place = seen.placeAt(px * seen.unit, py * seen.unit);
  const inside = place && Math.abs(place[0]) <= ground.wide / 2
    && Math.abs(place[1]) <= ground.deep / 2;
  state.cursor = inside ? ground.unplace(...place) : null;
  describeCursor();
  repaint();
}

// ---------------------------------------------------------------- start

const on = (id, kind, act) => byId(id).addEventListener(kind, act);
on("sheet", "change", (event) => toSheet(+event.target.value));
for (const flat of [false, true]) {
  on(flat ? "look-map" : "look-block", "change", () => change({ flat, cursor: null }));
}
on("log", "change", (event) => change({ logarithmic: event.target.checked }));
on("laid", "change", (event) => change({ laid: event.target.checked }));
on("focus", "change", ({ target }) => change({ focus: target.value ? +target.value : null }));
on("play", "click", () => play(!state.playing));
on("home", "click", goHome);
on("steps", "toggle", showSteps);
on("copy", "click", () => copyText(byId("copy"), stepsText(chosen(), state.shown)));
on("copy-link", "click", () =>
  copyText(byId("copy-link"), `${location.href.split("#")[0]}${linkNow()}`));
for (const each of document.querySelectorAll("[data-copies]")) {
  each.addEventListener("click", () => copyText(each, DATA.recipes[each.dataset.copies]));
}
slider.addEventListener("input", () => { play(false); toStep(+slider.value); });
for (const chip of document.querySelectorAll("[data-shows]")) {
  chip.addEventListener("click", () => {
    const look = +chip.dataset.shows;
    const shown = new Set(state.shown);
    if (!shown.delete(look)) shown.add(look);
    change({ shown });
    showSteps();
  });
}

/** The colours of the chips. */
function paintChips() {
  const { colors } = ink();
  for (const swatch of document.querySelectorAll("i[data-look]")) {
    swatch.style.setProperty("--run", colors(+swatch.dataset.look));
  }
}
const renew = () => { paintChips(); repaint(); };
darkly.addEventListener("change", renew);
addEventListener("beforeprint", () => {
  state.paper = true;
  fillSteps(byId("steps-table"), chosen(), state.shown);
  paintChips();
  paintNow();
  paintStrip();
});
addEventListener("afterprint", () => { state.paper = false; renew(); });
addEventListener("hashchange", () => { if (location.hash !== linkNow()) follow(location.hash); });
new ResizeObserver(repaint).observe(canvas);

document.documentElement.classList.add("scripted");
paintChips();
follow(location.hash);
paintNow();
paintStrip();
// For tests: the milliseconds of a picture from another direction, and what is where on it.
document.documentElement.paintFrom = (azimuth, elevation = state.camera.elevation) => {
  Object.assign(state.camera, { azimuth, elevation });
  return paintNow();
};
Object.assign(document.documentElement, { seen: () => seen, follow, linkNow });
document.documentElement.dataset.drawn = "yes";
