// The lesson on descent: four rules on one ground, own settings, a map of all, and another start.

import { html } from "../dom.js";
import { short, whole } from "../numbers.js";
import { numbersOf, sheetOf } from "../stage/sheet.js";
import { distanceOfHills, endsOfAll, hillsOf, rollOn, runOf, settledFrom } from "./hills.js";
import { outcomeMap } from "./outcome_map.js";
import { reliefStage } from "./relief_stage.js";
import { runLesson, startOnItsPage } from "./step.js";

const NEAR_PYTHON = 1e-12;
// Of the lesson that is shown.
let FACTS = null;
let HILLS = null;
let BASE = null;
let NAMED = {};
let OWN_RUN = null;
const SHOWN = {
  small: [[], ["sgd"]], large: [[], ["large"]], shrink: [["large"], ["anneal"]],
  momentum: [["sgd"], ["sgd", "momentum"]],
};
const SLIDERS = {
  rate: { label: "rate", min: -2, max: Math.log10(3), step: 0.005, read: (at) => 10 ** at,
    write: Math.log10, words: (value) => short(value, 3) },
  mom: { label: "momentum", min: 0, max: 0.99, step: 0.005, words: (value) => short(value, 3) },
  shrink: { label: "shrinks by", min: 0, max: 1, step: 0.05, words: (value) => `${Math.round(100 * value)} %` },
};

/** A run of a rule from a start; where the way is chaotic, from Python, if it has that start. */
function runFrom(name, number) {
  const start = FACTS.starts[number];
  if (start[name]) {
    const way = Object.fromEntries(Object.entries(start[name]).map(([key, text]) =>
      [key, numbersOf(text)]));
    // Where large steps end, their last digits decide: nothing quotes it.
    const run = runOf(way, NAMED[name], FACTS);
    return name === "large" ? { ...run, last: run.words } : run;
  }
  return runOf(wayOfSmall(name, start.at), NAMED[name], FACTS);
}

/** Small steps, or momentum at the same rate: no digit decides where they go. */
function wayOfSmall(name, at) {
  const momentum = name === "momentum" ? FACTS.momentum : 0;
  return rollOn(HILLS, at, { rate: FACTS.small, momentum }, FACTS.steps);
}

