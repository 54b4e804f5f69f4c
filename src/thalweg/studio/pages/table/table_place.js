// The place Table: which of its states is shown.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { laterFixes } from "../decide/later_fixes.js";
import { makeChoicesForm } from "./choices_form.js";
import { makeEmptyState } from "./empty_state.js";
import { errorBox } from "./error_box.js";
import { makeOpenTable } from "./open_table.js";
import { bytesInWords } from "./upload.js";

/** Which state of the place a state of the page shows. */
export function stateOf({ sending, snapshot, d, table, preview, error }) {
  if (sending) return "sending";
  if (error && !table) return d ? "unread" : "refused";
  if (!snapshot) return "loading";
  if (!d) return "empty";
  return table || preview ? "open" : "loading";
}

const MAKERS = {
  sending: makeSending, unread: makeUnread, refused: makeRefused, loading: makeLoading,
  empty: makeEmptyState, open: makeOpenTable,
};

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeTablePlace(root, acts) {
  let [shown, part] = ["", null];
  return {
    update(state) {
      const now = stateOf(state);
      if (now !== shown) {
        const held = root.contains(document.activeElement);
        part?.destroy();
        part = MAKERS[now](root, acts);
        part.update(state);
        if (held) (root.querySelector("h1, h2[tabindex]") ?? root).focus({ preventScroll: true });
        if (shown) acts.say(root.querySelector("h1")?.textContent ?? "");
        shown = now;
        return;
      }
      part.update(state);
    },
    destroy() {
      part?.destroy();
      root.replaceChildren();
    },
  };
}

function button(words, act, more = {}) {
  const made = html("button", { type: "button", ...more }, words);
  made.addEventListener("click", act);
  return made;
}

function makeSending(root, { cancel, say }) {
  const title = html("h1", { tabindex: "-1" });
  const bar = html("progress", { max: "1", value: "0", "aria-label": "Sent" });
  const words = html("p", { class: "soft" });
  let told = 0;
  root.replaceChildren(html("div", { class: "empty" }, title, html("p", {}, bar), words,
    html("p", {}, button("Cancel", cancel))));
  return {
    update({ sending: { name, sent, total } }) {
      title.replaceChildren("Opening ", html("bdi", {}, name));
      bar.value = total ? sent / total : 0;
      words.textContent = sent < total ? `${bytesInWords(sent)} of ${bytesInWords(total)}`
        : "All of it is there; the studio is writing it.";
      const quarter = Math.floor((4 * sent) / (total || 1));
      if (quarter > told) say(`${whole(25 * quarter)} % sent`);
      told = quarter;
    },
    destroy: () => root.replaceChildren(),
  };
}

function makeLoading(root, { leave }) {
  const words = html("p", { class: "soft" });
  const cards = Array.from({ length: 6 }, () => html("div", { class: "card skeleton" },
    html("div", { class: "bone short" }), html("div", { class: "bone tall" }),
    html("div", { class: "bone" }), html("div", { class: "bone" })));
  const stop = html("p", {}, button("Cancel", leave));
  root.replaceChildren(html("div", { class: "loading", "aria-busy": "true" },
    html("h1", { tabindex: "-1" }, "Reading"), words, stop,
    html("div", { class: "cards", "aria-hidden": "true" }, ...cards)));
  return {
    update({ progress, d }) {
      stop.hidden = !d;
      words.textContent = progress || (d ? "The table is read in a process of its own."
        : "The studio is asked what it has.");
    },
    destroy: () => root.replaceChildren(),
  };
}

function makeRefused(root, { leave }) {
  return {
    update({ error }) {
      root.replaceChildren(html("div", { class: "empty" },
        html("h1", { tabindex: "-1" }, "This file cannot be opened"),
        errorBox(error, button("Choose another table", leave, { class: "main" }))));
    },
    destroy: () => root.replaceChildren(),
  };
}

/** A table that cannot be read: how it is read can be said, and then it is tried again. */
function makeUnread(root, acts) {
  const left = html("aside", { class: "left", "aria-label": "What is set" });
  const box = html("div", {});
  const form = makeChoicesForm(left, acts);
  root.replaceChildren(html("div", { class: "three two" }, left, html("div", { class: "middle" },
    html("h1", { tabindex: "-1" }, "This table cannot be read as it is"), box)));
  const reading = left.querySelector("#reading");
  reading.open = true;
  let shown = null;
  return {
    update({ error, choices }) {
      if (shown?.error === error && shown?.choices === choices) return;
      shown = { error, choices };
      form.update({ table: null, choices });
      const named = laterFixes(error).map(({ words, choices: more }) =>
        button(words, () => acts.choose(more), { class: "main", "data-asks": true }));
      box.replaceChildren(errorBox(error, ...named,
        button("Read it again", acts.again, { "data-asks": true }),
        button("Choose another table", acts.leave)));
    },
    destroy() {
      form.destroy();
      root.replaceChildren();
    },
  };
}
