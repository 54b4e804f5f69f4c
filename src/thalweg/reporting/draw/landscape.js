// The landscape page: connects its data, its canvas and its controls.

import { blockAt, drawBlock } from "./landscape_relief.js";
import { byId, html } from "./dom.js";
import { groundOf, placed, pointAt, unplaced, valueAt } from "./landscape_surface.js";
import { drawMap, frameOf } from "./landscape_map.js";
import { short, whole } from "./numbers.js";
import { drawMark, drawStroke, inkOf } from "./landscape_marks.js";

const DATA = JSON.parse(byId("landscape").textContent);
const GROUNDS = DATA.sheets.map(groundOf);
const PLAY_SECONDS = 7;
const PACE = 1.7; // the first steps go far, the last ones hardly anywhere
const ROWS = 24; // of each run in the table

const canvas = byId("view");
const slider = byId("step");
const said = byId("said");
const darkly = matchMedia("(prefers-color-scheme: dark)");
const calmly = matchMedia("(prefers-reduced-motion: reduce)");

const state = {
  sheet: 0, flat: false, step: 0, shown: new Set(DATA.runs.map((run) => run.name)), lifted: false,
  camera: home(0), cursor: null, playing: 0, paper: false, queued: false,
};

function home(sheet) {
  return { azimuth: DATA.sheets[sheet].azimuth, elevation: 34, zoom: 1 };
}

const ground = () => GROUNDS[state.sheet];
const lastStep = () => Math.max(0, ...ground().runs.map((run) => run.steps[run.steps.length - 1]));
// Between two steps the first of them is shown.
const stepNow = () => Math.floor(state.step + 1e-6);
const font = () => getComputedStyle(document.body).fontFamily;
const ink = () => inkOf(DATA, darkly.matches && !state.paper, font());

// ---------------------------------------------------------------- drawing

/** Draw the picture; returns the milliseconds that it took. */
function paintNow() {
  const from = performance.now();
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const fine = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * fine)) canvas.width = Math.round(width * fine);
  if (canvas.height !== Math.round(height * fine)) canvas.height = Math.round(height * fine);
  const pen = canvas.getContext("2d");
  pen.setTransform(fine, 0, 0, fine, 0, 0);
  const view = { ...state, ground: ground(), ink: ink() };
  (state.flat ? drawMap : drawBlock)(pen, width, height, view);
  return performance.now() - from;
}

function repaint() {
  if (state.queued) return;
  state.queued = true;
  requestAnimationFrame(() => {
    state.queued = false;
    paintNow();
  });
}

function keys() {
  const colors = ink();
  for (const key of document.querySelectorAll("canvas[data-look]")) {
    const pen = key.getContext("2d");
    pen.setTransform(2, 0, 0, 2, 0, 0);
    pen.clearRect(0, 0, 44, 16);
    drawStroke(pen, [[2, 8], [42, 8]], colors, +key.dataset.look, "plain");
    drawMark(pen, "end", [22, 8], colors, +key.dataset.look);
  }
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
  if (run.diverged && step > run.steps[point] && point === run.loss.length - 1) return "✕";
  const loss = short(run.loss[point], 4);
  return run.steps[point] === step ? loss : `${loss} (step ${whole(run.steps[point])})`;
}

function describeStep() {
  const total = lastStep();
  const step = stepNow();
  byId("step-now").textContent = `step ${whole(step)} of ${whole(total)}`;
  for (const run of ground().runs) {
    const cell = document.querySelector(`[data-now="${run.look}"]`);
    if (cell) cell.textContent = lossNow(run, step);
  }
  slider.setAttribute("aria-valuetext", byId("step-now").textContent);
}

function describeCursor() {
  if (!state.cursor) return;
  const [x, y] = unplaced(ground(), ...state.cursor);
  const loss = valueAt(ground(), ...state.cursor, ground().losses);
  const height = Number.isFinite(loss) ? `loss ${short(loss, 4)}` : "no finite loss here";
  say(`At ${short(x, 3)}, ${short(y, 3)}: ${height}.`);
}

