// The help sheet and the keys: single letters act nowhere in a text field, and can be switched off.

import { html } from "/draw/dom.js";
import { PLACES } from "../core/hash.js";
import { keep, kept } from "./kept.js";

const KEYS = [
  ["1 to 5", "go to Table, Train, Inside, Ground, Decide"],
  ["← →", "in the row of places: the place before, the next one"],
  ["g", "show or hide the numbers of all pictures as tables"],
  ["[ ]", "one step back or on, where there are runs; with Shift ten"],
  ["?", "this help"],
  ["Esc", "close this help"],
];

/**
 * @param {HTMLElement} root what the sheet is added to
 * @param {{go: (place: string) => void, numbers: () => void, step: (by: number) => void}} acts
 * @returns {{open: () => void, destroy: () => void}}
 */
export function makeHelpSheet(root, { go, numbers, step }) {
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
    const by = event.shiftKey ? 10 : 1;
    const place = PLACES[Number(event.key) - 1];
    if (place) go(place);
    else if (event.key === "?") open();
    else if (event.key === "g") numbers();
    else if (event.code === "BracketLeft") step(-by);
    else if (event.code === "BracketRight") step(by);
    else return;
    event.preventDefault();
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
