// The tables behind the pictures of runs: losses and sizes of gradients at some of the steps.

import { html } from "/draw/dom.js";
import { short, whole } from "/draw/numbers.js";
import { copyText } from "/draw/learn/link_state.js";
import { lossOf, valueAt } from "./curves.js";

const ROWS = 24;

/**
 * @param {string} title
 * @param {(runs: object[]) => [string, import("./curves.js").Series][]} columnsOf
 * @returns {{node: HTMLElement, update: (runs: object[]) => void}}
 */
export function makeRunNumbers(title, columnsOf) {
  const table = html("table");
  const copy = html("button", { type: "button" }, "Copy as CSV");
  const scroll = html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title }, table);
  const node = html("details", { class: "numbers" }, html("summary", {}, "Numbers"), scroll, copy);
  let [shown, drawn] = [[], ""];

  function fill() {
    if (!node.open) return;
    const columns = columnsOf(shown);
    const steps = stepsOf(columns);
    const key = [...shown.map(({ id }) => id), ...steps].join();
    if (key === drawn) return;
    drawn = key;
    table.replaceChildren(html("caption", {}, title),
      html("thead", {}, html("tr", {}, ...["step", ...columns.map(([name]) => name)].map((name) =>
        html("th", { scope: "col" }, name)))),
      html("tbody", {}, ...steps.map((step) => html("tr", {}, html("th", { scope: "row" }, whole(step)),
        ...columns.map(([, series]) => html("td", {}, cell(valueAt(series, step))))))));
  }

  node.addEventListener("toggle", fill);
  copy.addEventListener("click", () => copyText(copy, csvOf(columnsOf(shown))));
  return {
    node,
    update(runs) {
      shown = runs;
      // While they run, a table that changes ten times a second could not be read.
      if (!runs.some(({ state }) => state === "running") || !drawn) fill();
    },
  };
}

const cell = (value) => (Number.isNaN(value) ? "" : short(value, 5));

/**
 * Steps for the rows: about even, and where most of the columns were measured. A column that was not
 * measured at a step has no number there.
 * @param {[string, import("./curves.js").Series][]} columns
 * @returns {number[]}
 */
export function stepsOf(columns) {
  const counts = new Map();
  for (const [, { steps }] of columns) for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1);
  const all = [...counts.keys()].sort((a, b) => a - b);
  if (all.length <= ROWS) return all;
  const gap = (all.at(-1) - all[0]) / (ROWS - 1);
  const found = new Set();
  let from = 0;
  for (let i = 0; i < ROWS; i += 1) {
    const aim = all[0] + i * gap;
    while (all[from] < aim - gap / 2) from += 1;
    let best = null;
    for (let k = from; k < all.length && all[k] < aim + gap / 2; k += 1) {
      const rank = [counts.get(all[k]), -Math.abs(all[k] - aim)];
      if (!best || rank[0] > best.rank[0] || (rank[0] === best.rank[0] && rank[1] > best.rank[1])) {
        best = { step: all[k], rank };
      }
    }
    if (best) found.add(best.step);
  }
  return [...found];
}

/** All steps, with all digits. */
function csvOf(columns) {
  const steps = [...new Set(columns.flatMap(([, series]) => series.steps))].sort((a, b) => a - b);
  const quoted = (words) => (/[",\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words);
  const places = columns.map(([, series]) => new Map(series.steps.map((step, k) => [step, series.values[k]])));
  return `${[["step", ...columns.map(([name]) => quoted(name))].join(","),
    ...steps.map((step) => [step, ...places.map((values) => values.get(step) ?? "")].join(","))].join("\n")}\n`;
}

/** The losses of runs as columns. */
export const lossColumns = (runs) => runs.flatMap((run) => [[`${run.title}, training`, lossOf(run.curve)],
  ...(run.curve.valid.steps.length ? [[`${run.title}, held out`, run.curve.valid]] : [])]);

/** The sizes of gradients as columns. */
export const gradientColumns = (runs) => runs.flatMap((run) =>
  run.curve.gradient.map((series, layer) => [`${run.title}, layer ${layer + 1}`, series]));
