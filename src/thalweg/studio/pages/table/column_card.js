// A column as a card: what it is, how it was read, how it enters the network, and what is wrong.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";
import { findingList } from "./findings.js";
import { histogram, numbersBehind, shownLabel } from "./histogram.js";

/** How a user can say that a column is read, by the option of the command line. */
const READINGS = [
  ["", "as found"], ["number", "number"], ["category", "category"], ["text", "text"],
  ["drop", "leave out"],
];
export const READING_NAMES = READINGS.map(([name]) => name).filter(Boolean);

/**
 * @typedef {object} Card
 * @property {string} name
 * @property {string} kind
 * @property {boolean} used
 * @property {string|null} why_not
 * @property {number} missing
 * @property {number|null} distinct
 * @property {string[]} examples
 * @property {string} read
 * @property {string} enters
 * @property {import("./histogram.js").OfNumbers|import("./histogram.js").OfLevels|null} raw
 * @property {import("./histogram.js").OfNumbers|import("./histogram.js").OfLevels|null} encoded
 * @property {number[]} [findings] once the doctor is done
 */

/**
 * @param {Card} card
 * @param {number} place of the column
 * @param {{table: any, choices: Record<string, any>, fixBy: (way: object) => void,
 *   readAs: (column: string, reading: string) => void,
 *   choose: (patch: Record<string, any>) => void}} about
 * @returns {HTMLElement}
 */
export function columnCard(card, place, { table, choices, fixBy, readAs, choose }) {
  const role = roleOf(card.name, table);
  const title = `column-${place}`;
  const pictures = [
    { words: "in the file", data: card.raw }, { words: "as it enters", data: varied(card.encoded) },
  ];
  const found = (card.findings ?? []).map((i) => table.findings[i]).filter(Boolean);
  return html("article", { class: `card${card.used || role ? "" : " unused"}`, "aria-labelledby": title },
    html("header", {}, html("h2", { id: title }, html("bdi", {}, card.name)),
      role ? html("span", { class: "role" }, role) : null,
      html("span", { class: "kind" }, card.kind)),
    card.used || role ? null : whyNot(card.why_not ?? ""),
    html("div", { class: "pair" }, ...pictures.filter(({ data }) => data)
      .map(({ data, words }) => histogram(data, card.name, words))),
    facts(card, table.rows),
    card.read && card.read !== card.kind
      ? html("p", { class: "read" }, html("bdi", {}, card.read)) : null,
    card.enters ? howItEnters(card.enters, place) : null,
    found.length ? findingList(found, `card-${place}`, fixBy) : null,
    html("div", { class: "foot" },
      role === "target" ? null : readingPick(card.name, place, choices, readAs),
      role ? null : predictButton(card.name, place, choose),
      numbersBehind(pictures, card.name)));
}

function roleOf(name, { target, choices }) {
  if ((target?.name ?? choices.target) === name) return "target";
  return ["group", "time", "weight", "exposure", "offset"].find((role) => choices[role] === name) ?? "";
}

/** Inputs that are the same in every row are no picture: the words say it. */
function varied(data) {
  return data && data.counts.filter((count) => count > 0).length > 1 ? data : null;
}

function whyNot(why) {
  const says = /^left out/i.test(why);
  return html("p", { class: "why-not" }, says ? null : html("b", {}, "Left out. "),
    html("bdi", {}, why));
}

/** The encoder describes itself in full; how many inputs there are is seen at once. */
function howItEnters(words, place) {
  const [, inputs, rest] = /^(\d+ inputs?): (.*)$/s.exec(words) ?? [null, "", words];
  return html("details", { id: `enters-${place}` },
    html("summary", {}, inputs ? `Enters as ${inputs}` : "How it enters"),
    html("p", { class: "read" }, html("bdi", {}, rest)));
}

function facts({ missing, distinct, examples }, rows) {
  const share = rows ? ` (${(100 * missing / rows).toFixed(missing / rows < 0.1 ? 1 : 0)} %)` : "";
  const shown = examples.flatMap((each, i) => [i ? ", " : "", shownLabel(each)]);
  return html("dl", {},
    html("div", {}, html("dt", {}, "missing"),
      html("dd", {}, missing ? `${whole(missing)}${share}` : "none")),
    distinct === null ? null
      : html("div", {}, html("dt", {}, "distinct"), html("dd", {}, whole(distinct))),
    shown.length ? html("div", { class: "wide" }, html("dt", {}, "such as"),
      html("dd", {}, ...shown)) : null);
}

function readingPick(name, place, choices, readAs) {
  const id = `reading-${place}`;
  const now = READING_NAMES.find((each) => has(choices[each], name)) ?? "";
  const pick = html("select", { id, "data-asks": true }, ...READINGS.map(([value, words]) =>
    html("option", { value, selected: value === now }, words)));
  pick.addEventListener("change", () => readAs(name, pick.value));
  // All cards have such a field: a screen reader hears of which column it is.
  return html("label", { for: id }, html("span", {}, "Read ", html("span", { class: "unseen" }, name)),
    pick);
}

function predictButton(name, place, choose) {
  const button = html("button", { type: "button", id: `predict-${place}`, "data-asks": true },
    "Predict", html("span", { class: "unseen" }, ` ${name}`));
  button.addEventListener("click", () => choose({ target: name, positive: null }));
  return button;
}

function has(said, column) {
  return Array.isArray(said) ? said.includes(column) : Object.hasOwn(said ?? {}, column);
}
