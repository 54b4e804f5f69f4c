// What a user does in the place Table: opens, chooses, fixes, takes back; and what is asked for it.

import { choicesFrom, choicesOf, choicesText, merged, without } from "../core/choices.js";
import { keep, kept } from "../shell/kept.js";
import { READING_NAMES } from "./column_card.js";
import { PAGE_OF_COLUMNS } from "./open_table.js";
import { refusedFile, upload } from "./upload.js";

const choicesName = (id) => `choices-${id}`;

/** The file of a command line has the same id whatever it is, so nothing is kept of it. */
function keepChoices(id, text) {
  const name = choicesName(id);
  if (id && id !== "open" && kept(name, "") !== (text ?? "")) keep(name, text ?? "");
}

/**
 * @param {object} page
 * @param {import("../core/state.js").Store} page.store
 * @param {ReturnType<import("../core/hash.js").followLink>} page.view
 * @param {ReturnType<import("../core/socket.js").makeSocket>} page.socket
 * @param {ReturnType<import("../shell/toasts.js").makeToasts>} page.toasts
 */
export function tableActs({ store, view, socket, toasts }) {
  let [asked, sending] = [null, null];
  const choices = () => choicesOf(store.get().c);

  function setChoices(next) {
    view.go({ c: choicesText(next) });
  }

  /** Ask for what the view shows; a later question takes the place of an earlier one. */
  async function ask() {
    const { d, c, from, table: shown } = store.get();
    if (c || shown?.table === d) keepChoices(d, c); // not yet of one that has just been sent
    // A table that nobody waits for must not keep the next one waiting; one that is read with other
    // choices stays in the memory of the process.
    if (asked && asked.table !== d && store.get().asking) asked.cancel();
    asked?.drop();
    asked = null;
    if (!d) {
      store.set({ table: null, preview: null, error: null, asking: false, progress: "" });
      return;
    }
    const args = { table: d, choices: choices(), ...(from ? { from, count: PAGE_OF_COLUMNS } : {}) };
    const partly = (head) => {
      if (head.findings !== null) return false;
      // Only the place Table shows what the first rows say: all others wait for the whole table.
      if (mine === asked) store.set(head.preview ? { preview: head } : { table: head, preview: null, error: null });
      return true;
    };
    const mine = { ...socket.ask("table", args, { again: true, partly }), table: d };
    asked = mine;
    const { table: before, preview } = store.get();
    store.set({ preview: preview?.table === d ? preview : null, asking: true, progress: "", error: before?.table === d ? store.get().error : null,
      table: before?.table === d ? before : null });
    try {
      const { head } = await mine.answer;
      if (mine !== asked) return;
      const isWhole = head.type === "table"; // or it was given up for a newer one
      store.set({ asking: false, progress: "", ...(isWhole ? { table: head, preview: null, error: null } : {}) });
    } catch (why) {
      if (!why.said) throw why;
      if (mine === asked) store.set({ error: why.said, preview: null, asking: false, progress: "" });
    }
  }

  async function openFile(file) {
    sending?.cancel();
    const bad = refusedFile(file, store.get().snapshot?.limits.upload ?? Infinity);
    if (bad) {
      view.go({ p: "table", d: null, c: null, from: 0 });
      store.set({ error: bad, table: null });
      return;
    }
    view.go({ p: "table" });
    const mine = upload(file, (sent) => mine === sending && store.set({
      sending: { name: file.name, sent, total: file.size } }));
    sending = mine;
    store.set({ error: null, sending: { name: file.name, sent: 0, total: file.size } });
    try {
      const table = await mine.table;
      if (mine !== sending) return;
      sending = null;
      store.set({ sending: null });
      openTable(table);
    } catch (error) {
      if (mine !== sending) return;
      sending = null;
      if (error && !error.code) throw error;
      if (error) view.go({ d: null, c: null, from: 0 });
      store.set({ sending: null, error, table: error ? null : store.get().table });
      if (!error) toasts.show("Cancelled. Nothing was opened.");
    }
  }

  function openTable(id, c = null) {
    view.go({ p: "table", d: id, c, from: 0 });
  }

  /** Open a table as it was left: this browser knows what was chosen, by the id of the table. */
  function openAgain(id) {
    const c = choicesFrom(kept(choicesName(id), "")) ?? null;
    openTable(id, c);
    if (c) toasts.show("What you chose for this table is set again.", { words: "Start without it",
      does: () => view.go({ d: id, c: null, from: 0 }) });
  }

  /** Ask what there is; the table that the command line named is opened once. */
  async function snapshot() {
    const { head } = await socket.ask("snapshot", {}, { again: true }).answer;
    store.set({ snapshot: head });
    return head;
  }

  async function removeTable(id) {
    try {
      await socket.ask("remove-table", { table: id }).answer;
      keepChoices(id, null);
      toasts.show("Removed from the studio's folder.");
    } catch (why) {
      if (!why.said) throw why;
      toasts.show(`${why.said.what}. ${why.said.fix}`);
    }
  }

  /** The tables of the workspace have changed, perhaps by another page. */
  function tablesNow({ tables }) {
    const { snapshot: before } = store.get();
    if (before) store.set({ snapshot: { ...before, tables } });
  }

  function readAs(column, reading) {
    const next = without(choices(), READING_NAMES, column);
    if (reading) {
      setChoices(merged(next, { [reading]: reading === "number" ? { [column]: null } : [column] }));
    } else setChoices(next);
  }

  function takeBack(name, of = null) {
    const { [name]: gone, ...rest } = choices();
    setChoices(of === null ? rest : without(choices(), [name], of));
    toasts.say(`Taken back: ${name.replaceAll("_", " ")}`);
  }

  function fixBy({ label, choices: patch }) {
    const before = store.get().c;
    setChoices(merged(choices(), patch));
    toasts.show(`Done: ${label}.`, { words: "Undo", does: () => view.go({ c: before }) });
  }

  return {
    ask, snapshot, openFile, openTable: openAgain, removeTable, tablesNow, readAs, takeBack, fixBy,
    again: ask,
    say: toasts.say,
    choose: (patch) => setChoices(merged(choices(), patch)),
    page: (from) => view.go({ from }),
    back: () => history.back(),
    cancel: () => sending?.cancel(),
    leave: () => {
      store.set({ error: null });
      view.go({ d: null, c: null, from: 0 });
    },
    progress: ({ re, what }) => {
      if (re === asked?.id) store.set({ progress: what });
    },
  };
}