// ---------------------------------------------------------------- changes

function toStep(step) {
  state.step = Math.min(lastStep(), Math.max(0, step));
  slider.value = String(stepNow());
  describeStep();
  repaint();
}

/** Go so many steps forward or back, to a whole step, also if Play stopped between two. */
function walk(steps) {
  play(false);
  toStep(stepNow() + steps);
}

function toSheet(number) {
  const share = lastStep() ? state.step / lastStep() : 1;
  state.sheet = number;
  state.camera = home(number);
  state.cursor = null;
  slider.max = String(lastStep());
  byId("sheet").value = String(number);
  for (const part of document.querySelectorAll("[data-sheet]")) {
    part.hidden = +part.dataset.sheet !== number;
  }
  const isPlane = ground().kind === "plane";
  liftable();
  for (const part of document.querySelectorAll("[data-of-plane]")) part.hidden = !isPlane;
  for (const cell of document.querySelectorAll("td[data-fate]")) cell.colSpan = isPlane ? 5 : 2;
  const names = new Set(ground().runs.map((run) => run.name));
  for (const row of document.querySelectorAll("tr[data-run]")) {
    row.classList.toggle("absent", !names.has(row.dataset.run));
    if (!names.has(row.dataset.run)) row.querySelector("[data-now]").textContent = "";
  }
  headline();
  label();
  toStep(share * lastStep());
  if (byId("steps").open) fillTable();
}

/** Make the finding of the shown sheet the title of the page. */
function headline() {
  byId("finding").textContent = ground().finding;
  document.title = ground().finding;
}

function label() {
  const how = state.flat ? "Map" : "Surface";
  const moves = state.flat ? "arrow keys move a cursor" : "arrow keys rotate it";
  canvas.setAttribute("aria-label", `${how}. ${ground().finding} ${moves}, plus and minus zoom.`);
}

/** Only runs that are drawn on a surface can be lifted from it: in a profile they are not. */
function liftable() {
  byId("lifted").disabled = state.flat || ground().kind !== "plane";
}

function toFlat(flat) {
  state.flat = flat;
  byId("look-map").checked = flat;
  byId("look-block").checked = !flat;
  liftable();
  for (const part of document.querySelectorAll(".of-block")) part.hidden = flat;
  for (const part of document.querySelectorAll(".of-map")) part.hidden = !flat;
  state.cursor = null;
  label();
  repaint();
}

function play(on) {
  cancelAnimationFrame(state.playing);
  clearTimeout(state.timer);
  state.playing = 0;
  byId("play").textContent = on ? "Pause" : "Play";
  byId("play").setAttribute("aria-pressed", String(on));
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
    toStep(total * share ** PACE);
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
  repaint();
}

function zoom(factor) {
  state.camera.zoom = Math.min(6, Math.max(state.flat ? 1 : 0.5, state.camera.zoom * factor));
  repaint();
}

function moveCursor(dx, dy) {
  const { X, Y, nx, ny } = ground();
  const at = state.cursor ?? [0, 0];
  const to = (value, by, list, n) => Math.min(list[n - 1], Math.max(list[0], value + by / 40));
  state.cursor = [to(at[0], dx, X, nx), to(at[1], dy, Y, ny)];
  describeCursor();
  repaint();
}

// ---------------------------------------------------------------- table

