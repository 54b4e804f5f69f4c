// Why a row has its answer, and what the answer would be if some of its cells were others.

import { html, responsive } from "/draw/dom.js";
import { short } from "/draw/numbers.js";
import { waterfallPicture } from "/draw/waterfall.js";
import { errorBox } from "../table/error_box.js";
import { levelsOf } from "./decide_acts.js";
import { button, selecting } from "./fit_list.js";
import { isLocked } from "./judged.js";
import { write } from "../train/run_chips.js";
import { recipes } from "./take_away.js";

const NO_TABLE = "Rows are those of a table: open it in Table first, then this model in Decide.";
const LOCKED = "Whether the model is shown to know more than a constant answer is locked with the held-out rows.";

/**
 * The form at the left: which row.
 * @param {HTMLElement} root
 * @param {{explain: (row: number, level: string|null) => void}} acts
 */
export function makeRowForm(root, { explain }) {
  const number = selecting(html("input", { id: "explain-row", type: "number", min: "1", step: "1", value: "1",
    required: true }));
  const go = html("button", { type: "submit", id: "explain", "aria-describedby": "explain-hint" });
  const trouble = html("div", {});
  const hint = html("small", { id: "explain-hint" }, NO_TABLE);
  const level = html("select", { id: "explain-level" });
  const levelField = html("p", { class: "field" }, html("label", { for: "explain-level" }, "Which quantile"), level);
  const form = html("form", { "aria-label": "A row" },
    html("p", { class: "field" }, html("label", { for: "explain-row" }, "Number of the row, from 1"), number), levelField,
    html("p", { class: "field" }, go, hint), trouble);
  let [shown, set, own] = [null, null, null];
  root.replaceChildren(html("h2", {}, "Why a row has its answer"), form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    explain(Number(number.value), levelField.hidden ? null : level.value);
  });
  return {
    update({ busy, troubles, table, facts, row, connection }) {
      if (facts !== own) {
        own = facts;
        const levels = levelsOf(facts);
        levelField.hidden = !levels.length;
        level.replaceChildren(...levels.map((each, i) =>
          html("option", { value: each, selected: i === levels.length >> 1 }, each)));
      }
      // Rows are those of the file: how many there are is not known here if some are left out.
      if (row !== set && row !== null && document.activeElement !== number) number.value = String(row);
      set = row;
      go.textContent = busy.explanation ?? "Explain it";
      const isKnown = facts.table || table;
      go.disabled = Boolean(busy.explanation) || connection.state !== "open" || !isKnown;
      hint.hidden = Boolean(isKnown);
      const said = troubles.explanation ?? null;
      if (said !== shown) {
        shown = said;
        trouble.replaceChildren(...(said ? [errorBox(said)] : []));
      }
    },
  };
}

/**
 * The explanation on the stage.
 * @param {HTMLElement} root
 * @param {{whatIf: (row: number, set: Record<string, string>) => void, close: () => void}} acts
 */
