// The stops of the way there and back, as buttons in two rows.

import { html } from "/draw/dom.js";
import { lowered } from "/draw/trace/amounts.js";

const SYMBOLS = { X: "X", Z: "Z", A: "A", Yh: "Ŷ", Loss: "Loss", dZ: "∂Z", dA: "∂A", dW: "∂W" };

/** The symbol of a stop: Z₁, ∂A₂. */
export const symbolOf = ({ kind, layer }) =>
  `${SYMBOLS[kind]}${["X", "Yh", "Loss", "dW"].includes(kind) ? "" : lowered(layer)}`;

/**
 * @param {HTMLElement} root
 * @param {(stop: number) => void} go stops are counted from 1
 * @returns {{update: (stops: import("/draw/trace/stops.js").Stop[], at: number) => void}} at: from 0
 */
export function makeStopBar(root, go) {
  let made = "";
  const there = html("div", { class: "stops", role: "group", "aria-label": "Forward" });
  const back = html("div", { class: "stops", role: "group", "aria-label": "Backward" });
  root.replaceChildren(html("h2", { class: "unseen" }, "Stops"),
    html("div", { class: "way" }, html("span", {}, "forward →"), there),
    html("div", { class: "way" }, html("span", {}, "← backward"), back));

  function make(stops) {
    const buttons = stops.map((stop, k) => {
      const button = html("button", { type: "button", id: `stop-${k + 1}` }, `${k + 1} ${symbolOf(stop)}`);
      button.addEventListener("click", () => go(k + 1));
      return button;
    });
    there.replaceChildren(...buttons.filter((_, k) => !stops[k].back));
    back.replaceChildren(...buttons.filter((_, k) => stops[k].back));
  }

  return {
    update(stops, at) {
      const key = stops.map(symbolOf).join();
      if (key !== made) make(stops);
      made = key;
      stops.forEach((_, k) => {
        const button = root.querySelector(`#stop-${k + 1}`);
        button.classList.toggle("now", k === at);
        if (k === at) button.setAttribute("aria-current", "step");
        else button.removeAttribute("aria-current");
      });
    },
  };
}