function tableRows() {
  return ground().runs.filter((run) => state.shown.has(run.name)).flatMap((run) => {
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
const headNow = () => HEAD.slice(0, ground().kind === "plane" ? HEAD.length : -2);

function fillTable() {
  const cells = ([first, ...others]) =>
    [html("th", { scope: "row" }, first), ...others.map((words) => html("td", {}, words))];
  byId("steps-table").replaceChildren(
    html("caption", {}, `Positions and losses of the runs: ${ground().name}`),
    html("thead", {}, html("tr", {}, ...headNow().map((words) =>
      html("th", { scope: "col" }, words)))),
    html("tbody", {}, ...tableRows().map((row) => html("tr", {}, ...cells(row)))));
}

async function copyTable() {
  const quoted = (words) => (/[",\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words);
  const plain = (words) => (/^[\d,]+$/.test(words) ? words.replaceAll(",", "") : words);
  const text = [headNow(), ...tableRows()].map((row) =>
    row.map((each) => quoted(plain(each.replaceAll("−", "-")))).join(","));
  try {
    await navigator.clipboard.writeText(`${text.join("\n")}\n`);
    say("The table is on the clipboard, as CSV.");
  } catch {
    getSelection().selectAllChildren(byId("steps-table"));
    say("The browser does not allow copying; the table is selected instead.");
  }
}

// ---------------------------------------------------------------- input

const KEYS = {
  ArrowLeft: (n) => (state.flat ? moveCursor(-n, 0) : turn(-5 * n, 0)),
  ArrowRight: (n) => (state.flat ? moveCursor(n, 0) : turn(5 * n, 0)),
  ArrowUp: (n) => (state.flat ? moveCursor(0, n) : turn(0, 4 * n)),
  ArrowDown: (n) => (state.flat ? moveCursor(0, -n) : turn(0, -4 * n)),
  "+": () => zoom(1.15),
  "=": () => zoom(1.15),
  "-": () => zoom(1 / 1.15),
  0: () => { state.camera = home(state.sheet); repaint(); },
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
  Home: () => toStep(0),
  End: () => toStep(lastStep()),
  v: () => toFlat(!state.flat),
  g: () => { byId("steps").open = !byId("steps").open; },
  "?": () => {
    byId("keys").open = !byId("keys").open;
    if (byId("keys").open) byId("keys").scrollIntoView({ block: "nearest" });
  },
  Escape: () => { state.cursor = null; repaint(); canvas.blur(); },
};

canvas.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
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
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (state.flat) {
    const place = frameOf(ground(), width, height, state.camera.zoom).back(px, py);
    const { X, Y, nx, ny } = ground();
    const inside = Math.abs(place[0]) <= X[nx - 1] && Math.abs(place[1]) <= Y[ny - 1];
    state.cursor = inside ? place : null;
  } else state.cursor = blockAt({ ...state, ground: ground() }, width, height, px, py);
  describeCursor();
  repaint();
}

// ---------------------------------------------------------------- start

byId("sheet").addEventListener("change", (event) => toSheet(+event.target.value));
byId("look-block").addEventListener("change", () => toFlat(false));
byId("look-map").addEventListener("change", () => toFlat(true));
byId("lifted").addEventListener("change", (event) => {
  state.lifted = event.target.checked;
  repaint();
});
byId("play").addEventListener("click", () => play(!state.playing));
byId("home").addEventListener("click", () => { state.camera = home(state.sheet); repaint(); });
byId("steps").addEventListener("toggle", () => { if (byId("steps").open) fillTable(); });
byId("copy").addEventListener("click", copyTable);
slider.addEventListener("input", () => { play(false); toStep(+slider.value); });
for (const box of document.querySelectorAll("input[data-shows]")) {
  box.addEventListener("change", () => {
    if (box.checked) state.shown.add(box.dataset.shows);
    else state.shown.delete(box.dataset.shows);
    if (byId("steps").open) fillTable();
    repaint();
  });
}
const renew = () => { keys(); repaint(); };
darkly.addEventListener("change", renew);
addEventListener("beforeprint", () => { state.paper = true; keys(); paintNow(); });
addEventListener("afterprint", () => { state.paper = false; renew(); });
new ResizeObserver(repaint).observe(canvas);

document.documentElement.classList.add("scripted");
state.step = Infinity;
toFlat(DATA.flat);
toSheet(DATA.first);
toStep(lastStep());
keys();
paintNow();
// For benchmarks: the milliseconds of a picture from another direction.
document.documentElement.paintFrom = (azimuth) => {
  state.camera.azimuth = azimuth;
  return paintNow();
};
document.documentElement.dataset.drawn = "yes";
