// What the table says, at the right: the target, findings, notes, and how to do the same elsewhere.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";
import { findingList } from "./findings.js";
import { histogram, levelRow, numbersBehind, shownLabel } from "./histogram.js";

const SHOWN_CLASSES = 12;

/**
 * @param {HTMLElement} root
 * @param {{fixBy: (way: object) => void}} acts
 * @returns {{update: (table: any) => void, destroy: () => void}}
 */
export function makeSays(root, { fixBy }) {
  return {
    update(table) {
      const { findings, notes, target } = table;
      root.replaceChildren(...[
        target ? part("Target", ...targetParts(target)) : null,
        part(html("span", { id: "findings", tabindex: "-1" }, "Findings"), findings?.length
          ? findingList(findings, "all", fixBy) : html("p", { class: "soft" },
            findings ? "The doctor found nothing." : "The doctor is at work.")),
        notes.length ? part("Notes", html("ul", { class: "notes" },
          ...notes.map((each) => html("li", {}, html("bdi", {}, each))))) : null,
        part("The same elsewhere", recipe("Command", table.command), recipe("Python", table.python)),
      ].filter(Boolean));
    },
    destroy: () => root.replaceChildren(),
  };
}

function part(title, ...children) {
  return html("section", {}, html("h2", {}, title), ...children);
}

function targetParts({ name, classes, n_classes: n, histogram: data, positive }) {
  if (!classes) return data ? [histogram(data, name, "in the file"),
    numbersBehind([{ words: "in the file", data }], name)] : [];
  const most = Math.max(...classes.map(({ rows }) => rows), 1);
  const shown = classes.slice(0, SHOWN_CLASSES).map(({ label, rows }) => levelRow(
    html("span", {}, shownLabel(label), label === positive ? html("small", {}, " positive") : null),
    rows, most));
  const data2 = { levels: classes.map(({ label }) => label), counts: classes.map(({ rows }) => rows) };
  const more = (n ?? classes.length) - shown.length;
  return [html("ul", { class: "levels", "aria-label": `Classes of ${name}` }, ...shown),
    more > 0 ? html("p", { class: "soft" }, `and ${more} more classes`) : null,
    numbersBehind([{ words: "classes", data: data2 }], name)].filter(Boolean);
}

function recipe(title, text) {
  const copy = html("button", { type: "button" }, `Copy as ${title === "Python" ? title : "command"}`);
  copy.addEventListener("click", () => copyText(copy, text));
  return html("div", { class: "recipe" }, html("h3", {}, title),
    html("pre", { tabindex: "0", role: "group", "aria-label": title }, text), copy);
}
