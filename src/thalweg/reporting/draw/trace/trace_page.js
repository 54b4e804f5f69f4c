// The trace page: a row through the network and back, stop by stop.

import { byId, html, responsive } from "../dom.js";
import { copyText, keepLink, linkOf, readLink } from "../learn/link_state.js";
import { lowered } from "./amounts.js";
import { lensOf } from "./lens_of_stop.js";
import { meanLens, meanWords } from "./all_rows.js";
import { networkView } from "./network_view.js";
import { agrees, passOf } from "./passes.js";
import { planOf } from "./plan.js";
import { wordsAt } from "./stop_words.js";
import { meanOfPasses, stopsOf } from "./stops.js";
import { firstSubject, modelOf, rowOfData } from "./traced_model.js";
import { updateNode } from "./update_lines.js";
import { whatIf } from "./what_if_row.js";

const data = JSON.parse(byId("data").textContent);
const model = modelOf(data);
const stops = stopsOf(model.net, model.hasLink);
const first = firstSubject(model, data.passes[0]);
const n = data.rows.length;
const layers = model.net.layers.length;
const unitKey = (l) => (l === 1 ? "unit" : `unit${l}`);
const KEYS = {
  stop: { kind: "whole", from: 1, to: stops.length, usual: 1 },
  row: { kind: "whole", from: 0, to: n, usual: 1 }, // 0 is the mean of all rows
  ...Object.fromEntries(model.net.layers.map(({ b }, l) => [unitKey(l + 1),
    { kind: "whole", from: 1, to: b.length, usual: first.units[l + 1] + 1 }])),
  input: { kind: "whole", from: 1, to: model.inputs.length, usual: first.input + 1 },
  layer: { kind: "whole", from: 1, to: layers, usual: first.layer },
  open: { kind: "whole", from: 0, to: data.own.length, usual: 0 },
  guess: { kind: "one", of: ["no", "up", "down", "shown"], usual: "no" },
};
const read = readLink(KEYS, location.hash);
const state = read.state;
if (n === 1 && state.row === 0) state.row = 1;
const page = { moved: false, playing: 0, change: null };

const passes = () => data.passes.map((pass, r) => page.change?.passOf(r) ?? pass);

const subjectOf = () => ({
  units: [0, ...model.net.layers.map((_, l) => state[unitKey(l + 1)] - 1)],
  input: state.input - 1, layer: state.layer,
});

/** Everything that the pictures and words are made of. */
function sceneNow() {
  const all = passes();
  const place = Math.max(0, state.row - 1);
  const pass = state.row === 0 ? meanOfPasses(all) : all[place];
  const subject = subjectOf();
  const row = state.row === 0 ? { raw: null, y: [], truth: "", name: `${n} rows` }
    : page.change?.rowOf(place, rowOfData(data, place)) ?? rowOfData(data, place);
  const isChanged = Boolean(page.change?.isChanged());
  return {
    model: { ...model, net: page.change?.net() ?? model.net }, pass, row, place, stops, subject, isChanged,
    at: isMasked() ? guessAt : state.stop - 1, numbers: data.rows.map((each) => each.row), flows: page.moved,
    plan: planOf(model, data.passes[place], { ...subject, open: state.open }),
    masked: isMasked(), label: `The network with the numbers of ${row.name}`,
    press: pressed, pressWeight: (unit, input) => {
      const l = state.layer;
      state[unitKey(l)] = unit + 1;
      state[l === 1 ? "input" : unitKey(l - 1)] = input + 1;
      show();
    },
    pressChain() {
      state.layer = first.layer;
      state.input = first.input + 1;
      first.units.forEach((unit, l) => {
        if (l) state[unitKey(l)] = unit + 1;
      });
      show();
    },
  };
}

const guessAt = stops.findIndex(({ back }) => back);
const isMasked = () => state.stop - 1 >= guessAt && state.guess === "no" && state.row > 0;

function pressed(item, l, one) {
  if (l === 0 && (item.kind === "group" || item.kind === "open")) {
    state.open = item.kind === "open" ? 0 : item.own + 1;
    if (one >= 0) state.input = one + 1;
  } else if (item.kind === "unit") {
    state[l === 0 ? "input" : unitKey(l)] = item.members[0] + 1;
    if (l === 0) state.layer = 1;
  }
  show();
}

let scene = sceneNow();
const pictures = {
  net: responsive(byId("net"), (width) => networkView(scene, width)),
  lens: responsive(byId("lens"), (width) => lensFor(scene)(Math.min(width, 460))),
};

function lensFor(now) {
  if (now.masked) return lensOf({ ...now, at: guessAt - 1 });
  return now.pass.rows ? meanLens(now) : lensOf(now);
}

/** Draw everything anew. */
function show() {
  page.change.atRow(Math.max(0, state.row - 1));
  scene = sceneNow();
  pictures.net();
  pictures.lens();
  say();
  marks();
  page.change.draw();
  page.moved = false;
  keepLink(linkOf(KEYS, state, read.others));
}

