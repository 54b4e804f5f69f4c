// A place that needs a table, while there is none.

import { html } from "/draw/dom.js";

/**
 * @param {HTMLElement} root
 * @param {string} name of the place
 * @param {() => void} open goes to where tables are opened
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeNoTable(root, name, open) {
  const title = html("h1", { tabindex: "-1" });
  const words = html("p", { class: "soft" });
  const go = html("button", { type: "button", class: "main" }, "Choose a table");
  go.addEventListener("click", open);
  root.replaceChildren(html("div", { class: "empty" }, title, words, html("p", {}, go)));
  return {
    update({ d, table, error }) {
      const isUnread = d && error && !table;
      title.textContent = isUnread ? `${name}: this table cannot be read as it is`
        : d ? `${name}: the table is read` : `${name} needs a table`;
      words.textContent = isUnread ? `${error.what}. In the place Table it can be said how to read it.`
        : d ? "It takes a moment." : "Open your own, or one of the samples.";
      go.textContent = isUnread ? "To the table" : "Choose a table";
      go.hidden = Boolean(d) && !isUnread;
    },
    destroy: () => root.replaceChildren(),
  };
}
