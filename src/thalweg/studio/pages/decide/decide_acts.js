// What a user does with models: train, open, decide, explain, report, predict; and what is heard of it.

import { whole } from "/draw/numbers.js";
import { choicesOf, choicesText } from "../core/choices.js";
import { refusedFile, upload } from "../table/upload.js";

const EVERY = 5000; // milliseconds between two messages on progress to a screen reader

/**
 * What the state of the page has of models.
 * facts: what the server says of the open model. decision: a threshold by costs. explanation: of a
 * row. made: the files that were made of the open model, by kind. busy: what is asked now, by kind,
 * in words. troubles: errors by kind. inReport: what a report is to hold.
 */
export const NO_MODELS = {
  models: null, fits: [], facts: null, decision: null, explanation: null, changed: null, made: {}, busy: {},
  troubles: {}, revealed: null, inReport: { whatIf: true, landscape: false, trace: "" },
};
const OF_ONE = { facts: null, decision: null, explanation: null, changed: null, made: {}, busy: {}, troubles: {} };

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/hash.js").followLink>} page.view
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {ReturnType<import("../shell/toasts.js").makeToasts>} page.toasts
 */
export function decideActs({ store, view, socket, toasts }) {
  const asked = new Map(); // by kind: the question that counts
  const mine = new Set(); // fits of this page
  let spoken = 0;
  let opening = "";
  let asking = {}; // of which target the shown row is explained
  // The table of the last predictions, and what was said of it.
  let last = {};
  let sending = null; // the new file to predict, while it comes
  // A link to Decide holds the row that was explained there; in other places it is that of Inside.
  let linked = store.get().p === "decide" ? store.get().row : null;

  const part = (key, kind, value) => {
    const { [kind]: gone, ...rest } = store.get()[key];
    store.set({ [key]: value === null ? rest : { ...rest, [kind]: value } });
  };

  /** Ask one thing of a kind; a later question takes the place of an earlier one. Null if it failed. */
  async function ask(kind, op, args, words) {
    asked.get(kind)?.drop();
    const question = socket.ask(op, args, { again: !["fit", "tune"].includes(op) });
    asked.set(kind, question);
    part("busy", kind, words);
    part("troubles", kind, null);
    try {
      const { head } = await question.answer;
      if (asked.get(kind) !== question) return null;
      part("busy", kind, null);
      return head.type === "dropped" ? null : head;
    } catch (why) {
      if (!why.said) throw why;
      if (asked.get(kind) !== question) return null;
      part("busy", kind, null);
      part("troubles", kind, why.said);
      toasts.say(`${why.said.what}. ${why.said.fix}`);
      return null;
    }
  }

  function progress(head) {
    if (head.model_run) {
      const fits = store.get().fits;
      if (!fits.some(({ model_run: id }) => id === head.model_run)) return;
      store.set({ fits: fits.map((fit) => (fit.model_run === head.model_run ? { ...fit, ...head } : fit)) });
      speak(head);
      return;
    }
    for (const [kind, question] of asked) {
      if (question.id === head.re && store.get().busy[kind]) part("busy", kind, progressWords(head));
    }
  }

  /** The trials of a search so far. */
  function drawn({ model_run: id, course }) {
    store.set({ fits: store.get().fits.map((fit) => (fit.model_run === id ? { ...fit, course } : fit)) });
  }

  function speak(head) {
    if (performance.now() - spoken < EVERY || !["decide", "train"].includes(store.get().p)) return;
    spoken = performance.now();
    toasts.say(progressWords(head));
  }

  /** A fit has ended, well or not. */
  function ended({ model_run: id, model, error }) {
    const fit = store.get().fits.find((each) => each.model_run === id);
    store.set({ fits: store.get().fits.filter((each) => each.model_run !== id) });
    const { p, d, m } = store.get();
    if (model && model === m) facts(m); // the same bytes: more may be known of how they were made
    const isAwaited = p === "decide" && m === null && fit?.table === d; // also after a reload
    if (!mine.delete(id) && !isAwaited) return;
    if (!model) {
      part("troubles", "fit", error ?? null);
      toasts.say(error ? error.what : "The training has ended");
      return;
    }
    if (isAwaited) open(model);
    else toasts.show("A model is trained.", { words: "Open it", does: () => open(model) });
    toasts.say("The model is trained");
  }

  /** Ask which models there are; the one that the command line named is opened once. */
  async function all(isFirst) {
    const { head } = await socket.ask("models", {}, { again: true }).answer;
    store.set({ models: head.models, fits: head.fits });
    if (isFirst && head.open && !store.get().m && !store.get().d) view.drag({ p: "decide", m: head.open });
    opened();
  }

  const open = (m) => view.go({ p: "decide", m, y: null, thr: null });

  /** The link names another model, or another of its targets: what is known of the one before is put away. */
  function opened() {
    const { m, y } = store.get();
    if (JSON.stringify([m, y]) === opening) return;
    opening = JSON.stringify([m, y]);
    for (const question of asked.values()) question.drop();
    asked.clear();
    // One model stays in view until the next one is there.
    store.set({ ...OF_ONE, facts: m ? store.get().facts : null });
    if (m) facts(m);
  }

  /** Of a model of several targets, the one that is looked at. */
  const ofOne = () => {
    const { y, facts: of } = store.get();
    const target = y ?? of?.target ?? null;
    return target === null ? {} : { target };
  };

  async function facts(m) {
    const { y } = store.get();
    const head = await ask("facts", "model", { model: m, ...(y === null ? {} : { target: y }) },
      "Opening the model");
    if (store.get().m !== m || store.get().y !== y) return;
    store.set({ facts: head });
    if (!head) return;
    if (head.table && !store.get().d) view.drag({ d: head.table, c: choicesText(head.choices ?? {}) });
    const row = linked;
    linked = null;
    if (row !== null && store.get().d) explain(row);
  }

  /** Begin a fit or a search of the open table; its progress is in Decide, or also where one stays. */
  async function begin(op, more = {}, stays = false) {
    const { d, c } = store.get();
    const head = await ask("fit", op, { table: d, choices: choicesOf(c), ...more }, "Starting");
    if (!head) {
      if (!stays) view.go({ p: "decide", m: null, y: null });
      return;
    }
    const id = head.model_run;
    mine.add(id);
    const { fits } = store.get();
    if (!fits.some((each) => each.model_run === id)) {
      store.set({ fits: [...fits, { model_run: id, table: d, what: "Waiting", is_search: op === "tune" }] });
    }
    if (!stays) view.go({ p: "decide", m: null, y: null });
    toasts.say(op === "tune" ? "The search begins" : "The training begins");
  }

  async function cancel(id) {
    part("busy", "cancel", "Cancelling");
    mine.add(id);
    try {
      await socket.ask("cancel", { model_run: id }, { again: true }).answer;
    } catch (why) {
      if (!why.said) throw why;
      part("troubles", "fit", why.said);
    }
    part("busy", "cancel", null);
  }

  /** End a search with the trials so far; its end is an event, as that of every fit. */
  async function finish(id) {
    mine.add(id);
    try {
      await socket.ask("finish", { model_run: id }, { again: true }).answer;
    } catch (why) {
      if (!why.said) throw why;
      part("troubles", "fit", why.said);
    }
  }

  async function decide(rule) {
    const head = await ask("decision", "decide", { model: store.get().m, ...ofOne(), ...rule }, "Asking for the threshold");
    if (head) store.set({ decision: { ...head, rule } });
  }

  /** Make the model with this rule, and open it. */
  async function useThreshold(rule) {
    const before = store.get().m;
    const head = await ask("threshold", "set-threshold", { model: store.get().m, ...ofOne(), ...rule },
      "Making the model with this threshold");
    if (!head) return;
    view.go({ m: head.model, thr: null });
    toasts.show(`${head.document.result.sentence} The model with it is ${head.file}.`,
      { words: "Undo", does: () => view.go({ m: before, thr: null }) });
  }

  /** The table of a question on rows: that of the fit, or the open one, as it is read here. */
  function ofTable() {
    const { facts: of, d, c } = store.get();
    if (!of.table || d && d !== of.table) return { table: d, choices: readingOf(choicesOf(c)) };
    return { table: of.table };
  }

  /** Explain a row: its answer for a level, of a model of several quantiles. */
  async function explain(row, level = null) {
    view.drag({ row });
    asking = level === null ? ofOne() : { target: level };
    const head = await ask("explanation", "explain", { model: store.get().m, ...ofTable(), ...asking, row }, "Explaining the row");
    if (!head) return;
    store.set({ explanation: head, changed: null });
    toasts.say(head.picture.sentence);
  }

  async function whatIf(row, set) {
    const head = await ask("changed", "what-if", { model: store.get().m, ...ofTable(), ...asking, row, set }, "Asking the model");
    if (!head) return;
    store.set({ changed: head });
    toasts.say(head.changed);
  }

  async function report() {
    const { m, d, facts: of, inReport: { whatIf: holds, landscape, trace } } = store.get();
    const rows = trace.trim() ? { trace: trace.trim() } : {};
    const ofRows = (of.table || d) && (landscape || rows.trace) ? { ...ofTable(), landscape, ...rows } : {};
    const head = await ask("report", "report", { model: m, ...ofOne(), ...ofRows, no_what_if: !holds }, "Making the report");
    if (head) took("report", head);
  }

  /** End what is being made; nothing of it is kept. */
  function stop(kind) {
    if (sending && kind === "predictions") sending.cancel();
    else asked.get(kind)?.cancel();
    part("busy", kind, "Cancelling");
    toasts.say("Cancelling");
  }

  async function predict(of = ofTable()) {
    last = of;
    const { facts: shown, d, c } = store.get();
    // Of the table of the fit, and of a new file, the server knows which columns are kept.
    const ids = of.table === d && d !== shown.table ? choicesOf(c).ids ?? [] : [];
    const head = await ask("predictions", "predict", { model: store.get().m, ...of, ...(ids.length ? { ids } : {}) },
      "Predicting");
    if (head) took("predictions", head);
  }

  /** The same rows, with more that is said of their table. */
  function predictWith(more) {
    const { facts: of } = store.get();
    const known = last.choices ?? (last.table === of.table && of.choices ? readingOf(of.choices) : {});
    const [[key, said]] = Object.entries(more);
    return predict({ ...last, choices: { ...known, [key]: said.concat ? [...(known[key] ?? []), ...said] : said } });
  }

  /** A file is ready: it is kept in the browser's folder at once, and can be taken again. */
  function took(kind, head) {
    const file = { kind, id: head[kind], file: head.file, bytes: head.bytes, command: head.command,
      python: head.python, document: head.document };
    part("made", kind, file);
    download(file);
    toasts.say(`${head.file} is ready`);
  }

  async function predictFile(file) {
    const bad = refusedFile(file, store.get().snapshot?.limits.upload ?? Infinity);
    if (bad) {
      part("troubles", "predictions", bad);
      return;
    }
    const { m } = store.get();
    part("troubles", "predictions", null);
    part("busy", "predictions", `Opening ${file.name}`);
    try {
      sending = upload(file, (sent) => part("busy", "predictions",
        `Opening ${file.name}: ${whole(Math.round(100 * sent / file.size))} %`));
      const table = await sending.table;
      sending = null;
      if (store.get().m === m) await predict({ table });
    } catch (error) {
      sending = null;
      if (error && !error.code) throw error;
      part("busy", "predictions", null);
      part("troubles", "predictions", error);
    }
  }

  async function remove(id) {
    try {
      await socket.ask("remove-model", { model: id }).answer;
      if (store.get().m === id) view.go({ m: null, y: null });
      toasts.show("Removed from the studio's folder.");
    } catch (why) {
      if (!why.said) throw why;
      toasts.show(`${why.said.what}. ${why.said.fix}`);
    }
  }

  return {
    all, opened, cancel, finish, decide, useThreshold, explain, whatIf, report, stop, predict, predictWith, predictFile, remove, download,
    fit: () => begin("fit"),
    fitHere: () => begin("fit", {}, true),
    tune: (limits) => begin("tune", limits, true),
    say: toasts.say,
    inReport: (patch) => store.set({ inReport: { ...store.get().inReport, ...patch } }),
    open,
    /** Another target of the open model. */
    lookAt: (target) => view.go({ y: target, thr: null }),
    leave: () => view.go({ m: null, y: null, thr: null }),
    toTable: () => view.go({ p: "table" }),
    threshold: (thr) => view.drag({ thr }),
    forget: (kind) => part("troubles", kind, null),
    close: () => store.set({ explanation: null, changed: null }),
    heard: (head) => {
      if (head.type === "progress") progress(head);
      else if (head.type === "course") drawn(head);
      else if (head.type === "model") ended(head);
      else if (head.type === "models") store.set({ models: head.models });
    },
  };
}

