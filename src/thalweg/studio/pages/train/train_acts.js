// What a user does with runs: start, play, pause, step, change, put away; and what the server tells.

import { choicesOf, choicesText } from "../core/choices.js";
import { keep, kept } from "../shell/kept.js";
import { addPoints, makeCurve } from "./curves.js";
import { nextLook } from "./run_looks.js";
import { SHORT_ID, isOf, runsHere, runsShown, stepsMade } from "./runs_now.js";
import { makeSpeaker } from "./speaker.js";

const LEAST_PULSE = 45; // milliseconds from one drawing of new points to the next
const NONE = "0".repeat(SHORT_ID); // in a link: no run is on
const MOST_KEPT = 16; // ids of runs that a browser knows after the server was started anew
const FINAL = ["diverged", "ended"];
const SPAN = 2000; // milliseconds over which steps a second are counted

/** What the state of the page has of runs. */
export const NO_RUNS = { known: [], live: true, starting: false, cancels: null, runError: null, speed: 0, recipe: null };

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/hash.js").followLink>} page.view
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {ReturnType<import("../shell/toasts.js").makeToasts>} page.toasts
 */
export function trainActs({ store, view, socket, toasts }) {
  const runs = new Map();
  const curves = new Map();
  const absent = new Set(); // the ids of runs that this browser knows, until the server has opened them
  // How many events of runs were heard, and how many at the last one of each run.
  const heardAt = new Map();
  let events = 0;
  const samples = [];
  let [pulse, pulsed, listing] = [0, 0, null];
  let starts = null; // what is asked of a start that is not answered yet
  let moving = false; // whether the cursor is moved by what runs
  const speaker = makeSpeaker(toasts.say);

  const shown = () => runsShown(store.get());
  const ids = (some) => some.map(({ id }) => id);
  const openOf = (some) => some.filter(({ state }) => state === "paused" || state === "running");

  // -------------------------------------------------------------- what the server tells

  /**
   * Take runs as the server lists them.
   *
   * @param {object[]} listed
   * @param {number} since how many events had been heard when they were asked for
   */
  function take(listed, since = events) {
    for (const each of listed) {
      const before = runs.get(each.id);
      // Runs of another table or of other choices are never beside it.
      const beside = runsHere({ known: [...runs.values()], d: each.table, c: choicesText(each.choices) });
      const look = before?.look ?? nextLook(each.name, each.parent === null, new Set(beside.map((run) => run.look)));
      if (!curves.has(each.id)) curves.set(each.id, makeCurve(each.layers));
      // An answer may come after an event that was later; no run comes back from its end.
      const isOld = before && (FINAL.includes(before.state) || (heardAt.get(each.id) ?? 0) > since);
      const now = isOld ? { state: before.state, why: before.why, divergence: before.divergence, gate: before.gate } : {};
      runs.set(each.id, { ...each, ...now, step: Math.max(each.step, before?.step ?? 0), c: choicesText(each.choices),
        look, curve: curves.get(each.id) });
    }
    keepRuns();
    tell();
  }

  /** The browser knows the runs, also those that are not back yet: the page may be left meanwhile. */
  function keepRuns() {
    keep("runs", [...new Set([...absent, ...runs.keys()])].slice(-MOST_KEPT).join());
  }

  function heardCurve({ run, step, total, left }, arrays) {
    // A run that has made no step yet has no points: they tell how many layers there are.
    if (arrays.size) {
      if (!curves.has(run)) curves.set(run, makeCurve(arrays.get("gradient")?.shape[1] ?? 0));
      addPoints(curves.get(run), arrays);
    }
    const known = runs.get(run);
    if (!known) return;
    runs.set(run, { ...known, step: Math.max(step, known.step), total, left });
    count();
    beat();
  }

  function heardRun({ run, state, step, why, divergence, gate }) {
    heardAt.set(run, ++events);
    const known = runs.get(run);
    if (!known) {
      if (state !== "stopped") all();
      return;
    }
    if (state === "stopped") runs.delete(run);
    else runs.set(run, { ...known, state, step: Math.max(step, known.step), why, divergence, gate });
    if (state === "diverged") speaker.say(`${known.title} diverged at step ${divergence?.step ?? step}`);
    if (state === "ended") speaker.say(`${known.title}: all steps were made`);
    beat();
  }

  /** Draw what is new, but not more often than it can be seen. */
  function beat() {
    if (pulse) return;
    const wait = Math.max(0, pulsed + LEAST_PULSE - performance.now());
    pulse = setTimeout(() => requestAnimationFrame(() => {
      const began = performance.now();
      tell();
      // A slow machine draws less often: half of its time stays for what a reader does.
      const took = performance.now() - began;
      [pulse, pulsed] = [0, began + Math.max(0, 2 * took - LEAST_PULSE)];
    }), wait);
  }

  /** The runs as they are now; one change of the state, so that all is drawn once. */
  function tell() {
    const known = [...runs.values()];
    const step = followed({ ...store.get(), known });
    moving = true;
    store.set({ known, speed: speedNow(), ...(step === null ? {} : { t: step }) });
    // The address follows when the runs rest: a browser allows few changes of it.
    if (step !== null && !known.some(({ state }) => state === "running")) view.drag({ t: step });
    moving = false;
  }

  /** The step to which the cursor goes with the runs; null if it stays where a reader put it. */
  function followed(state) {
    const some = runsShown(state);
    const running = some.filter((run) => run.state === "running");
    if (running.length) speaker.progress(running);
    return state.live && some.length ? stepsMade(running.length ? running : some) : null;
  }

  // A cursor that a link or a reader put somewhere stays there.
  store.set({ live: store.get().t === 0 });
  store.follow((state, changed) => {
    if (!changed.has("t") || moving) return;
    const made = stepsMade(runsShown(state));
    store.set({ live: made ? state.t >= made : state.t === 0 });
  });

  function count() {
    const now = performance.now();
    samples.push([now, [...runs.values()].reduce((sum, run) => sum + run.step, 0)]);
    while (samples.length > 2 && now - samples[0][0] > SPAN) samples.shift();
  }

  function speedNow() {
    if (![...runs.values()].some(({ state }) => state === "running")) {
      samples.length = 0;
      return 0;
    }
    const [first, last] = [samples[0], samples[samples.length - 1]];
    return first && last[0] > first[0] + 200 ? Math.max(0, (1000 * (last[1] - first[1])) / (last[0] - first[0])) : 0;
  }

  // -------------------------------------------------------------- what a user asks

  /** Ask, and show what goes wrong where runs are set. */
  async function asked(op, args, how) {
    try {
      return await socket.ask(op, args, how).answer;
    } catch (why) {
      if (!why.said) throw why;
      store.set({ runError: why.said });
      return null;
    }
  }

  /** All runs of the server; those that it does not have any more are started again. */
  function all() {
    listing ??= (async () => {
      const since = events;
      const found = await asked("runs", {}, { again: true });
      listing = null;
      if (!found) return;
      const now = new Set(ids(found.head.runs));
      const before = runs.size ? ids([...runs.values()]) : kept("runs", "").split(",").filter(Boolean);
      const lost = before.filter((id) => !now.has(id));
      for (const id of lost) {
        runs.delete(id);
        absent.add(id);
      }
      take(found.head.runs, since);
      await bringBack(lost);
    })();
    return listing;
  }

  /** Runs of a server that has ended are on its disk. Those that are there no more are passed over. */
  async function bringBack(lost) {
    for (const run of lost) {
      try {
        const { head } = await socket.ask("open-runs", { runs: [run] }, { again: true }).answer;
        absent.delete(run);
        take(head.runs);
      } catch (why) {
        if (!why.said) throw why;
        absent.delete(run);
        keepRuns();
      }
    }
  }

  async function start(rules, settings) {
    const { d, c } = store.get();
    const on = shown();
    starts = { table: d, choices: choicesOf(c), settings, rules };
    store.set({ starting: true, cancels: "Cancel the start", runError: null });
    const found = await asked("start-runs", starts, { again: true });
    starts = null;
    store.set({ starting: false, cancels: null });
    if (found?.head.type === "dropped") toasts.show("The start was cancelled. Nothing of it is kept.");
    if (found?.head.type !== "runs") return;
    take(found.head.runs);
    const mine = found.head.runs;
    const like = on.filter((run) => sameSettings(run.settings, mine[0].settings));
    view.go({ p: "train", ...switched([...like, ...mine]), f: mine[0].id.slice(0, SHORT_ID),
      t: stepsMade(mine) });
    store.set({ live: true });
    await play(mine);
  }

  /** End a start while its workers load. One whose runs are there already goes on. */
  async function cancelStart() {
    if (!starts) return;
    store.set({ cancels: "Cancelling" });
    await asked("cancel-start", starts, { again: true });
  }

  const sameSettings = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  /** The link of the runs that are on: none is named if all are. */
  function switched(on) {
    const some = new Set(ids(on));
    const isAll = runsHere(store.get()).every(({ id }) => some.has(id));
    return { r: isAll ? null : [...some].map((id) => id.slice(0, SHORT_ID)).join(",") || NONE };
  }

  async function tellRuns(op, some, more = {}) {
    const open = openOf(some);
    if (!open.length) return;
    await asked(op, { runs: ids(open), ...more }); // events tell what came of it
  }

  function play(some = shown()) {
    if (store.get().t >= stepsMade(openOf(some))) store.set({ live: true });
    return tellRuns("play", some);
  }

  const steps = (op, more) => (some = shown()) => {
    store.set({ live: true });
    return tellRuns(op, some, more);
  };

  async function putAway(some) {
    const found = await asked("stop", { runs: ids(some) });
    if (!found) return;
    for (const { id } of some) {
      runs.delete(id);
      curves.delete(id);
    }
    keepRuns();
    tell();
    toasts.show(some.length === 1 ? `${some[0].title} is put away. Start it again to see it.`
      : `${some.length} runs are put away. Start them again to see them.`);
  }

  const fork = (run, args) => forked("fork", { run: run.id, ...args });

  async function forked(op, args) {
    store.set({ starting: true, runError: null });
    const found = await asked(op, args);
    store.set({ starting: false });
    if (!found) return;
    take(found.head.runs);
    const [made] = found.head.runs;
    view.go({ ...switched([...shown(), made]), f: made.id.slice(0, SHORT_ID) });
    store.set({ live: true });
    await play(found.head.runs);
  }

  /** A new run that begins at the point of another one, with an empty memory. */
  const trainFrom = (run, step, rule) => fork(run, { step, rule, anew: true });

  async function askRecipe(run, step) {
    store.set({ recipe: null });
    const found = await asked("recipe", { run: run.id, step }, { again: true });
    if (found) store.set({ recipe: { run: run.id, step, python: found.head.python } });
  }

  function moveTo(step, ends = false) {
    const made = stepsMade(shown());
    const t = Math.min(made, Math.max(0, step));
    store.set({ live: t >= made });
    if (ends) view.go({ t });
    else view.drag({ t });
  }

  return {
    all, start, cancelStart, play, fork, forked, trainFrom, putAway, askRecipe, moveTo,
    pause: (some = shown()) => tellRuns("pause", some.filter(({ state }) => state === "running")),
    step: steps("step", { count: 1 }),
    epoch: steps("epoch"),
    stop: () => putAway(shown()),
    /** Play, or pause what plays. */
    turn: () => (shown().some(({ state }) => state === "running")
      ? tellRuns("pause", shown().filter(({ state }) => state === "running")) : play()),
    moveBy: (by) => moveTo(store.get().t + by),
    toEnd: () => moveTo(Infinity),
    toggle(run) {
      const on = shown();
      const isOn = on.some(({ id }) => id === run.id);
      view.go(switched(isOn ? on.filter(({ id }) => id !== run.id) : [...on, run]));
    },
    choose: (run) => view.go({ f: run.id.slice(0, SHORT_ID),
      ...(shown().some(({ id }) => isOf(id, run.id)) ? {} : switched([...shown(), run])) }),
    forget: () => store.set({ runError: null }),
    heard(head, arrays) {
      if (head.type === "curve") heardCurve(head, arrays);
      else if (head.type === "run") heardRun(head);
      else if (head.type === "run-not-kept") toasts.show(`${head.error.what}. ${head.error.fix ?? ""}`);
    },
    say: speaker.say,
    show: toasts.show,
  };
}
