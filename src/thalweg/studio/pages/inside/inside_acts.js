// What is asked about one row inside a network: at the step of the cursor, in the run that is meant.

import { runInFocus } from "../train/runs_now.js";

const LEAST_WAIT = 120; // milliseconds from one question to the next

/** What the state of the page has of a row. */
export const NO_ROW = { inside: null, insideError: null, pick: null };

/** The step of a run that the cursor stands for: it was there. */
export const stepOf = (run, t) => Math.max(run.first, Math.min(t, run.step));

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/hash.js").followLink>} page.view
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {ReturnType<import("../train/train_acts.js").trainActs>} page.train
 * @param {(words: string) => void} page.say
 */
export function insideActs({ store, view, socket, train, say }) {
  let [asking, timer, last, answered] = [false, 0, 0, ""];

  /** What the state asks for; null if there is nothing to ask. */
  function wanted() {
    const state = store.get();
    const run = state.p === "inside" ? runInFocus(state) : null;
    if (!run || state.connection.state !== "open") return null;
    const { row } = state;
    const pick = state.pick ?? (row === null ? "worst" : null);
    return { run: run.id, step: stepOf(run, state.t), ...(pick ? { pick } : { row }) };
  }

  /** Ask for what is seen, one question at a time; the last one is always asked. */
  async function ask() {
    const what = wanted();
    const key = JSON.stringify(what);
    if (!what || asking || key === answered) return;
    const wait = last + LEAST_WAIT - performance.now();
    if (wait > 0) {
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
      return;
    }
    [asking, last] = [true, performance.now()];
    try {
      const { head, arrays } = await socket.ask("inside", what, { again: true }).answer;
      answered = JSON.stringify({ run: what.run, step: what.step, row: head.row });
      store.set({ inside: { ...head, arrays }, insideError: null, pick: null });
      if (head.row !== store.get().row) view.drag({ row: head.row });
      if (what.pick) say(`Row ${head.row}`);
    } catch (why) {
      if (!why.said) throw why;
      answered = key;
      store.set({ insideError: why.said, pick: null });
    } finally {
      asking = false;
      ask();
    }
  }

  /** The step after the cursor: it is made if it was not yet. */
  async function playStep() {
    const state = store.get();
    const run = runInFocus(state);
    if (!run) return;
    const step = stepOf(run, state.t);
    if (step < run.step) train.moveTo(step + 1, true);
    else await train.step([run]);
  }

  return {
    ask, playStep,
    pickRow: (row) => view.go({ row }),
    pickBy: (pick) => {
      store.set({ pick });
      ask();
    },
    look: (patch) => view.drag(patch),
    chooseRun: (run) => train.choose(run),
    toTrain: () => view.go({ p: "train" }),
    say,
  };
}
