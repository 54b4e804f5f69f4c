// The place Train: what is set, the curves of the runs, and what they say.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { swatch } from "/draw/series_marks.js";
import { choicesOf } from "../core/choices.js";
import { errorBox } from "../table/error_box.js";
import { makeBesidePanel } from "./beside_panel.js";
import { makeCurveChart } from "./curve_chart.js";
import { bestOf, lossOf } from "./curves.js";
import { makeRunChips, write } from "./run_chips.js";
import { gradientColumns, lossColumns, makeRunNumbers } from "./run_numbers.js";
import { makeRunSays } from "./run_says.js";
import { endOfAxis, findingOf, runInFocus, runsHere, runsShown, stepsMade } from "./runs_now.js";
import { makeSearchCourse } from "./search_course.js";
import { makeSetupForm } from "./setup_form.js";

const [LOSS_HIGH, LAYER_HIGH, WIDE] = [360, 190, 260];
const MOST_LAYERS = 6;
const TITLE_EVERY = 1000; // milliseconds: a title that changes faster cannot be read
// What the charts are made of: nothing else of the state draws them again.
const DRAWN = ["known", "t", "r", "f", "d", "c"];
const PALE_FROM = 5; // of so many runs, one is in focus

const OF_FITS = [["group", "groups by"], ["time", "time order by"], ["weight", "weights"], ["exposure", "exposure"],
  ["offset", "offset"]];

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @param {ReturnType<import("./beside_acts.js").besideActs>} beside
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeTrainPlace(root, acts, beside) {
  const [left, right] = [html("aside", { class: "left", "aria-label": "What is set" }),
    html("aside", { class: "right", "aria-label": "What it says" })];
  const title = html("h1", { tabindex: "-1" });
  const subtitle = html("p", { class: "subtitle" });
  const trouble = html("div", {});
  const chips = html("div", { class: "run-row" });
  const start = html("button", { type: "button", class: "main", id: "start-here", "data-asks": true });
  const cancel = html("button", { type: "button", id: "cancel-start-here", "data-asks": true, hidden: true });
  const none = html("div", { class: "no-runs-yet" }, html("p", {}, "Four runs begin at one point of this "
    + "network, and their losses come as they go: small steps, shrinking steps, large steps, momentum."), html("p", { class: "acts" }, start, cancel));
  const lossBox = html("div", { class: "chart-box" });
  const lossNumbers = makeRunNumbers("Losses by step", lossColumns);
  const layerBoxes = html("div", { class: "layers" });
  const layerNumbers = makeRunNumbers("Size of the gradient by step", gradientColumns);
  const key = html("ul", { class: "line-key" });
  const pictures = html("div", { class: "pictures" },
    html("figure", {}, html("figcaption", {}, html("h2", {}, "Loss"), key), lossBox, lossNumbers.node),
    html("figure", {}, html("figcaption", {}, html("h2", {}, "Size of the gradient, by layer")), layerBoxes,
      layerNumbers.node));
  const searchBox = html("div", {});
  const middle = html("div", { class: "middle" }, title, subtitle, trouble, chips, none, pictures, searchBox);
  const [saysBox, besideBox] = [html("div", {}), html("section", { "aria-labelledby": "beside-title" })];
  right.append(saysBox, besideBox);
  root.replaceChildren(html("div", { class: "desk" }, left, middle, right));

  const form = makeSetupForm(left, { set: acts.setUp, start: acts.begin, cancel: acts.cancelStart });
  const runChips = makeRunChips(chips, { ...acts, more: form.more });
  const says = makeRunSays(saysBox, acts);
  const panel = makeBesidePanel(besideBox, beside);
  const course = makeSearchCourse(searchBox);
  const choose = (step, ends) => acts.moveTo(step, ends);
  const loss = makeCurveChart(lossBox, { quantity: "loss", high: LOSS_HIGH, wide: WIDE, choose });
  let layers = [];
  let [told, later, shown, error] = [-Infinity, 0, null, undefined];
  fillKey(key);
  start.addEventListener("click", acts.begin);
  cancel.addEventListener("click", acts.cancelStart);

  function fitLayers(n) {
    if (layers.length === n) return;
    for (const each of layers) each.destroy();
    const boxes = Array.from({ length: n }, () => html("div", { class: "chart-box" }));
    layerBoxes.replaceChildren(...boxes);
    layers = boxes.map((box, i) => makeCurveChart(box, { quantity: `layer ${i + 1}`, high: LAYER_HIGH,
      wide: Math.min(WIDE, 220), choose }));
  }

  function draw(state, runs) {
    const focus = runInFocus(state)?.id;
    const common = { last: endOfAxis(runs), step: state.t, made: stepsMade(runs) };
    loss.draw({ ...common, lines: lossLines(runs, focus), label: `Loss by step, log scale. ${findingOf(runs)}` });
    const n = Math.min(MOST_LAYERS, Math.max(0, ...runs.map(({ curve }) => curve.gradient.length)));
    fitLayers(n);
    layers.forEach((chart, layer) => chart.draw({ ...common, lines: gradientLines(runs, layer, focus),
      label: `Size of the gradient of layer ${layer + 1} by step, ${runs.map((run) => run.title).join(", ")}` }));
    lossNumbers.update(runs);
    layerNumbers.update(runs);
  }

  function tellTitle(state, runs) {
    const running = runs.some((run) => run.state === "running");
    const wait = told + TITLE_EVERY - performance.now();
    clearTimeout(later);
    if (running && wait > 0) {
      later = setTimeout(() => tellTitle(shown, runsShown(shown)), wait);
      return;
    }
    told = performance.now();
    const here = runsHere(state);
    write(title, !here.length ? "Train: four runs from one start" : !runs.length ? "No run is shown" : findingOf(runs));
    const about = (runs[0] ?? here[0])?.about ?? [];
    write(subtitle, [about.length ? about.join(" ") : dataWords(state), notUsedWords(state)].filter(Boolean).join(" "));
  }

  return {
    update(state, changed) {
      const isFirst = shown === null;
      shown = state;
      const runs = runsShown(state);
      const here = runsHere(state);
      tellTitle(state, runs);
      if (state.runError !== error) {
        error = state.runError;
        trouble.replaceChildren(...(error ? [errorBox(error, closeButton(acts.forget))] : []));
        if (error) trouble.scrollIntoView({ block: "nearest" }); // a button far below may have asked
      }
      chips.hidden = !here.length;
      none.hidden = here.length > 0;
      pictures.hidden = !runs.length;
      saysBox.hidden = !here.length;
      start.textContent = state.starting ? "Starting: a process of its own reads the table"
        : state.setup.named.length === 4 && !state.setup.own.trim() ? "Start four runs" : "Start";
      start.disabled = state.starting || state.connection.state !== "open";
      cancel.hidden = !state.cancels;
      write(cancel, state.cancels ?? "");
      form.update(state);
      runChips.update(state);
      says.update(state);
      panel.update(state);
      course.update(state);
      if (runs.length && (isFirst || DRAWN.some((each) => changed.has(each)))) draw(state, runs);
    },
    destroy() {
      clearTimeout(later);
      form.destroy();
      runChips.destroy();
      says.destroy();
      loss.destroy();
      for (const each of layers) each.destroy();
      root.replaceChildren();
    },
  };
}

