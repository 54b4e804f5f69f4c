// What the doctor found: how severe, in words, and a button that fixes it.

import { html } from "/draw/dom.js";

const WORDS = { severe: "Severe", caution: "Caution", note: "Note" };
const MANY = { severe: "severe", caution: "to check", note: "to know" };

/**
 * @typedef {object} Finding
 * @property {"severe"|"caution"|"note"} severity
 * @property {string} check
 * @property {string} sentence
 * @property {string[]} columns
 * @property {string} why
 * @property {string} fix
 * @property {Fix[]} fixes ways to fix it by a choice
 */

/** @typedef {{label: string, choices: Record<string, any>}} Fix */

/**
 * A list of findings.
 * @param {Finding[]} findings
 * @param {string} place for the ids of the buttons, which keep the focus
 * @param {(way: Fix) => void} fixBy
 * @returns {HTMLElement}
 */
export function findingList(findings, place, fixBy) {
  return html("ul", { class: "findings" }, ...findings.map((each, i) => {
    const item = html("li", { class: each.severity },
      html("p", {}, html("b", {}, `${WORDS[each.severity] ?? "Note"}: `),
        html("bdi", {}, each.sentence)));
    if (each.why || each.fix) item.append(more(each, `why-${place}-${i}`));
    const buttons = each.fixes.map((way, k) => {
      const id = `fix-${place}-${i}-${k}`;
      const button = html("button", { type: "button", id, "data-asks": true }, way.label);
      button.addEventListener("click", () => fixBy(way));
      return button;
    });
    if (buttons.length) item.append(html("div", { class: "ways" }, ...buttons));
    return item;
  }));
}

function more({ why, fix }, id) {
  return html("details", { id }, html("summary", {}, "Why, and what to do"),
    why ? html("p", {}, html("bdi", {}, `${why}.`)) : null,
    fix ? html("p", {}, html("b", {}, "To fix it: "), html("bdi", {}, `${fix}.`)) : null);
}

/**
 * How many findings there are: "2 severe, 1 to check".
 * @param {Finding[]|null} findings null while the doctor is at work
 */
export function howMany(findings) {
  if (!findings) return "the doctor is at work";
  const counts = Object.entries(MANY).map(([severity, words]) =>
    [findings.filter((each) => each.severity === severity).length, words]);
  return counts.filter(([n]) => n).map(([n, words]) => `${n} ${words}`).join(", ")
    || "nothing found";
}
