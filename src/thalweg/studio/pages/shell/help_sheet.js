// The help sheet and the keys: single letters act nowhere in a text field, and can be switched off.

import { html } from "/draw/dom.js";
import { PLACES } from "../core/hash.js";
import { keep, kept } from "./kept.js";

const KEYS = [
  ["1 to 5", "go to Table, Train, Inside, Ground, Decide"],
  ["← →", "in the row of places: the place before, the next one"],
  ["g", "show or hide the numbers of all pictures as tables"],
  ["[ ]", "where there are runs: one step back or on; with Shift ten"],
  ["Home End", "the first step, the newest one"],
  ["Space .", "play or pause; one step"],
  ["?", "this help"],
  ["Esc", "close this help"],
];

/**
 * @param {HTMLElement} root what the sheet is added to
 * @param {{go: (place: string) => void, numbers: () => void,
 *   runs: {has: () => boolean, moveBy: (by: number) => void, moveTo: (step: number) => void,
 *   toEnd: () => void, turn: () => void, step: () => void}}} acts
 * @returns {{open: () => void, destroy: () => void}}
 */
export function makeHelpSheet(root, { go, numbers, runs }) {
  const single = html("input", { type: "checkbox", id: "single-keys" });
  single.checked = kept("keys", "on") === "on";
  const close = html("button", { type: "button" }, "Close");
  const rows = KEYS.map(([key, words]) =>
    html("tr", {}, html("th", { scope: "row" }, html("kbd", {}, key)), html("td", {}, words)));
  const sheet = html("dialog", { class: "sheet", "aria-labelledby": "help-title" },
    html("h2", { id: "help-title" }, "Help"),
    html("p", {}, "The studio runs on this machine. Tables that you open stay in its folder, and "
      + "nothing is sent anywhere. The address of this page holds what you see and what you chose: "
      + "reload, back and a copied link bring it back."),
    html("table", {}, html("caption", { class: "unseen" }, "Keys"), html("tbody", {}, ...rows)),
    html("label", { class: "check" }, single, "Single keys act"),
    close);

  function press(event) {
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !single.checked) return;
    const place = PLACES[Number(event.key) - 1];
    if (place) go(place);
    else if (event.key === "?") open();
    else if (event.key === "g") numbers();
    else if (!runs.has() || !moveRuns(event)) return;
    event.preventDefault();
  }

  /** The keys of runs; whether it was one of them. */
  function moveRuns(event) {
    const by = event.shiftKey ? 10 : 1;
    // A button has its own space bar, a slider its own Home and End.
    const isOwn = event.target.closest?.("button, summary, a, input, [role=slider], [tabindex='0']");
    if (event.code === "BracketLeft" || "[{".includes(event.key)) runs.moveBy(-by);
    else if (event.code === "BracketRight" || "]}".includes(event.key)) runs.moveBy(by);
    else if (event.key === ".") runs.step();
    else if (isOwn) return false;
    else if (event.key === "Home") runs.moveTo(0);
    else if (event.key === "End") runs.toEnd();
    else if (event.key === " ") runs.turn();
    else return false;
    return true;
  }

  function open() {
    if (!sheet.open) sheet.showModal();
  }

  single.addEventListener("change", () => keep("keys", single.checked ? "on" : "off"));
  close.addEventListener("click", () => sheet.close());
  document.addEventListener("keydown", press);
  root.append(sheet);
  return {
    open,
    destroy() {
      document.removeEventListener("keydown", press);
      sheet.remove();
    },
  };
}
