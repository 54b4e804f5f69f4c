// The studio: one state, one link, one socket, and the parts that show them.

import { byId } from "/draw/dom.js";
import { choicesOf } from "./core/choices.js";
import { PLACES, followLink, usualView } from "./core/hash.js";
import { makeSocket } from "./core/socket.js";
import { makeStore } from "./core/state.js";
import { makeGoneBanner } from "./shell/gone_banner.js";
import { makeHelpSheet } from "./shell/help_sheet.js";
import { makeLaterPlace } from "./shell/later_places.js";
import { showOtherVersion } from "./shell/other_version.js";
import { makeRail } from "./shell/rail.js";
import { makeStripPlace } from "./shell/strip_place.js";
import { makeToasts } from "./shell/toasts.js";
import { makeTopLine } from "./shell/top_line.js";
import { tableActs } from "./table/table_acts.js";
import { makeTablePlace } from "./table/table_place.js";

const stage = byId("stage");
const store = makeStore({
  ...usualView(), connection: { state: "opening" }, snapshot: null, table: null, choices: {},
  asking: false, progress: "", error: null, sending: null, runs: [],
});
const toasts = makeToasts(byId("toasts"));
const view = followLink(store, toasts.show);
const socket = makeSocket(`ws://${location.host}/ws`, {
  event: heard,
  picture: heard,
  anew: () => begin(),
  connection: (connection) => store.set({ connection }),
}, isLocked);
const table = tableActs({ store, view, socket, toasts });
let version = null;

function heard(head) {
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

const strip = makeStripPlace(byId("strip"), { view, colors: (look) => `var(--run-${look})` });
const help = makeHelpSheet(document.body, { go: (p) => view.go({ p }), numbers: turnNumbers,
  step: strip.move });
const parts = [
  makeRail(byId("rail"), { view }),
  makeTopLine(byId("line"), { help: () => help.open(), link: () => view.link() }),
  makeGoneBanner(byId("banner"), { retry: socket.retry }),
  strip,
];
let [place, placed] = [null, ""];

function show(state, changed) {
  const kind = state.p === "table" ? "table" : "later";
  if (kind !== placed) {
    place?.destroy();
    place = kind === "table" ? makeTablePlace(stage, table) : makeLaterPlace(stage);
    placed = kind;
  }
  place.update(state, changed);
  for (const part of parts) part.update(state, changed);
  // What would ask the server waits until it answers.
  const isOff = state.connection.state !== "open";
  for (const control of document.querySelectorAll("[data-asks]")) control.disabled = isOff;
}

const stopFollowing = store.follow((state, changed) => {
  if (changed.has("c")) store.set({ choices: choicesOf(state.c) });
  if (["d", "c", "from"].some((key) => changed.has(key)) && version !== null) table.ask();
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
