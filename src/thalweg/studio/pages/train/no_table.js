// Places that need a table or a run, while there is none.

import { html } from "/draw/dom.js";

const NAMES = { train: "Train", inside: "Inside", ground: "Ground" };
const SHOWS = { inside: "It shows a row in the network of a run, at the step of the cursor.",
  ground: "It shows the loss as a landscape, with the runs on it." };

/**
 * @param {HTMLElement} root
 * @param {() => void} open goes to where tables are opened
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeNoTable(root, open) {
  const title = html("h1", { tabindex: "-1" });
  const words = html("p", { class: "soft" });
  const go = html("button", { type: "button", class: "main" }, "Choose a table");
  go.addEventListener("click", open);
  root.replaceChildren(html("div", { class: "empty" }, title, words, html("p", {}, go)));
  return {
    update({ p, d, table, error }) {
      const name = NAMES[p];
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

/**
 * @param {HTMLElement} root
 * @param {() => void} train goes to where runs are started
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeNoRun(root, train) {
  const go = html("button", { type: "button", class: "main" }, "To Train");
  go.addEventListener("click", train);
  const [title, words] = [html("h1", { tabindex: "-1" }), html("p", { class: "soft" })];
  root.replaceChildren(html("div", { class: "empty" }, title, words, html("p", {}, go)));
  return { update({ p }) {
    title.textContent = `${NAMES[p]} needs a run`;
    words.textContent = `${SHOWS[p]} Start one, or show one, in Train.`;
  }, destroy: () => root.replaceChildren() };
}