function say() {
  const covered = scene.masked;
  const words = covered ? null : scene.pass.rows ? meanWords(scene) : wordsAt(scene);
  byId("said").replaceChildren(...(covered ? guessNodes()
    : [html("h2", { tabindex: -1 }, `${scene.at + 1}. ${words.head}`), verdict(), html("p", {}, words.say)]
      .filter((each) => each !== null)));
  byId("formula").hidden = covered;
  byId("formula").replaceChildren(...(covered ? [] : words.lines.map((line) =>
    html("p", {}, ...line.map(partNode)))));
  const isLast = stops[scene.at].kind === "dW" && !covered;
  byId("update").replaceChildren(...(isLast ? [updateNode(data, scene)] : []));
  byId("layers").replaceChildren(...(isLast && layers > 1 ? layerButtons() : []));
}

function partNode(part) {
  if (typeof part === "string") return part;
  if (part.text === undefined) return html("small", {}, ` ${part.note}`);
  const look = part.value > 0 ? "plus" : part.value < 0 ? "minus" : "";
  return html("span", {}, html("b", { tabindex: 0, class: look, "data-k": part.key,
    title: String(part.value) }, part.text), part.note ? html("small", {}, ` ${part.note}`) : "");
}

function layerButtons() {
  return model.net.layers.map((_, l) => {
    const button = html("button", { type: "button", "aria-pressed": String(state.layer === l + 1) },
      `∂W${lowered(l + 1)}`);
    button.addEventListener("click", () => {
      state.layer = l + 1;
      show();
    });
    return button;
  });
}

/** The question before the first derivative. */
function guessNodes() {
  const { pass, subject } = scene;
  const alone = pass.Yh.length === 1;
  const own = subject.units[layers];
  const of = model.target.link === "at_most" ? `[${own + 1}]` : ` of ${model.outputs[own]}`;
  const name = `Z${lowered(layers)}${alone ? "" : of}`;
  const asked = state.stop;
  const choose = (word, answer) => {
    const button = html("button", { type: "button", "data-guess": answer }, word);
    button.addEventListener("click", () => {
      state.guess = answer;
      if (answer !== "shown") state.stop = guessAt + 1; // where the answer is
      page.moved = true;
      show();
      byId("said").querySelector("h2").focus({ preventScroll: true });
    });
    return button;
  };
  return [html("h2", { tabindex: -1 }, `${guessAt + 1}. Guess first`),
    html("p", {}, `To make the loss smaller, should ${name} go up or down?`),
    html("p", { class: "group" }, choose("Up", "up"), choose("Down", "down"),
      choose(asked > guessAt + 1 ? `Show me, and go to ${asked}` : "Show me", "shown"))];
}

function verdict() {
  if (stops[scene.at].kind !== stops[guessAt].kind || scene.at !== guessAt
    || !["up", "down"].includes(state.guess) || state.row === 0) return null;
  const last = scene.pass.layers.at(-1);
  const d = last.dA[scene.subject.units[layers]];
  const right = d < 0 ? "up" : d > 0 ? "down" : null;
  return html("p", { class: "verdict" }, right === null ? "Neither: the derivative is 0."
    : state.guess === right ? `Right: ${right}.` : `It is the other way: ${right}.`);
}

const SYMBOLS = { X: "X", Z: "Z", A: "A", Yh: "Ŷ", Loss: "Loss", dZ: "∂Z", dA: "∂A", dW: "∂W" };
const DOES = { X: "row", Z: "weigh", A: "bend", Yh: "squash", Loss: "price", dZ: "error", dA: "share",
  dW: "learn" };

/** The words on the button of a stop. */
function stopWords(stop) {
  const isInner = !["X", "Yh", "Loss", "dW"].includes(stop.kind);
  const does = stop.kind === "dZ" && stop.layer < layers ? "gate"
    : stop.kind === "A" ? model.net.layers[stop.layer - 1].f
      : stop.kind === "Yh" && model.target.link === "mean" ? "exp" : DOES[stop.kind];
  return [`${SYMBOLS[stop.kind]}${isInner ? lowered(stop.layer) : ""}`, does];
}

function makeStops() {
  const forward = stops.filter(({ back }) => !back).length;
  const box = byId("stops");
  box.style.setProperty("--stops", forward);
  box.classList.toggle("many", forward > 6);
  const cells = stops.map((stop, k) => {
    const [symbol, does] = stopWords(stop);
    const button = html("button", { type: "button", id: `stop-${k + 1}` },
      html("span", {}, `${k + 1} ${symbol}`),
      html("small", {}, stop.back ? `← ${does}` : `${does} →`));
    button.addEventListener("click", () => go(k + 1));
    const column = (stop.back ? stop.under : k) + 1;
    button.style.gridColumn = String(column);
    button.style.gridRow = stop.back ? "2" : "1";
    return button;
  });
  const turn = html("span", { class: "turn" }, "↩ backward pass: the chain rule");
  turn.style.gridColumn = `${stops[guessAt].under + 2} / -1`;
  box.replaceChildren(...cells, turn);
  byId("slide").max = stops.length;
}

