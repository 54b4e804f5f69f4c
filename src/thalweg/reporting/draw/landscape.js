// The landscape page: connects its data, its stage, its strip and its controls.

import { byId, html } from "./dom.js";
import { copyText, keepLink, linkOf, readLink } from "./learn/link_state.js";
import { short, whole } from "./numbers.js";
import { makeStage } from "./stage/relief.js";
import { groundOf, pointAt, sheetOf } from "./stage/sheet.js";
import { makeStrip } from "./stage/strip.js";

const DATA = JSON.parse(byId("landscape").textContent);
const SHEETS = DATA.sheets.map(sheetOf);
const PLAY_SECONDS = 9;
const PACE = 1.7; // the first steps go far, the last ones hardly anywhere
const ROWS = 24; // of each run in the table
const REST = 150; // milliseconds after the last move until the picture is fine again

const LOOKS = DATA.runs.map((run) => run.look);
const KEYS = {
  p: { kind: "whole", usual: DATA.first, to: SHEETS.length - 1 },
  v: { kind: "one", usual: DATA.flat ? "map" : "block", of: ["block", "map"] },
  h: { kind: "one", usual: "linear", of: ["linear", "log"] },
  t: { kind: "whole", usual: null },
  az: { kind: "number", usual: null, from: -180, to: 180 },
  el: { kind: "number", usual: null, from: 8, to: 88 },
  zoom: { kind: "number", usual: 1, from: 0.5, to: 6 },
  r: { kind: "bits", usual: "1".repeat(LOOKS.length), length: LOOKS.length },
  laid: { kind: "bits", usual: "0", length: 1 },
  f: { kind: "whole", usual: DATA.focus, to: 999 },
};

const canvas = byId("view");
const slider = byId("step");
const said = byId("said");
const darkly = matchMedia("(prefers-color-scheme: dark)");
const calmly = matchMedia("(prefers-reduced-motion: reduce)");
const stage = makeStage(canvas);
const strip = makeStrip(byId("strip"), (step) => {
  play(false);
  toStep(step);
});

const state = {
  number: 0, flat: false, logarithmic: false, laid: false, step: 0, shown: new Set(LOOKS),
  focus: DATA.focus, camera: { azimuth: 0, elevation: 40, zoom: 1 }, cursor: null, playing: 0,
  paper: false, queued: false, moving: 0, others: [],
};

