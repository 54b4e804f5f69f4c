// The studio: one state, one link, one socket, and the parts that show them.

import { byId } from "/draw/dom.js";
import { choicesOf } from "./core/choices.js";
import { PLACES, followLink, usualView } from "./core/hash.js";
import { NO_ROW, insideActs } from "./inside/inside_acts.js";
import { makeInsidePlace } from "./inside/inside_place.js";
import { NO_GROUND, laterGround } from "./ground/later_ground.js";
import { NO_LESSON_YET, laterLessons } from "./lessons/later_lessons.js";
import { makeSocket } from "./core/socket.js";
import { makeStore } from "./core/state.js";
import { NO_MODELS, decideActs } from "./decide/decide_acts.js";
import { makeNoModel } from "./decide/no_model.js";
import { makeGoneBanner } from "./shell/gone_banner.js";
import { makeHelpSheet } from "./shell/help_sheet.js";
import { laterModules } from "./shell/later_modules.js";
import { showOtherVersion } from "./shell/other_version.js";
import { makeRail } from "./shell/rail.js";
import { makeStripPlace } from "./shell/strip_place.js";
import { makeToasts } from "./shell/toasts.js";
import { makeTopLine } from "./shell/top_line.js";
import { tableActs } from "./table/table_acts.js";
import { makeTablePlace } from "./table/table_place.js";
import { NOTHING_BESIDE, besideActs } from "./train/beside_acts.js";
import { drawnOf, lossOf } from "./train/curves.js";
import { makeNoRun, makeNoTable } from "./train/no_table.js";
import { runsHere, runsShown } from "./train/runs_now.js";
import { USUAL_SETUP, askedFor } from "./train/setup_form.js";
import { NO_RUNS, trainActs } from "./train/train_acts.js";
import { makeTrainPlace } from "./train/train_place.js";
import { makeTransport } from "./train/transport.js";

const stage = byId("stage");
const store = makeStore({
  ...usualView(), connection: { state: "opening" }, snapshot: null, table: null, preview: null, choices: {},
  asking: false, progress: "", error: null, sending: null,
  ...NO_RUNS, ...NO_ROW, ...NO_GROUND, setup: USUAL_SETUP, ...NO_MODELS, ...NOTHING_BESIDE,
  ...NO_LESSON_YET,
});
const toasts = makeToasts(byId("toasts"));
const view = followLink(store, toasts.show);
const socket = makeSocket(`ws://${location.host}/ws`, {
  event: heard,
  picture: heard,
  anew: () => begin(),
  connection: (connection) => store.set({ connection }),
}, isLocked);
const decide = decideActs({ store, view, socket, toasts });
const beside = besideActs({ store, socket, decide });
const table = { ...tableActs({ store, view, socket, toasts }), fit: decide.fit };
const train = {
  ...trainActs({ store, view, socket, toasts }),
  setUp: (patch) => store.set({ setup: { ...store.get().setup, ...patch } }),
  /** Start what is set; four runs if nobody has set anything. */
  begin() {
    view.go({ p: "train" });
    try {
      const { rules, settings } = askedFor(store.get().setup);
      train.start(rules, settings);
    } catch (why) {
      if (!why.said) throw why;
      store.set({ runError: why.said });
    }
  },
};
const inside = insideActs({ store, view, socket, train, say: train.say });
const ground = laterGround({ store, view, socket, train }, () => {
  show(store.get(), new Set(["p"]));
  ground.ask();
});
const decidePlace = laterModules("Decide", () => import("./decide/decide_place.js"),
  () => show(store.get(), new Set(["p"])));
const lessons = laterLessons({ store, view, socket }, () => show(store.get(), new Set(["p"])));
let version = null;

function heard(head, arrays) {
  train.heard(head, arrays);
  decide.heard(head);
  ground.heard(head);
  if (head.type === "progress") table.progress(head);
  else if (head.type === "tables") table.tablesNow(head);
}

/** Whether the server is there, and has another key than this page. */
async function isLocked() {
  try {
    return (await fetch("/health")).status === 401;
  } catch {
    return false;
  }
}

/** Ask for all there is. */
async function begin() {
  try {
    const now = await table.snapshot();
    if (version !== null && version !== now.version) {
      end(now.version);
      return;
    }
    const isFirst = version === null;
    version = now.version;
    if (isFirst && now.open && !store.get().d) view.drag({ d: now.open });
    else await table.ask();
    await train.all();
    await decide.all(isFirst);
  } catch (why) {
    if (!why.said) throw why;
    store.set({ error: why.said });
  }
}

/** A server of another version speaks another language. */
function end(other) {
  socket.destroy();
  place.destroy();
  stopFollowing();
  showOtherVersion(stage, version, other);
}

// ---------------------------------------------------------------- what is shown

const strip = makeStripPlace(byId("strip"), { moveTo: train.moveTo, transport: makeTransport(train),
  colors: (look) => `var(--run-${look % 7})` });
const help = makeHelpSheet(document.body, { go: (p) => view.go({ p }), numbers: turnNumbers,
  runs: { ...train, has: () => !store.get().les && runsShown(store.get()).length > 0 } });