function marks() {
  stops.forEach((_, k) => {
    const button = byId(`stop-${k + 1}`);
    button.className = k === scene.at ? "now" : k < scene.at ? "done" : "";
    if (k === scene.at) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  });
  byId("slide").value = scene.at + 1;
  keepInView(byId("stops"), byId(`stop-${scene.at + 1}`));
  keepInView(byId("net"), document.querySelector(`#net [data-k^="${stops[scene.at].layer
    ? `u${stops[scene.at].layer}.` : "x."}"]`));
  byId("slide").setAttribute("aria-valuetext", `${stopWords(stops[scene.at])[0]}, stop ${
    scene.at + 1} of ${stops.length}`);
  byId("number").textContent = `${scene.at + 1} of ${stops.length}`;
  if (n > 1) byId("row-choice").value = state.row;
}

/** Scroll a box sideways, and nothing else, until a part of it is seen. */
function keepInView(box, part) {
  if (!part || box.scrollWidth <= box.clientWidth) return;
  const [outer, inner] = [box.getBoundingClientRect(), part.getBoundingClientRect()];
  box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}

/** Go to a stop; its lines run. */
function go(stop) {
  const next = Math.min(stops.length, Math.max(1, stop));
  page.moved = next !== state.stop || page.playing > 0;
  state.stop = next;
  show();
}

const PAUSE = 2600; // milliseconds at a stop while it plays

function play() {
  clearTimeout(page.playing);
  page.playing = 0;
  if (byId("play").textContent === "Play") {
    byId("play").textContent = "Pause";
    next(scene.at + 1 === stops.length ? 1 : scene.at + 2);
  } else byId("play").textContent = "Play";
  function next(stop) {
    page.playing = 1;
    go(stop);
    if (stop >= stops.length || scene.masked) {
      byId("play").textContent = "Play";
      page.playing = 0;
    } else page.playing = setTimeout(() => next(state.stop + 1), PAUSE);
  }
}

/** All places of one number light up together. */
function lightTwins(key) {
  for (const each of document.querySelectorAll("[data-k]")) {
    each.classList.toggle("hot", key !== null && each.dataset.k === key);
  }
}

for (const [on, off] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  addEventListener(on, ({ target }) => {
    const found = target.closest?.("[data-k]");
    if (found) lightTwins(found.dataset.k);
  });
  addEventListener(off, () => lightTwins(null));
}
addEventListener("keydown", (event) => {
  if (event.target.closest?.("input, select, textarea, .scroll, summary") || event.altKey
    || event.ctrlKey || event.metaKey) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  go(scene.at + 1 + step);
});
byId("slide").addEventListener("input", () => go(Number(byId("slide").value)));
byId("play").addEventListener("click", play);
addEventListener("hashchange", () => {
  const found = readLink(KEYS, location.hash);
  Object.assign(state, found.state);
  warnOf(found.wrong);
  show();
});
if (n > 1) {
  const choice = html("select", { id: "row-choice" },
    html("option", { value: 0 }, `all ${n} rows: the mean`),
    ...data.rows.map(({ row, target }, k) =>
      html("option", { value: k + 1 }, `row ${row}, ${target}`)));
  choice.addEventListener("change", () => {
    state.row = Number(choice.value);
    show();
  });
  const turn = (word, by) => {
    const button = html("button", { type: "button" }, word);
    button.addEventListener("click", () => {
      state.row = (state.row + by + n + 1) % (n + 1);
      show();
    });
    return button;
  };
  byId("rows").append(html("label", { for: "row-choice" }, "Row "), choice,
    turn("Row before", -1), turn("Next row", 1));
  byId("rows").hidden = false;
}
/** The weight in focus as the command line and Python name it. */
function weightName() {
  const { layer: l, units, input } = subjectOf();
  return `W${l}[${units[l] + 1},${(l === 1 ? input : units[l - 1]) + 1}]`;
}

for (const [id, can, text] of [
  ["copy-link", true, () => location.href],
  ["copy-command", data.copies.command,
    () => `${data.copies.command} --weight '${weightName()}' -o row.html`],
  ["copy-python", data.copies.python,
    () => data.copies.python.replace("{weight}", weightName())],
]) {
  const button = byId(id);
  button.hidden = !can;
  button.addEventListener("click", () => copyText(button, text()));
}

/** Say which keys of a link cannot be. */
function warnOf(wrong) {
  byId("notice").hidden = wrong.length === 0;
  byId("notice").textContent = wrong.length ? `This link has a value that is not allowed for ${
    wrong.join(", ")}: the usual one is used.` : "";
}

warnOf(read.wrong);
const engineAgrees = data.passes.every((pass, r) =>
  agrees(passOf(model.net, pass.X, data.rows[r].y, pass.share), pass));
page.change = whatIf({ data, model, state, engineAgrees, changed: show, scene: () => scene });
for (const each of document.querySelectorAll(".needs-script")) each.hidden = false;
makeStops();
show();
document.documentElement.dataset.drawn = "yes";
