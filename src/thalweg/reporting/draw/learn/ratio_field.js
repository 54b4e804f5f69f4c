// The field of check ratios, a table for each layer, and the code of the pass.

import { html } from "../dom.js";
import { fixed } from "../numbers.js";
import { fits } from "./net.js";

/** A ratio in a cell: as many digits as are seen at a glance. */
function ratioText(ratio) {
  if (ratio === null) return "–";
  if (!Number.isFinite(ratio)) return "∞";
  const digits = Math.abs(ratio) >= 100 ? 0 : Math.abs(ratio) >= 10 ? 1 : 2;
  const text = fixed(ratio, digits).replace("-", "−");
  // A ratio that is not 1 must not be read as 1.
  return !fits(ratio) && Number(fixed(ratio, digits)) === 1 ? fixed(ratio, 4) : text;
}

/**
 * @param {{W: (number|null)[][], b: (number|null)[]}[]} ratios
 * @param {{inputs: string[], shown: number[]}} names of the inputs, and which ones are shown
 * @returns {HTMLElement}
 */
export function ratioField(ratios, { inputs, shown }) {
  return html("div", { class: "ratios" }, ...ratios.map(({ W, b }, l) => {
    const columns = l === 0 ? shown : W[0].map((_, k) => k);
    const from = (k) => (l === 0 ? inputs[k] : `unit ${k + 1}`);
    const head = html("tr", {}, html("th", { scope: "col" }, "unit"),
      ...columns.map((k) => html("th", { scope: "col", title: from(k) }, l === 0 ? `X${k + 1}` : `A${k + 1}`)),
      html("th", { scope: "col" }, `b${l + 1}`));
    const cell = (ratio, name) => html("td", {
      class: fits(ratio) ? "fits" : "off", title: `${name}: ${ratioText(ratio)}`,
    }, ratioText(ratio));
    const rows = W.map((weights, j) => html("tr", {}, html("th", { scope: "row" }, String(j + 1)),
      ...columns.map((k) => cell(weights[k], `W${l + 1}[${j + 1},${k + 1}], from ${from(k)}`)),
      cell(b[j], `b${l + 1}[${j + 1}]`)));
    const more = l === 0 && shown.length < inputs.length
      ? html("p", { class: "note" }, `${inputs.length - shown.length} more inputs are not drawn.`) : null;
    return html("div", {}, html("h3", {}, `W${l + 1} and b${l + 1}: ${l === ratios.length - 1
      ? "the output" : "the hidden layer"}`), html("table", {},
      html("caption", {}, `Check ratios of W${l + 1} and b${l + 1}`),
      html("thead", {}, head), html("tbody", {}, ...rows)), more);
  }));
}

/** How many ratios are not 1, in a sentence. */
export function ratioSentence(ratios, rows) {
  const all = ratios.flatMap(({ W, b }) => [...W.flat(), ...b]);
  const off = all.filter((each) => !fits(each)).length;
  const on = `with ${rows} ${rows === 1 ? "row" : "rows"}`;
  return off ? `${off} of ${all.length} ratios are not 1, ${on}.`
    : `All ${all.length} ratios are 1, ${on}: the check finds no fault.`;
}

/**
 * The code of the pass, with the forms that are planted.
 * @param {{key: string}[]} lines each with the text of its forms
 * @param {Record<string, string>} forms
 * @param {{tapped?: (key: string) => void, marked?: Record<string, string>, masked?: string}} [hands]
 *   marked gives a class to a line; masked is the line whose text is not shown
 */
export function codeOfPass(lines, forms, { tapped, marked = {}, masked = "" } = {}) {
  return html("ol", { class: "code" }, ...lines.map((line) => {
    const text = line.key === masked ? `${line.key} = …` : line[forms[line.key] ?? "right"];
    const look = marked[line.key] ?? null;
    if (!tapped) return html("li", { class: look }, html("code", {}, text));
    const button = html("button", { type: "button" }, html("code", {}, text));
    button.addEventListener("click", () => tapped(line.key));
    return html("li", { class: look }, button);
  }));
}
