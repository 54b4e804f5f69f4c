// What the state of the page says of runs: which are shown, which one is meant, and in what words.

import { short, whole } from "/draw/numbers.js";
import { bestOf, lossOf, pointAt } from "./curves.js";

export const SHORT_ID = 10; // letters of an id in a link
export const STATES = { running: "running", paused: "paused", diverged: "diverged", ended: "done",
  stopped: "put away" };

// What a run does that was let go with others.
const GATES = { loading: "loading", loaded: "waiting", late: "late" };

/** The state of a run in a word. */
export const stateOf = ({ state, gate }) => (state === "running" && GATES[gate]) || STATES[state];

/** What is said of runs that wait for each other: they begin together. */
export function gateWords(runs) {
  const held = runs.filter(({ state, gate }) => state === "running" && ["loading", "loaded"].includes(gate));
  if (!held.length) return "";
  const loaded = held.filter(({ gate }) => gate === "loaded").length;
  return `${whole(loaded)} of ${whole(held.length)} runs are loaded. They begin together.`;
}

/** Whether an id begins with a short one. */
export const isOf = (id, short_) => short_ !== null && id.startsWith(short_);

/** The runs of the table and the choices that are open. */
export function runsHere({ known, d, c }) {
  return known.filter((run) => run.table === d && run.c === c);
}

/** The runs that are switched on. */
export function runsShown(state) {
  const here = runsHere(state);
  if (state.r === null) return here;
  const on = state.r.split(",");
  return here.filter(({ id }) => on.some((each) => isOf(id, each)));
}

/** The run that is meant: the one of the link, or the first that is shown. */
export function runInFocus(state) {
  const shown = runsShown(state);
  return shown.find(({ id }) => isOf(id, state.f)) ?? shown[0] ?? null;
}

/** How many steps were made by the run that made most. */
export const stepsMade = (runs) => Math.max(0, ...runs.map(({ step }) => step));

/** Digits of a loss, everywhere in Train. */
export const DIGITS = 3;
const NICE = [1, 2, 5, 10];

/** The end of the axis of steps: round, and not far behind what was made. */
export function endOfAxis(runs) {
  const [made, total] = [stepsMade(runs), Math.max(1, ...runs.map((run) => run.total))];
  if (made > total / 4) return total;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, 1.2 * made)));
  const round = NICE.map((each) => each * power).find((each) => each >= 1.2 * made) ?? 10 * power;
  return Math.min(total, Math.max(10, round));
}

/**
 * What a series has at a step, with the step at which it was measured, if that is an earlier one.
 * @param {import("./curves.js").Series} series
 * @param {number} step
 * @param {number} digits
 * @returns {string} "" if nothing was measured
 */
export function measuredWords(series, step, digits) {
  const point = pointAt(series, step);
  if (!point) return "";
  return `${short(point.value, digits)}${point.step === step ? "" : ` (step ${whole(point.step)})`}`;
}

/** A run at a step, in a few words. */
export function lossWords(run, step) {
  const loss = measuredWords(lossOf(run.curve), step, DIGITS);
  const valid = measuredWords(run.curve.valid, step, DIGITS);
  if (!loss) return "no loss yet";
  return valid ? `loss ${loss}, held out ${valid}` : `loss ${loss}`;
}

const upper = (words) => words.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

/** The finding of the runs as a title. */
export function findingOf(runs) {
  if (!runs.length) return "No runs yet";
  const measured = runs.filter(({ curve }) => curve.last >= 0);
  if (!measured.length) return `${runs.length === 1 ? "One run waits" : `${whole(runs.length)} runs wait`} at the start`;
  const bad = runs.filter(({ state }) => state === "diverged");
  const fine = measured.filter(({ state }) => state !== "diverged");
  if (!fine.length) return `${upper(bad[0].title)} diverged at step ${whole(bad[0].divergence?.step ?? bad[0].step)}`;
  const best = fine.map((run) => ({ run, ...bestOf(run.curve) })).filter(({ value }) => value !== undefined)
    .sort((a, b) => a.value - b.value)[0];
  if (!best) return "The runs have begun";
  const words = `Lowest ${best.of} loss that was measured: ${short(best.value, DIGITS)}, ${best.run.title} at step ${whole(best.step)}`;
  return bad.length ? `${words}; ${bad.map(({ title }) => title).join(", ")} diverged` : words;
}