const parts = [
  makeRail(byId("rail"), { view }),
  makeTopLine(byId("line"), { help: () => help.open(), link: () => view.link(),
    lessons: () => lessons.open("all") }),
  makeGoneBanner(byId("banner"), { retry: socket.retry }),
  strip,
];
let [place, placed, stripped] = [null, "", { keys: [], runs: [] }];

const MAKERS = {
  table: () => makeTablePlace(stage, { ...table, train: train.begin, lesson: lessons.open }),
  train: () => makeTrainPlace(stage, train, beside),
  inside: () => makeInsidePlace(stage, inside),
  ground: () => ground.make(stage),
  "ground is loaded": () => ground.makeWait(stage),
  "no run": () => makeNoRun(stage, () => view.go({ p: "train" })),
  "no model": () => makeNoModel(stage, decide),
  decide: () => decidePlace.there().makeDecidePlace(stage, decide),
  "decide is loaded": () => decidePlace.makeWait(stage),
  "no table": () => makeNoTable(stage, () => view.go({ p: "table" })),
};

function kindOf(state) {
  if (state.les) return lessons.kindOf(state);
  if (state.p === "table") return "table";
  if (state.p === "decide") return state.facts ? decideNow(state) : "no model";
  if (!state.table && !runsHere(state).length) return "no table";
  if (state.p === "train") return "train";
  if (!runsShown(state).length) return "no run";
  if (state.p === "inside") return "inside";
  ground.load(state);
  return ground.isThere() ? "ground" : "ground is loaded";
}

function decideNow(state) {
  decidePlace.load(state);
  return decidePlace.there() ? "decide" : "decide is loaded";
}

/** The runs as the strip draws them; the same array as long as nothing of them has changed. */
function stripRuns(state) {
  const keys = [state.known, state.d, state.c, state.r];
  if (keys.some((each, i) => each !== stripped.keys[i])) stripped = { keys, runs: drawnRuns(state) };
  return stripped.runs;
}

function drawnRuns(state) {
  return runsShown(state).map((run) => {
    const { steps, values } = drawnOf(lossOf(run.curve));
    return { name: run.id, words: run.title, look: run.look, steps, loss: values, step: run.step,
      diverged: run.state === "diverged" };
  });
}

/** What would ask the server waits until it answers; what a part of the page disables stays so. */
function letAsk(isOff) {
  for (const control of document.querySelectorAll(isOff ? "[data-asks]:not(:disabled)" : "[data-waits]")) {
    control.disabled = isOff;
    control.toggleAttribute("data-waits", isOff);
  }
}

function show(state, changed) {
  const kind = kindOf(state);
  const isOff = state.connection.state !== "open";
  if (!isOff) letAsk(false);
  const held = kind !== placed && stage.contains(document.activeElement);
  if (kind !== placed) {
    place?.destroy();
    place = MAKERS[kind]?.() ?? lessons.make(stage, kind);
    placed = kind;
  }
  place.update(state, changed);
  // What had the focus is gone: the keyboard goes on at the title of what is there now.
  if (held && !stage.contains(document.activeElement)) {
    (stage.querySelector("h1[tabindex]") ?? stage).focus({ preventScroll: true });
  }
  const told = { ...state, runs: stripRuns(state) };
  for (const part of parts) part.update(told, changed);
  byId("strip").hidden = Boolean(state.les); // a lesson has losses of its own
  if (isOff) letAsk(true);
}

const stopFollowing = store.follow((state, changed) => {
  if (changed.has("c")) store.set({ choices: choicesOf(state.c) });
  if ((changed.has("m") || changed.has("y")) && version !== null) decide.opened();
  if (["d", "c", "from"].some((key) => changed.has(key)) && version !== null) table.ask();
  if (["p", "d", "c", "f", "t", "row", "r", "known", "connection"].some((key) => changed.has(key))) inside.ask();
  if (["p", "d", "c", "f", "r", "known", "pl", "connection"].some((key) => changed.has(key))) ground.ask();
  if (["p", "d", "c", "table", "models", "fits", "connection"].some((key) => changed.has(key))) beside.ask();
  if (["les", "connection"].some((key) => changed.has(key))) lessons.ask();
  show(state, changed);
});

function turnNumbers() {
  const all = [...document.querySelectorAll("details.numbers")];
  const open = all.some((each) => !each.open);
  for (const each of all) each.open = open;
  toasts.say(open ? "All numbers are shown" : "The numbers are hidden");
}

// A file may be dropped anywhere; without this a browser would leave the page to show it.
addEventListener("dragover", (event) => {
  event.preventDefault();
  document.documentElement.dataset.drop = "yes";
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete document.documentElement.dataset.drop;
});
addEventListener("drop", (event) => {
  event.preventDefault();
  delete document.documentElement.dataset.drop;
  const [file, more] = event.dataTransfer.files;
  if (!file) return;
  if (more) toasts.show("One file at a time: the first one is opened.");
  table.openFile(file);
});
// The link "To the content" must not become the link of the view.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  stage.focus();
});

store.set({ choices: choicesOf(store.get().c) });
show(store.get(), new Set([...PLACES, ...Object.keys(store.get())]));
begin();
document.documentElement.dataset.drawn = "yes";
