// Short messages that pass, and what a screen reader is told.

import { byId, html } from "/draw/dom.js";

const [STAYS, MOST] = [9000, 3];

/**
 * @param {HTMLElement} root
 * @returns {{show: (words: string, act?: {words: string, does: () => void}) => void,
 *   say: (words: string) => void, destroy: () => void}}
 */
export function makeToasts(root) {
  const said = byId("said");

  function say(words) {
    said.textContent = words;
  }

  function show(words, act = null) {
    const close = html("button", { type: "button" }, "Close");
    const toast = html("div", { class: "toast" }, html("p", {}, words));
    let timer = 0;
    const away = () => {
      clearTimeout(timer);
      toast.remove();
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(away, STAYS);
    };
    if (act) {
      const button = html("button", { type: "button" }, act.words);
      button.addEventListener("click", () => {
        away();
        act.does();
      });
      toast.append(button);
    }
    close.addEventListener("click", away);
    toast.append(close);
    // Nothing goes away while somebody reads it or is about to press its button.
    for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, () => clearTimeout(timer));
    for (const kind of ["pointerleave", "focusout"]) toast.addEventListener(kind, wait);
    while (root.children.length >= MOST) root.firstChild.remove();
    root.append(toast);
    wait();
    say(words);
  }

  return { show, say, destroy: () => root.replaceChildren() };
}
