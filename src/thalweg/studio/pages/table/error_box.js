// An error in words: what, where, why, and what to do. Details are folded, and can be copied.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";

/**
 * @param {{code: string, what: string, where: string, why: string, fix: string}} error
 * @param {...(HTMLElement|null)} acts buttons
 * @returns {HTMLElement}
 */
export function errorBox({ code, what, where, why, fix }, ...acts) {
  const text = [what, where, why, fix && `Fix: ${fix}`, `(${code})`].filter(Boolean).join("\n");
  const copy = html("button", { type: "button" }, "Copy this message");
  copy.addEventListener("click", () => copyText(copy, text));
  return html("div", { class: "error", role: "alert" },
    html("h2", {}, html("bdi", {}, sentence(what))),
    where ? html("p", { class: "where" }, "Where: ", html("bdi", {}, where)) : null,
    why ? html("p", {}, html("bdi", {}, sentence(why))) : null,
    fix ? html("p", {}, html("b", {}, "To fix it: "), html("bdi", {}, sentence(fix))) : null,
    html("p", { class: "acts" }, ...acts, copy));
}

function sentence(words) {
  return /[.!?:]$/.test(words) ? words : `${words}.`;
}