function descentStage(root, link, changed) {
  const title = html("h3");
  const settings = html("div");
  const box = html("div");
  root.append(title, settings, box);
  const view = reliefStage(box, FACTS.relief);
  const drawMap = outcomeMap(settings, FACTS, (rate, mom) => {
    Object.assign(own, { rate, mom, shrink: 0 });
    changed({ ...own });
    show(attempt(number), FACTS.steps);
  });
  const own = { rate: link.rate, mom: link.mom, shrink: link.shrink };
  const attempts = [];
  const ends = {};
  let [number, start] = [0, null];

  const show = (runs, step, more = {}) => view.set({
    sheet: { ...BASE, runs }, shown: new Set(runs.map((run) => run.look)), step, cursor: null,
    tapped: null, marks: [], quiet: false, flat: false, ...more,
  });
  const attempt = (from) => [runOf(rollOn(HILLS, FACTS.starts[from].at, { rate: own.rate,
    momentum: own.mom, shrink: own.shrink }, FACTS.steps), OWN_RUN, FACTS)];
  const dots = () => attempts.map(({ run }) => ({ joined: false, color: "soft",
    points: Array.from(run.x, (x, i) => [x, run.y[i]]) }));
  const fromStart = (place, flat) => {
    start = place;
    const runs = ["sgd", "momentum"].map((name) => runOf(wayOfSmall(name, place), NAMED[name], FACTS));
    show(runs, FACTS.steps, { flat, tapped: moveStart, cursor: place });
  };
  const moveStart = (place) => {
    fromStart(place, view.state.flat);
    changed({ px: place[0], py: place[1] });
  };
  const tell = (words) => {
    title.textContent = words;
  };

  return {
    view, own, attempts,
    tap: (tapped) => view.set({ tapped, flat: true }),
    mark: (marks) => view.set({ marks, tapped: null, cursor: null }),
    /** Run the reader's own settings; returns the step from which they have settled. */
    run: () => {
      const way = rollOn(HILLS, FACTS.starts[number].at, { rate: own.rate, momentum: own.mom,
        shrink: own.shrink }, FACTS.steps);
      const before = dots();
      const [run] = attempt(number);
      attempts.push({ rate: own.rate, momentum: own.mom, shrink: own.shrink, run });
      changed({ ...own });
      show([run], 0, { marks: before });
      view.play(true);
      return settledFrom(way, FACTS.settled, FACTS.steps);
    },
    show: (step, restored) => {
      if (step.stage.start !== number) attempts.length = 0;
      number = step.stage.start;
      if (restored) Object.assign(own, { rate: link.rate, mom: link.mom, shrink: link.shrink });
      settings.hidden = step.key !== "map";
      box.hidden = step.key === "map";
      const ask = SHOWN[step.key];
      const here = FACTS.starts[number].at;
      tell(`Start at (${here.map((each) => short(each, 4)).join(", ")})`);
      if (ask) {
        const runs = ask[0].map((name) => runFrom(name, number));
        const first = ask[0].length ? runs : [runFrom(ask[1][0], number)];
        show(first, ask[0].length ? FACTS.steps : 0, { quiet: !ask[0].length || step.quiet,
          flat: step.key === "small" });
      }
      if (step.key === "try") show(attempt(number), 0, { marks: dots(), quiet: true, flat: false });
      if (step.key === "map") {
        tell("Rates and momenta, by where their runs end");
        drawMap({ ends: null, attempts: [], cell: null });
      }
      if (step.key === "start") {
        tell("Small steps and momentum, from a start that you move");
        const given = link.px === null || link.py === null ? here : [link.px, link.py];
        fromStart(restored ? given : here, true);
      }
    },
    reveal: (step) => {
      const ask = SHOWN[step.key];
      if (ask) {
        const { marks } = view.state;
        show(ask[1].map((name) => runFrom(name, number)), 0, { marks, flat: false });
        view.play(true);
      }
      if (step.key === "map") {
        ends[number] ??= endsOfAll(HILLS, FACTS.starts[number].at, FACTS);
        box.hidden = false;
        drawMap({ ends: ends[number], attempts });
        show(attempt(number), FACTS.steps);
      }
    },
    restore: (state) => {
      Object.assign(link, state);
      Object.assign(own, { rate: state.rate, mom: state.mom, shrink: state.shrink });
    },
  };
}

/** Where the small steps end: a place on the ground, and how far it is from the end. */
function tapEnd({ stage, finish }) {
  let guess = null;
  const button = html("button", { type: "button", class: "first-choice" }, "That is my guess");
  const said = html("p", { role: "status" });
  button.addEventListener("click", () => {
    if (!guess) {
      said.textContent = "Set a place on the picture first.";
      return;
    }
    const { x, y, loss } = stage.view.state.sheet.runs[0];
    const end = [x.at(-1), y.at(-1)];
    const away = Math.hypot(guess[0] - end[0], guess[1] - end[1]);
    stage.mark([{ points: [guess, end], joined: true, color: "ink" }]);
    const at = (place) => `(${place.map((each) => short(each, 3)).join(", ")})`;
    finish(at(guess), `${away < 0.3 ? "Right" : `Your place is ${short(away, 2)} away`}: they end at ${
      at(end)}, in the local minimum, at the loss ${short(loss.at(-1), 2)}.`);
  });
  return {
    node: html("div", {}, html("p", {}, button), said),
    show: () => queueMicrotask(() => stage.tap((place) => { guess = place; })),
  };
}

