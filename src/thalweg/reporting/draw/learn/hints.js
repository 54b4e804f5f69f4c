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
  const shown = () => list.children.length;
  const button = html("button", { type: "button" });
  const rest = () => (shown() < hints.length
    ? `Hint ${shown() + 1} of ${hints.length}` : "Show the solution");
  button.textContent = rest();
  const answer = html("p", { class: "solution", hidden: true }, html("b", {}, "Solution. "), solution);
  const box = html("div", { class: "help", "data-part": "hints", "aria-live": "polite" }, list,
    answer, button);
  button.addEventListener("click", () => {
    if (shown() < hints.length) {
      list.append(html("li", {}, hints[shown()]));
      button.textContent = rest();
      if (shown() === hints.length && !solution) button.hidden = true;
      return;
    }
    answer.hidden = false;
    button.hidden = true;
    solved();
  });
  return box;
}
