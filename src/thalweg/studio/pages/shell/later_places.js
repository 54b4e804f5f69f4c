// The places that are not built yet: what they will be, and what does it today.

import { html } from "/draw/dom.js";
import { copyText } from "/draw/learn/link_state.js";

const WORDS = {
  ground: ["Ground", "The loss as a landscape, with the runs on it.", "thalweg landscape"],
};

/**
 * @param {HTMLElement} root
 * @returns {{update: (state: object, changed: Set<string>) => void, destroy: () => void}}
 */
export function makeLaterPlace(root) {
  return {
    update({ p, table }, changed) {
      if (!changed.has("p") && !changed.has("table") && root.firstChild) return;
      const [name, what, verb] = WORDS[p];
      // The command of the table is one of `fit`; other verbs take other files.
      const command = p === "train" && table?.command ? table.command : `${verb} --help`;
      const copy = html("button", { type: "button" }, "Copy");
      copy.addEventListener("click", () => copyText(copy, command));
      root.replaceChildren(html("div", { class: "later" }, html("h1", {}, `${name} is not built yet`),
        html("p", {}, `It will show: ${what[0].toLowerCase()}${what.slice(1)}`),
        html("p", {}, "In a terminal you can have it today:"),
        html("pre", { tabindex: "0" }, command), copy));
    },
    destroy: () => root.replaceChildren(),
  };
}
