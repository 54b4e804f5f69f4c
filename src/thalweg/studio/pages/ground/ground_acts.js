// What is asked about the ground: a plane with a grid that gets finer, the runs as they grow, a point.

import { runInFocus, runsShown, stepsMade } from "../train/runs_now.js";
import { drawnRuns, networkOf, sheetFrom } from "./ground_sheet.js";

const LEAST_WAIT = 900; // milliseconds between two drawings of runs that grow
const TIMES = 2; // of the time that a drawing takes, until the next one: a large network needs longer
const HERE_WAIT = 120; // milliseconds between two questions about a point

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/hash.js").followLink>} page.view
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {ReturnType<import("../train/train_acts.js").trainActs>} page.train
 */
export function groundActs({ store, view, socket, train }) {
  // What is being asked: of a newer question the server drops the older one.
  let [asked, grows, timer, grew, took] = [null, false, 0, 0, 0];
  let [failed, again] = ["", false];
  let recipes = null; // the ground whose program was asked for last
  let [looks, lookTimer, looked] = [false, 0, 0];

  const here = () => {
    const state = store.get();
    return drawnRuns(runsShown(state), runInFocus(state)).runs;
  };
  const idsOf = (runs) => runs.map(({ id }) => id).join();
  const signOf = (runs) => runs.map(({ id, step }) => `${id} ${step}`).join();

  /** What the state asks for now. */
  function ask() {
    const state = store.get();
    if (state.p !== "ground" || state.connection.state !== "open") return;
    const runs = here();
    if (!runs.length || !stepsMade(runs)) return;
    const plane = state.pl;
    const key = `${networkOf(runs[0])} ${plane}`;
    if (state.ground?.key !== key || again) {
      const wanted = `${key} ${again}`;
      if (asked?.wanted === wanted || failed === `${wanted} ${idsOf(runs)}`) return;
      again = false;
      make(runs, plane, key, wanted, false);
    } else grow(runs);
  }

  /** A new plane, and its grid, coarse first. */
  async function make(runs, plane, key, wanted, finer) {
    const ids = runs.map(({ id }) => id);
    const sign = signOf(runs);
    const question = socket.ask("ground", { runs: ids, plane, ...(finer ? { finer } : {}) }, { again: true,
      partly: (head) => {
        if (head.type !== "ground" || head.complete) return false;
        if (asked === mine) show(head, key, sign, true);
        return true;
      } });
    const mine = { wanted, id: question.id };
    asked = mine;
    store.set({ groundBusy: "The ground is asked for", groundError: null });
    try {
      const { head } = await question.answer;
      if (asked !== mine || head.type === "dropped") return;
      show(head, key, sign, false);
      failed = "";
    } catch (why) {
      if (!why.said) throw why;
      if (asked !== mine) return;
      failed = `${wanted} ${ids}`; // further steps would not change that
      store.set({ groundError: why.said, groundBusy: "" });
    } finally {
      if (asked === mine) {
        asked = null;
        ask();
      }
    }
  }

  /** The runs as they are now, on the ground that is there. */
  async function grow(runs) {
    const { ground } = store.get();
    const sign = signOf(runs);
    if (grows || asked || ground.sign === sign) return;
    const wait = grew + Math.max(LEAST_WAIT, TIMES * took) - performance.now();
    if (wait > 0) {
      clearTimeout(timer);
      timer = setTimeout(ask, wait);
      return;
    }
    const began = performance.now();
    grows = true;
    try {
      const { head } = await socket.ask("ground-runs", { ground: ground.head.ground,
        runs: runs.map(({ id }) => id) }, { again: true }).answer;
      const now = store.get().ground;
      if (head.type !== "dropped" && now?.head.ground === head.ground && !asked) {
        show({ ...head, refused: now.head.refused }, now.key, sign, false);
      }
    } catch (why) {
      if (!why.said) throw why;
      // A worker that was killed holds no ground any more: it makes a new one.
      if (!asked) store.set({ ground: null });
    } finally {
      [grows, grew, took] = [false, performance.now(), performance.now() - began];
      ask();
    }
  }

  function show(head, key, sign, isCoarse) {
    const before = store.get().ground;
    const sheet = sheetFrom(head, before?.sheet);
    const isOther = before?.head.ground !== head.ground;
    const laid = isOther ? sign : before.laid; // where the runs were when the plane was laid
    store.set({ ground: { head, sheet, key, sign, laid }, groundError: null,
      groundBusy: isCoarse ? `${head.points} × ${head.points} points; finer ones come` : "",
      ...(isOther ? { point: null, here: null, hereError: null } : {}) });
  }

  // -------------------------------------------------------------- one point

  /** Look at a point: what the network is there is asked for, one question at a time. */
  function look(point) {
    store.set({ point, ...(point ? {} : { here: null, hereError: null }) });
    askHere();
  }

  async function askHere() {
    const { ground, point, here: known, connection } = store.get();
    if (!point || !ground || looks || connection.state !== "open") return;
    if (known && known.a === point[0] && known.b === point[1] && known.ground === ground.head.ground) return;
    const wait = looked + HERE_WAIT - performance.now();
    if (wait > 0) {
      clearTimeout(lookTimer);
      lookTimer = setTimeout(askHere, wait);
      return;
    }
    [looks, looked] = [true, performance.now()];
    try {
      const { head } = await socket.ask("here", { ground: ground.head.ground, a: point[0], b: point[1] },
        { again: true }).answer;
      if (head.type !== "dropped" && store.get().point) {
        store.set({ here: head, hereError: null });
      }
    } catch (why) {
      if (!why.said) throw why;
      store.set({ here: null, hereError: why.said, point: null });
    } finally {
      looks = false;
      askHere();
    }
  }

  /** A run that begins at the point that is looked at, with the rule of the one in focus. */
  async function startHere() {
    const state = store.get();
    const run = runInFocus(state);
    if (!run || !state.here) return;
    const { ground, a, b } = state.here;
    await train.forked("begin-here", { ground, a, b, run: run.id, rule: run.rule });
  }

  // -------------------------------------------------------------- what is taken along

  const isDark = () => (document.documentElement.dataset.theme
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  /** Let the browser keep the picture as a file; or that of the profile along a run. */
  async function savePicture(form, run) {
    const { ground, look: view_ } = store.get();
    store.set({ groundTakes: { busy: true, words: "The picture is drawn" } });
    try {
      const { head, arrays } = await socket.ask("ground-picture", { ground: ground.head.ground, form, look: view_,
        dark: isDark(), ...(run ? { run: run.id } : {}) }, { again: true }).answer;
      if (head.type !== "dropped") {
        keepFile(`${run ? "profile" : "landscape"}.${form}`, arrays.get("file").values);
      }
      store.set({ groundTakes: { busy: false, words: "" } });
    } catch (why) {
      if (!why.said) throw why;
      const { what, fix } = why.said;
      store.set({ groundTakes: { busy: false, words: `${what}. To fix it: ${fix}.` } });
    }
  }

  /** The program of the ground as it is; what cannot be is said in its place. */
  async function askRecipe() {
    const { ground } = store.get();
    if (!ground || recipes === ground) return;
    recipes = ground;
    let [words, works] = ["", false];
    try {
      const { head } = await socket.ask("ground-recipe", { ground: ground.head.ground }, { again: true }).answer;
      [words, works] = [head.python ?? "", head.type === "ground-recipe"];
    } catch (why) {
      if (!why.said) throw why;
      words = `${why.said.what}. ${why.said.why}. To fix it: ${why.said.fix}.`;
    }
    if (store.get().ground === ground) store.set({ groundRecipe: { ground, words, works } });
  }

  return {
    ask, look, startHere, savePicture, askRecipe,
    /** Lay a new plane through the runs as they are now. */
    anew() {
      again = true;
      failed = "";
      ask();
    },
    /** The finest grid, although it takes long. */
    finer() {
      const { ground, pl } = store.get();
      if (ground) make(here(), pl, ground.key, `${ground.key} finer`, true);
    },
    choosePlane: (pl) => view.go({ pl }),
    turn: (patch) => view.drag(patch),
    set: (patch) => view.go(patch),
    heard(head) {
      if (head.type === "progress" && head.re === asked?.id) store.set({ groundBusy: head.what });
    },
    train,
  };
}

/** Let the browser keep bytes as a file. */
function keepFile(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: name.endsWith("svg") ? "image/svg+xml" : "image/png" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
