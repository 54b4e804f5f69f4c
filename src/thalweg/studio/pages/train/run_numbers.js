// The tables behind the pictures of runs: losses and sizes of gradients at some of the steps.

import { html } from "/draw/dom.js";
import { short, whole } from "/draw/numbers.js";
import { copyText } from "/draw/learn/link_state.js";
import { lossOf, valueAt } from "./curves.js";
import { stepsMade } from "./runs_now.js";

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
    const steps = stepsOf(shown);
    const key = [...shown.map(({ id }) => id), ...steps].join();
    if (!node.open || key === drawn) return;
    drawn = key;
    const columns = columnsOf(shown);
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

function stepsOf(runs) {
  const last = Math.max(0, stepsMade(runs) - 1);
  const n = Math.min(ROWS, last + 1);
  return Array.from({ length: n }, (_, i) => (n > 1 ? Math.round((i * last) / (n - 1)) : 0));
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
