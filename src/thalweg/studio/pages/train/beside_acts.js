// What stands beside the runs of a table: its models with what they were evaluated on, and its searches.

import { choicesOf } from "../core/choices.js";

/** What the state of the page has of it. tuneSetup: what the form of a search says. */
export const NOTHING_BESIDE = {
  beside: null, besideError: null, tuneSetup: { minutes: "10", trials: "", space: "small" },
};

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {ReturnType<import("../decide/decide_acts.js").decideActs>} page.decide
 */
export function besideActs({ store, socket, decide }) {
  let [asked, key] = [null, ""];

  /** Ask again when there is another table, another model, or when a fit has ended. */
  async function ask() {
    const { p, d, c, models, fits, table, connection } = store.get();
    if (p !== "train" || !d || !table?.target || models === null || connection.state !== "open") return;
    const now = JSON.stringify([d, c, models.map(({ id }) => id), fits.map(({ model_run: id }) => id)]);
    if (now === key) return;
    key = now;
    asked?.drop();
    const mine = socket.ask("beside", { table: d, choices: choicesOf(c) }, { again: true });
    asked = mine;
    try {
      const { head } = await mine.answer;
      if (mine === asked && head.type === "beside") store.set({ beside: { ...head, c }, besideError: null });
    } catch (why) {
      if (!why.said) throw why;
      if (mine === asked) store.set({ besideError: why.said });
    }
  }

  return {
    ask,
    fit: decide.fitHere,
    cancel: decide.cancel,
    finish: decide.finish,
    tune: decide.tune,
    goOn: ({ minutes, trials, space, settings, seed, no_trees: noTrees }) =>
      decide.tune({ minutes, trials, space, settings, seed, no_trees: noTrees }),
    setTune: (patch) => store.set({ tuneSetup: { ...store.get().tuneSetup, ...patch } }),
    openModel: decide.open,
  };
}

const WHOLE = /^-?\d+$/;

/**
 * What the form of a search asks for.
 * @param {{minutes: string, trials: string, space: string}} setup
 * @returns {{minutes: number|null, trials: number|null, space: string}}
 * @throws {{said: object}} what cannot be, in words
 */
export function searchAskedFor({ minutes, trials, space }) {
  const read = (text, where, most) => {
    if (!text.trim()) return null;
    const value = Number(text.trim());
    const isWhole = WHOLE.test(text.trim());
    if (!isWhole || value < 1 || value > most) {
      throw { said: { code: "settings", what: `${where}: ${text.trim()} cannot be used`, where,
        why: !isWhole ? "It has to be a whole number." : value < 1 ? "It is less than 1." : `It is more than ${most}.`,
        fix: `write one from 1 to ${most}` } };
    }
    return value;
  };
  const found = { minutes: read(minutes, "Minutes", 60), trials: read(trials, "Trials", 1000), space };
  if (found.minutes === null && found.trials === null) {
    throw { said: { code: "settings", what: "The search has no end", where: "Minutes", why: "",
      fix: "write minutes, or a number of trials, or both" } };
  }
  return found;
}
