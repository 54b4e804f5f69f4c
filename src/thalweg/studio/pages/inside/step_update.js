// What the step after the cursor does with one weight: its gradient, the memory, the weight after it.

import { html } from "/draw/dom.js";
import { fixed, short, whole } from "/draw/numbers.js";

/** The place of a weight in θ: of each layer W by rows, then b. */
export function placeOf(sizes, layer, unit, input) {
  let start = 0;
  for (let l = 1; l < layer; l += 1) start += sizes[l] * (sizes[l - 1] + 1);
  return start + unit * sizes[layer - 1] + input;
}

/**
 * @param {object} inside the answer of the server
 * @param {string} name of the weight
 * @param {number} place of it in θ
 * @returns {HTMLElement}
 */
export function stepUpdate(inside, name, place) {
  const { arrays, rule, rate, memory, step } = inside;
  const at = (array) => arrays.get(array)?.values[place];
  const [before, after] = [at("theta"), at("next")];
  const slots = arrays.get("slots");
  const moved = movedWords(before, after);
  const rows = [
    [`${name} before`, before, moved.before],
    [`∂Loss/∂${name}, this row alone`, at("row_gradient")],
    [`∂Loss/∂${name}, the rows of the step`, at("gradient")],
    ...(isPlain(rule) ? [] : memory).map((each, k) => [`${each} before`, slots?.values[k * slots.shape[1] + place]]),
    ["change", after === undefined ? undefined : after - before, moved.change],
    [`${name} after`, after, moved.after],
  ].filter(([, value]) => value !== undefined);
  const words = after === undefined
    ? "No step comes after this one: all steps were made, or it would not be finite."
    : `Step ${whole(step + 1)}, by ${rule}${rate === null ? "" : ` at rate ${short(rate)}`}: all rows of the step `
      + "move the weight, this row is one of many or none of them.";
  return html("div", {}, html("h2", {}, `The update of ${name}`), html("p", { class: "soft" }, words),
    html("table", { id: "update-table" }, html("caption", { class: "unseen" }, `The update of ${name}`),
      html("tbody", {}, ...rows.map(([quantity, value, said]) => html("tr", {},
        html("th", { scope: "row" }, quantity), html("td", { title: String(value) }, said ?? short(value, 5)))))));
}

/**
 * A weight before and after a step, and its change, with as many decimals as show the change: what is
 * printed adds up.
 * @param {number} before
 * @param {number} [after] undefined where no step comes
 * @returns {{before?: string, change?: string, after?: string}}
 */
export function movedWords(before, after) {
  if (!Number.isFinite(after)) return {};
  const needed = (value, digits) => (value ? digits - 1 - Math.floor(Math.log10(Math.abs(value))) : 0);
  const decimals = Math.min(16, Math.max(0, needed(before, 5), needed(after - before, 3)));
  const [from, to] = [before, after].map((value) => Number(value.toFixed(decimals)));
  const words = (value) => fixed(value, decimals).replace("-", "−");
  return { before: words(from), change: words(to - from), after: words(to) };
}

/** Whether a rule has no use for its memory: descent without momentum. */
const isPlain = (rule) => rule.startsWith("sgd") && !rule.includes("momentum=");
