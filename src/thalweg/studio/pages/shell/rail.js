// The rail: five places, by click, by the digits 1 to 5, and by arrow keys.

import { html } from "/draw/dom.js";
import { PLACES } from "../core/hash.js";

const NAMES = { table: "Table", train: "Train", inside: "Inside", ground: "Ground",
  decide: "Decide" };

/**
 * @param {HTMLElement} root
 * @param {{view: ReturnType<import("../core/hash.js").followLink>}} page
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeRail(root, { view }) {
  const links = PLACES.map((place, i) => html("a", { "data-place": place,
    "aria-keyshortcuts": String(i + 1) },
  html("kbd", { "aria-hidden": "true" }, String(i + 1)), ` ${NAMES[place]}`));
  const list = html("ul", {}, ...links.map((link) => html("li", {}, link)));

  function go(event) {
    const link = event.target.closest("a");
    // A click with a key pressed opens a tab or a window, as everywhere.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    view.go({ p: link.dataset.place });
  }

  function walk(event) {
    const at = links.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1,
      Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = links[(to + links.length) % links.length];
    next.focus();
    view.go({ p: next.dataset.place });
  }

  list.addEventListener("click", go);
  list.addEventListener("keydown", walk);
  root.replaceChildren(list);
  return {
    update(state) {
      for (const link of links) {
        // An empty link would lead to the same place with what the address has now.
        link.setAttribute("href", view.link({ p: link.dataset.place }) || "#v=1");
        if (link.dataset.place === state.p) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    },
    destroy: () => root.replaceChildren(),
  };
}