/** Three sliders, and a button that runs them. */
function ownSettings({ stage, finish, values }) {
  const rows = Object.entries(SLIDERS).flatMap(([name, each]) => {
    const input = html("input", { type: "range", id: `own-${name}`, min: each.min, max: each.max,
      step: each.step });
    const output = html("output", { for: `own-${name}` });
    const write = () => {
      output.textContent = each.words(stage.own[name]);
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.value = String(each.write ? each.write(stage.own[name]) : stage.own[name]);
    input.addEventListener("input", () => {
      const value = Number(input.value);
      stage.own[name] = Number((each.read ? each.read(value) : value).toPrecision(3));
      write();
    });
    write();
    return [html("label", { for: `own-${name}` }, each.label), input, output];
  });
  const button = html("button", { type: "button", class: "first-choice" }, "Run");
  let best = Infinity;
  button.addEventListener("click", () => {
    const settled = stage.run();
    best = Math.min(best, settled ?? Infinity);
    const { rate, momentum, shrink } = stage.attempts.at(-1);
    const text = `rate ${short(rate, 3)}, momentum ${short(momentum, 3)}, shrinking by ${
      Math.round(100 * shrink)} %`;
    if (settled === null) {
      finish(text, `Within ${FACTS.steps} steps this run does not stay below ${
        short(FACTS.settled, 2)}. ${best < Infinity ? `Your best: ${best} steps.` : ""}`, false);
      return;
    }
    const first = settled === best ? "Your best so far." : `Your best: ${best} steps.`;
    finish(text, `It stays below ${short(FACTS.settled, 2)} from step ${whole(settled)} on. ${first} Momentum ${
      values.mu} at the rate ${values.small} needs ${values.own}.`);
  });
  return { node: html("div", {}, html("div", { class: "three-sliders" }, ...rows), html("p", {}, button)) };
}

/** Whether small steps settle before momentum, and before the shrinking rate is small enough. */
function smallWins({ px, py }) {
  if (px === undefined || px === null) return null;
  const [small, heavy] = ["sgd", "momentum"].map((name) =>
    settledFrom(wayOfSmall(name, [px, py]), FACTS.settled, FACTS.steps));
  const when = (step) => (step === null ? "do not settle there" : `settle at step ${whole(step)}`);
  const said = `Small steps ${when(small)}; momentum ${heavy === null ? "does not" : `at step ${
    whole(heavy)}`}.`;
  const wins = small !== null && small < FACTS.fits && (heavy === null || small < heavy);
  return { right: wins, text: `(${short(px, 3)}, ${short(py, 3)})`, say: wins
    ? `${said} Small steps win.` : said };
}

/** Start the lesson in a page. @param {object} lesson its data @param {import("./step.js").LessonPage} page */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  HILLS = hillsOf(FACTS.hills);
  BASE = sheetOf({ ...FACTS.relief.sheets[0], lines: [] });
  NAMED = Object.fromEntries(FACTS.relief.sheets[0].lines.map((line) => [line.name, line]));
  OWN_RUN = { look: NAMED.anneal.look, words: "your run" };
  const fromPythonHills = distanceOfHills(HILLS, FACTS.checked);
  if (fromPythonHills <= NEAR_PYTHON) {
    const [low, high] = FACTS.seen;
    runLesson({
      data: lesson,
      keys: {
        rate: { kind: "number", from: 0.01, to: 3, usual: FACTS.small },
        mom: { kind: "number", from: 0, to: 0.99, usual: FACTS.momentum },
        shrink: { kind: "number", from: 0, to: 1, usual: 0 },
        px: { kind: "number", from: low, to: high, usual: null },
        py: { kind: "number", from: low, to: high, usual: null },
      },
      stage: descentStage,
      page,
      own: {
        small: { node: tapEnd }, try: { node: ownSettings }, start: { watch: smallWins },
      },
    });
  } else {
    page.byId("notice").hidden = false;
    page.byId("notice").textContent = "This browser computes another ground than Python, by "
      + `${fromPythonHills.toExponential(1)}. So the lesson does not start: its answers could be wrong.`;
  }
}

startOnItsPage(startLesson);