const sheet = () => SHEETS[state.number];
const home = () => ({ azimuth: sheet().azimuth, elevation: 40, zoom: 1 });
const lastStep = () => Math.max(0, ...sheet().runs.map((run) => run.steps[run.steps.length - 1]));
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
  strip({ ...state, runs: sheet().runs, ink: ink(), last: lastStep() });
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
  return linkOf(KEYS, {
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
  const { state: given, others, wrong } = readLink(KEYS, hash);
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
  const loss = short(run.loss[point], 4);
  return run.steps[point] === step ? loss : `${loss} (step ${whole(run.steps[point])})`;
}

function describeStep() {
  const step = stepNow();
  byId("step-now").textContent = `step ${whole(step)} of ${whole(lastStep())}`;
  for (const cell of document.querySelectorAll("[data-now]")) {
    const run = sheet().runs.find((each) => each.look === +cell.dataset.now);
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
  slider.value = String(stepNow());
  describeStep();
  repaint();
  if (!state.playing) keep();
}

/** Go so many steps forward or back, to a whole step, also if Play stopped between two. */
function walk(steps) {
  play(false);
  toStep(stepNow() + steps);
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
  if (byId("steps").open) fillTable();
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

function change(patch) {
  Object.assign(state, patch);
  showControls();
  repaint();
  keep();
}

function play(on) {
  cancelAnimationFrame(state.playing);
  clearTimeout(state.timer);
  const was = state.playing;
  state.playing = 0;
  byId("play").textContent = on ? "Pause" : "Play";
  byId("play").setAttribute("aria-pressed", String(on));
  if (was && !on) keep();
  if (!on) return;
  const total = lastStep();
  let share = state.step >= total ? 0 : (state.step / total) ** (1 / PACE);
  // Frames have their own clock: the first one may have an earlier time than now.
  let before = null;
  const goOn = (now) => {
    const passed = Math.max(0, now - (before ?? now));
    share = Math.min(1, share + passed / 1000 / PLAY_SECONDS);
    before = now;
    toStep(total * share ** PACE);
    if (share >= 1) play(false);
    else state.playing = requestAnimationFrame(goOn);
  };
  // With reduced motion, show one still picture after the other.
  const jump = () => {
    share = Math.min(1, share + 0.1);
    toStep(Math.round(total * share ** PACE));
    if (share >= 1) play(false);
    else state.timer = setTimeout(jump, 1000);
  };
  state.playing = 1;
  if (calmly.matches) jump();
  else state.playing = requestAnimationFrame(goOn);
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

function goHome() {
  change({ camera: home() });
}

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

// ---------------------------------------------------------------- table

function tableRows() {
  return sheet().runs.filter((run) => state.shown.has(run.look)).flatMap((run) => {
    const count = Math.min(ROWS, run.steps.length);
    return Array.from({ length: count }, (_, i) => {
      const k = count > 1 ? Math.round((i * (run.steps.length - 1)) / (count - 1)) : 0;
      return [run.name, whole(run.steps[k]), short(run.x[k], 4), short(run.y[k], 4),
        short(run.loss[k], 4), short(run.drawn[k], 4), `${Math.round(100 * run.off[k])} %`]
        .slice(0, headNow().length);
    });
  });
}

const HEAD = ["run", "step", "x", "y", "true loss", "drawn loss", "off the plane"];
// A profile has no plane that a run could be off, and draws each loss as it is.
const headNow = () => HEAD.slice(0, sheet().kind === "plane" ? HEAD.length : -2);

function fillTable() {
  const cells = ([first, ...others]) =>
    [html("th", { scope: "row" }, first), ...others.map((words) => html("td", {}, words))];
  byId("steps-table").replaceChildren(
    html("caption", {}, `Positions and losses of the runs: ${sheet().name}`),
    html("thead", {}, html("tr", {}, ...headNow().map((words) =>
      html("th", { scope: "col" }, words)))),
    html("tbody", {}, ...tableRows().map((row) => html("tr", {}, ...cells(row)))));
}

function tableText() {
  const quoted = (words) => (/[",\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words);
  const plain = (words) => (/^[\d,]+$/.test(words) ? words.replaceAll(",", "") : words);
  const lines = [headNow(), ...tableRows()].map((row) =>
    row.map((each) => quoted(plain(each.replaceAll("−", "-")))).join(","));
  return `${lines.join("\n")}\n`;
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

canvas.addEventListener("keydown", (event) => {
  const act = ACTS[event.key];
  // Many keyboards type brackets with AltGr, which must not count as a modifier.
  const isOther = event.ctrlKey || event.metaKey || event.altKey;
  if (!act || (isOther && !event.getModifierState("AltGraph"))) return;
  event.preventDefault();
  act(event.shiftKey ? 5 : 1);
});

let held = null;
const fingers = new Map();

canvas.addEventListener("pointerdown", (event) => {
  fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  held = [event.offsetX, event.offsetY];
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  const here = [event.offsetX, event.offsetY];
  if (fingers.size === 2 && fingers.has(event.pointerId)) {
    const apart = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };
    const before = apart();
    fingers.set(event.pointerId, here);
    zoom(apart() / (before || 1));
  } else if (held && !state.flat) {
    turn((held[0] - here[0]) * 0.4, (here[1] - held[1]) * 0.3);
    held = here;
  } else hover(...here);
});
for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
  canvas.addEventListener(kind, (event) => { fingers.delete(event.pointerId); held = null; });
}
canvas.addEventListener("pointerleave", () => { state.cursor = null; repaint(); });
canvas.addEventListener("wheel", (event) => {
  if (document.activeElement !== canvas && !event.ctrlKey) return; // the page wants to be scrolled
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
}, { passive: false });

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
on("look-block", "change", () => change({ flat: false, cursor: null }));
on("look-map", "change", () => change({ flat: true, cursor: null }));
on("log", "change", (event) => change({ logarithmic: event.target.checked }));
on("laid", "change", (event) => change({ laid: event.target.checked }));
on("focus", "change", ({ target }) => change({ focus: target.value ? +target.value : null }));
on("play", "click", () => play(!state.playing));
on("home", "click", goHome);
on("steps", "toggle", () => { if (byId("steps").open) fillTable(); });
on("copy", "click", () => copyText(byId("copy"), tableText()));
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
    if (byId("steps").open) fillTable();
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
addEventListener("beforeprint", () => { state.paper = true; paintChips(); paintNow(); paintStrip(); });
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
