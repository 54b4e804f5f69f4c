// Three hints, one at a time, then the solution.

import { html } from "../dom.js";

/**
 * @param {string[]} hints
 * @param {string} solution
 * @param {() => void} solved when the solution is shown
 * @returns {HTMLElement}
 */
export function hintBox(hints, solution, solved) {
  const list = html("ol", { class: "hints" });
  const button = html("button", { type: "button" });
  const rest = () => (list.children.length < hints.length
    ? `Hint ${list.children.length + 1} of ${hints.length}` : "Show the solution");
  button.textContent = rest();
  const answer = html("p", { class: "solution", hidden: true }, html("b", {}, "Solution. "), solution);
  const box = html("div", { class: "help", "data-part": "hints", "aria-live": "polite" }, list,
    answer, button);
  button.addEventListener("click", () => {
    if (list.children.length < hints.length) {
      list.append(html("li", {}, hints[list.children.length]));
      button.textContent = rest();
      if (list.children.length === hints.length && !solution) button.hidden = true;
      return;
    }
    answer.hidden = false;
    button.hidden = true;
    solved();
  });
  return box;
}
