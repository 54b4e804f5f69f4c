// How far the picture can be trusted, in the words of the landscape page.

import { html } from "/draw/dom.js";

/**
 * @param {HTMLElement} root
 * @returns {{update: (head: object) => void}}
 */
export function makeHonesty(root) {
  const word = html("span", { class: "word" });
  const list = html("ul", { class: "notes" });
  root.replaceChildren(html("h2", {}, "Is this picture honest? ", word), list);
  let told = null;
  return {
    update({ verdict, sentences }) {
      const key = `${verdict} ${sentences.join()}`;
      if (key === told) return;
      told = key;
      word.textContent = verdict;
      word.dataset.verdict = verdict;
      list.replaceChildren(...sentences.map((each) => html("li", {}, html("bdi", {}, each))));
    },
  };
}
