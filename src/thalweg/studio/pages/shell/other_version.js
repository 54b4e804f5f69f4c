// The page for a server of another version: it reloads once by itself, and says so if that did not help.

import { html } from "/draw/dom.js";

const KEY = "thalweg-reloaded-for";

/**
 * Reload the page for a version of the server, once.
 * @param {HTMLElement} root
 * @param {string} mine the version that this page came from
 * @param {string} other the version that answers now
 */
export function showOtherVersion(root, mine, other) {
  let before = other; // without storage nothing says that it was tried
  try {
    before = sessionStorage.getItem(KEY);
    sessionStorage.setItem(KEY, other);
  } catch {
    // The words below are enough.
  }
  const reload = html("button", { type: "button", class: "main" }, "Reload");
  reload.addEventListener("click", () => location.reload());
  root.replaceChildren(html("div", { class: "later", role: "alert" },
    html("h1", {}, "The studio has another version now"),
    html("p", {}, `This page came from version ${mine}, and version ${other} answers. Tables and runs `
      + "are kept. Reload the page to go on."), reload));
  if (before !== other) location.reload();
}
