// From an answer of the server to a sheet that the stage of the landscape pages draws.

import { short, whole } from "/draw/numbers.js";
import { sheetOf } from "/draw/stage/sheet.js";

/** How a plane is laid, in words, by the key that a link has. */
export const PLANES = {
  auto: "the least distorting", "through-start": "through the start, main directions",
  scaled: "through the start, all runs alike", centred: "around the mean of the points",
  ends: "through the start, near all ends", "three-points": "through the start and two ends",
  "start-to-end": "from start to end", random: "two random directions at the end",
};

/** How a measured plane was laid, in words. */
export const planeWords = (key) => PLANES[key] ?? (key === "ends-scaled" ? "through the start, along all bearings" : key);

/** The planes that so many runs allow. */
export function planesFor(n) {
  const left = n > 1 ? ["start-to-end"] : ["scaled", "ends", "three-points"];
  return Object.keys(PLANES).filter((key) => !left.includes(key));
}

/** What a network and its rows are: runs of different ones have no ground in common. */
export const networkOf = (run) => JSON.stringify([run.table, run.c, run.settings]);

export const MOST_DRAWN = 12; // runs on one ground

/**
 * The runs that are drawn: those that are shown, with the network of the one that is meant.
 * @param {object[]} shown
 * @param {object|null} focus
 * @returns {{runs: object[], others: number}} others: how many are left out
 */
export function drawnRuns(shown, focus) {
  if (!focus) return { runs: [], others: 0 };
  const own = networkOf(focus);
  const like = shown.filter((run) => networkOf(run) === own);
  const first = [focus, ...like.filter(({ id }) => id !== focus.id)].slice(0, MOST_DRAWN);
  // In the order of the runs: which of them is meant changes no plane.
  const runs = like.filter((run) => first.includes(run));
  return { runs, others: shown.length - runs.length };
}

/**
 * @param {object} head the answer
 * @param {object|null} before the sheet of before, whose ground is taken over if it is the same
 * @returns {object} a sheet; its runs have the ids of the answer
 */
export function sheetFrom(head, before) {
  const sheet = sheetOf(head.sheet);
  sheet.runs.forEach((run, i) => { run.id = head.runs[i].run; });
  const { losses, relief } = head.sheet;
  const told = `${losses} ${JSON.stringify(relief)}`;
  if (before?.told === told) sheet.grounds = before.grounds;
  return Object.assign(sheet, { told });
}

/**
 * Where the picture is, and where the runs are, if that is a later step.
 * @param {object} sheet
 * @param {object[]} runs
 * @returns {{at: number, late: string}} late: "" if the picture has all steps
 */
export function reachOf(sheet, runs) {
  const last = new Map(sheet.runs.filter(({ diverged }) => !diverged)
    .map(({ id, steps }) => [id, steps[steps.length - 1]]));
  const at = Math.max(0, ...runs.map(({ id, step }) => last.get(id) ?? step));
  const made = Math.max(0, ...runs.map(({ id, step }) => (last.has(id) ? step : 0)));
  if (made > at) return { at, late: `the ${runs.length > 1 ? "runs are" : "run is"} at step ${whole(made)}` };
  const behind = runs.find(({ id, step }) => step > (last.get(id) ?? step));
  return { at, late: behind ? `${behind.title} is at step ${whole(behind.step)}, and at ${whole(last.get(behind.id))} here` : "" };
}

/** A point of the plane in words: what is only rounding is 0. */
export const placeWords = (point) => point.map((each) => short(Math.round(each * 1e6) / 1e6)).join(", ");