export function makeRowPanel(root, { whatIf, close }) {
  let [shown, told, error] = [null, null, null];
  const answer = html("p", { class: "changed", role: "status" });
  const caution = html("span", {});
  const [trouble, elsewhere] = [html("div", {}), html("div", {})];
  const ask = html("button", { type: "submit", id: "ask-what-if" });

  function draw(explanation) {
    const { picture, document: { result } } = explanation;
    const [row] = result.explanation.rows;
    const box = html("div", { class: "picture" });
    const title = html("h2", { id: "row-title", tabindex: "-1" }, `Row ${row.row}: `, html("bdi", {}, picture.sentence));
    const of = row.label === null || row.label === undefined ? "" : `The model calls it ${row.label}. `;
    root.replaceChildren(html("section", { class: "judged row-panel", "aria-labelledby": "row-title" }, title,
      html("p", { class: "subtitle" }, of, "From the answer for a typical row to the answer for this row: what each "
        + "column adds to ", html("bdi", {}, picture.explained), ", in ", html("bdi", {}, picture.unit), ". ", caution),
      box, numbers(picture),
      ...picture.notes.map((note) => html("p", { class: "soft" }, note)),
      whatIfForm(row.row, picture.written), answer, trouble, elsewhere,
      html("p", {}, button("Close the explanation", close))));
    responsive(box, (width) => waterfallPicture({ ...picture, head: `Row ${row.row}`, id: "row-waterfall" }, width), 470);
    tell(null);
    title.focus({ preventScroll: true });
    root.scrollIntoView({ block: "start", behavior: "auto" });
  }

  /** What changes, and the command and Python of what is shown: of the question, or of the row. */
  function tell(changed) {
    answer.textContent = changed ? changed.changed : "";
    if (shown) elsewhere.replaceChildren(recipes(changed ?? shown));
  }

  function whatIfForm(row, cells) {
    const fields = Object.entries(cells).map(([name, cell], i) => {
      const input = html("input", { id: `cell-${i}`, value: cell, maxlength: "2000", autocomplete: "off",
        spellcheck: "false" });
      return { name, cell, input, node: html("p", { class: "field" },
        html("label", { for: `cell-${i}` }, html("bdi", {}, name)), input) };
    });
    const form = html("form", { class: "what-if", "aria-label": "What if" }, html("h3", {}, "What if a cell were another one?"),
      html("div", { class: "cells" }, ...fields.map(({ node }) => node)), html("p", {}, ask));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const set = Object.fromEntries(fields.filter(({ cell, input }) => input.value !== cell)
        .map(({ name, input }) => [name, input.value]));
      if (Object.keys(set).length) whatIf(row, set);
      else answer.textContent = "No cell is changed yet: write another one, and ask again.";
    });
    return form;
  }

  return {
    update({ facts, explanation, changed, busy, troubles, connection }) {
      if (explanation !== shown) {
        shown = explanation;
        if (explanation) draw(explanation);
        else root.replaceChildren();
      }
      if (!explanation) return;
      // What the model is shown to know is known from the held-out rows.
      write(caution, isLocked(facts) ? LOCKED : explanation.document.result.caution);
      ask.textContent = busy.changed ?? "Ask the model";
      ask.disabled = Boolean(busy.changed) || connection.state !== "open";
      if (changed !== told) {
        told = changed;
        tell(changed);
      }
      const said = troubles.changed ?? null;
      if (said !== error) {
        error = said;
        // An answer to an earlier question is none to the one that failed.
        if (said) tell(null);
        trouble.replaceChildren(...(said ? [errorBox(said)] : []));
      }
    },
  };
}

function numbers({ bars, base, answer, probability, networks, explained, unit }) {
  const told = (value) => (probability ? `${short(100 * value, 4)} ${"%"}` : short(value, 6));
  const gain = (value) => `${value > 0 ? "+" : ""}${probability ? `${short(100 * value, 4)} points` : short(value, 6)}`;
  const heads = ["", "adds", ...(networks > 1 ? ["one network: least", "most"] : [])];
  const row = (name, ...cells) => html("tr", {}, html("th", { scope: "row" }, html("bdi", {}, name)),
    ...cells.map((cell) => html("td", {}, cell)));
  const spread = networks > 1 ? ["", ""] : [];
  return html("details", { class: "numbers" }, html("summary", {}, "Numbers"),
    html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What each column adds" },
      html("table", {}, html("caption", {}, "What each column adds to ", html("bdi", {}, explained), ", in ", html("bdi", {}, unit)),
        html("thead", {}, html("tr", {}, ...heads.map((head) => (head ? html("th", { scope: "col" }, head) : html("td", {}))))),
        html("tbody", {}, row("typical row", told(base), ...spread),
          ...bars.map((bar) => row(bar.name, gain(bar.value), ...(networks > 1 ? [gain(bar.low), gain(bar.high)] : []))),
          row("this row", told(answer), ...spread)))));
}
