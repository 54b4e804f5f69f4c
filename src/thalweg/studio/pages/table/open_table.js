// A table that is open: what is set, its columns as cards, and what it says.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { makeChoicesForm } from "./choices_form.js";
import { columnCard } from "./column_card.js";
import { errorBox } from "./error_box.js";
import { howMany } from "./findings.js";
import { makeSays } from "./says.js";

/** So many columns are shown at once. */
export const PAGE_OF_COLUMNS = 100;

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeOpenTable(root, acts) {
  const [left, right] = [html("aside", { class: "left", "aria-label": "What is set" }),
    html("aside", { class: "right", "aria-label": "What it says" })];
  const title = html("h1", { tabindex: "-1" });
  const subtitle = html("p", { class: "subtitle" });
  const fit = html("button", { type: "button", class: "main", id: "train-model", "data-asks": true },
    "Train the model");
  const trouble = html("div", {});
  const train = html("button", { type: "button", id: "to-train", "data-asks": true },
    "Train four runs");
  const next = html("p", { class: "go", hidden: true }, fit, " ", train);
  const busy = html("p", { class: "busy", hidden: true });
  const mark = html("p", { class: "of-first-rows", role: "status", hidden: true });
  const cards = html("div", { class: "cards" });
  const pages = html("div", {});
  const form = makeChoicesForm(left, acts);
  const says = makeSays(right, acts);
  train.addEventListener("click", acts.train);
  let shown = null;
  root.replaceChildren(html("div", { class: "three" }, left,
    html("div", { class: "middle" }, title, subtitle, next, mark, busy, trouble, cards, pages), right));
  fit.addEventListener("click", acts.fit);

  function fill(table, choices, from) {
    const { rows, columns, target, findings, name } = table;
    const n = table.n_columns ?? columns.length;
    next.hidden = !target;
    mark.hidden = !table.preview;
    cards.classList.toggle("first-rows", Boolean(table.preview));
    mark.textContent = table.preview ? `From the first ${whole(rows)} rows; the whole table is being read.` : "";
    title.replaceChildren(...(table.preview ? ["Reading ", html("bdi", {}, name)]
      : [target ? html("bdi", {}, target.sentence) : "Choose the column to predict"]));
    const jump = html("button", { type: "button", class: "jump", id: "to-findings" },
      howMany(findings));
    jump.addEventListener("click", () => root.querySelector("#findings").focus());
    subtitle.replaceChildren(html("bdi", {}, name),
      `: ${table.preview ? "" : `${whole(rows)} rows, `}${whole(n)} ${n === 1 ? "column" : "columns"}; `, jump);
    // A server that has all columns of a table sends them at once.
    const sent = n > columns.length ? 0 : from;
    const page = columns.slice(sent, sent + PAGE_OF_COLUMNS);
    cards.replaceChildren(...page.map((card, i) =>
      columnCard(card, from + i, { table, choices, ...acts })));
    pages.replaceChildren(...(n > PAGE_OF_COLUMNS ? [pager(from, n, acts.page)] : []));
  }

  return {
    update({ table: read, preview, choices, error, asking, progress, from }) {
      const table = read ?? preview;
      if (table !== shown?.table || choices !== shown?.choices || from !== shown?.from) {
        keepFocus(root, title, () => {
          if (table) fill(table, choices, from);
          form.update({ table, choices });
          if (table) says.update(table);
        });
        shown = { table, choices, from };
      }
      if (error !== shown.error) {
        trouble.replaceChildren(...(error ? [errorBox(error, backButton(acts.back))] : []));
        shown.error = error;
      }
      busy.hidden = !asking;
      busy.textContent = progress || "Reading the table with what you chose.";
      cards.setAttribute("aria-busy", String(asking));
    },
    destroy() {
      form.destroy();
      says.destroy();
      root.replaceChildren();
    },
  };
}

function backButton(back) {
  const button = html("button", { type: "button" }, "Take the last choice back");
  button.addEventListener("click", back);
  return button;
}

function pager(from, n, go) {
  const last = Math.min(n, from + PAGE_OF_COLUMNS);
  const button = (id, words, to, can) => {
    const made = html("button", { type: "button", id, disabled: !can, "data-asks": can }, words);
    made.addEventListener("click", () => go(to));
    return made;
  };
  return html("nav", { class: "pager", "aria-label": "Pages of columns" },
    button("columns-before", "Columns before", Math.max(0, from - PAGE_OF_COLUMNS), from > 0),
    html("span", {}, `${whole(from + 1)} to ${whole(last)} of ${whole(n)} columns`),
    button("columns-after", "Columns after", from + PAGE_OF_COLUMNS, last < n));
}

/**
 * Draw anew, and leave the focus where it was: on the control of the same id, or on the title if
 * there is none any more, as after a finding was fixed.
 */
function keepFocus(root, title, draw) {
  const held = root.contains(document.activeElement) ? document.activeElement : null;
  const open = new Set([...root.querySelectorAll("details[open][id]")].map(({ id }) => id));
  draw();
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (!held || held === document.activeElement || held.isConnected) return;
  const same = held.id ? document.getElementById(held.id) : null;
  (same ?? title).focus({ preventScroll: true });
}