function closeButton(act) {
  const button = html("button", { type: "button" }, "Close");
  button.addEventListener("click", act);
  return button;
}

function dataWords({ table }) {
  return table ? `${table.name}: ${whole(table.rows)} rows.` : "The table is read.";
}

/** What was chosen in Table for a fit, and is nothing to a run. */
function notUsedWords({ c }) {
  const chosen = choicesOf(c);
  const names = OF_FITS.filter(([role]) => chosen[role]).map(([role, words]) => `${words} "${chosen[role]}"`);
  return names.length ? `Not used by these runs, only by the default model: ${names.join(", ")}. Each row counts once, and rows `
    + "are held out at random." : "";
}

function fillKey(list) {
  const look = { name: "soft", dash: "", marker: "none" };
  const item = (cls, words) => html("li", { class: cls }, swatch(look), words);
  list.replaceChildren(item("thick", "training rows"), item("thin", "rows held out"),
    html("li", {}, html("span", { class: "ring", "aria-hidden": "true" }), "lowest so far"),
    html("li", {}, html("span", { class: "cross", "aria-hidden": "true" }, "✕"), "diverged"));
}

const tone = (runs, focus, id) => (runs.length >= PALE_FROM && id !== focus ? "pale" : "full");

function lossLines(runs, focus) {
  return runs.flatMap((run) => {
    const best = bestOf(run.curve);
    const common = { look: run.look, tone: tone(runs, focus, run.id), lost: run.state === "diverged" };
    const isHeldOut = run.curve.valid.steps.length > 0;
    const lines = [{ ...common, key: `${run.id} train`, series: lossOf(run.curve), thin: false,
      best: isHeldOut || best.value === undefined ? null : best.step }];
    if (isHeldOut) {
      lines.push({ ...common, key: `${run.id} valid`, series: run.curve.valid, thin: true, lost: false,
        best: best.step });
    }
    return lines;
  });
}

function gradientLines(runs, layer, focus) {
  return runs.filter(({ curve }) => curve.gradient.length > layer).map((run) => ({ key: run.id, look: run.look,
    series: run.curve.gradient[layer], thin: false, lost: run.state === "diverged", best: null,
    tone: tone(runs, focus, run.id) }));
}
