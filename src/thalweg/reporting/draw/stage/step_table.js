// The table of a landscape page: positions and losses of the runs, step by step.

import { html } from "../dom.js";
import { short, whole } from "../numbers.js";

const ROWS_OF_RUN = 24;
const HEADS = ["run", "step", "x", "y", "true loss", "drawn loss", "off the plane"];

// A profile has no plane that a run could be off, and draws each loss as it is.
const headsOf = ({ kind }) => HEADS.slice(0, kind === "plane" ? HEADS.length : -2);

function rowsOf(sheet, shown) {
  return sheet.runs.filter((run) => shown.has(run.look)).flatMap((run) => {
    const count = Math.min(ROWS_OF_RUN, run.steps.length);
    return Array.from({ length: count }, (_, i) => {
      const k = count > 1 ? Math.round((i * (run.steps.length - 1)) / (count - 1)) : 0;
      return [run.words, whole(run.steps[k]), short(run.x[k], 4), short(run.y[k], 4),
        short(run.loss[k], 4), short(run.drawn[k], 4), `${Math.round(100 * run.off[k])} %`]
        .slice(0, headsOf(sheet).length);
    });
  });
}

/**
 * Fill the table.
 * @param {HTMLTableElement} table
 * @param {object} sheet
 * @param {Set<number>} shown looks of runs
 */
export function fillSteps(table, sheet, shown) {
  const cells = ([first, ...others]) =>
    [html("th", { scope: "row" }, first), ...others.map((words) => html("td", {}, words))];
  table.replaceChildren(
    html("caption", {}, `Positions and losses of the runs: ${sheet.name}`),
    html("thead", {}, html("tr", {}, ...headsOf(sheet).map((words) =>
      html("th", { scope: "col" }, words)))),
    html("tbody", {}, ...rowsOf(sheet, shown).map((row) => html("tr", {}, ...cells(row)))));
}

/** The same as CSV. */
export function stepsText(sheet, shown) {
  const quoted = (words) => (/[",\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words);
  const plain = (words) => (/^[\d,]+$/.test(words) ? words.replaceAll(",", "") : words);
  const lines = [headsOf(sheet), ...rowsOf(sheet, shown)].map((row) =>
    row.map((each) => quoted(plain(each.replaceAll("−", "-")))).join(","));
  return `${lines.join("\n")}\n`;
}