/** The levels of a model of several quantiles, as texts; none of another model. */
export const levelsOf = ({ document }) =>
  /^quantile:levels=(.+)$/.exec(document.result.model.loss ?? "")?.[1].split("/") ?? [];

/** Of choices, those on how a later table is read. */
function readingOf(choices) {
  const names = ["number", "missing", "drop_row", "separator", "decimal", "encoding", "sheet", "header_row"];
  return Object.fromEntries(names.filter((name) => choices[name] !== undefined).map((name) => [name, choices[name]]));
}

/** Let the browser keep a file of the studio. */
function download({ kind, id, file }) {
  const link = document.createElement("a");
  link.setAttribute("href", `/downloads/${kind}/${id}`);
  link.setAttribute("download", file);
  link.click();
}

/** How far something is, in words. */
export function progressWords({ what, done, total, unit, words, finishing, seconds_left: left }) {
  const far = total ? `: ${unit ? `${unit} ` : ""}${whole(done)} of ${whole(total)}` : "";
  const isEnding = finishing && what === "Search"; // it was to take longer
  const time = isEnding || left === null || left === undefined ? "" : `, ${timeWords(left)}`;
  return `${what}${far}${words ? `, ${words}` : ""}${time}`;
}

function timeWords(seconds) {
  if (seconds < 1) return "less than 1 second left";
  if (seconds < 90) return `about ${whole(Math.ceil(seconds))} seconds left`;
  return `about ${whole(Math.ceil(seconds / 60))} minutes left`;
}
