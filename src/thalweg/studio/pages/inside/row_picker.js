// Which row is looked at: by its number, the one before, the next, the worst, near the threshold.

import { html } from "/draw/dom.js";
import { whole } from "/draw/numbers.js";

/**
 * @param {HTMLElement} root
 * @param {{pickRow: (row: number) => void, pickBy: (how: "worst"|"near") => void}} acts
 * @returns {{update: (state: object) => void}}
 */
export function makeRowPicker(root, { pickRow, pickBy }) {
  const number = html("input", { id: "row-number", type: "number", min: "1", step: "1", "data-asks": true });
  const button = (id, words, act) => {
    const made = html("button", { type: "button", id, "data-asks": true }, words);
    made.addEventListener("click", act);
    return made;
  };
  const by = (step) => () => pickRow(Math.max(1, Number(number.value) + step));
  const before = button("row-before", "Row before", by(-1));
  const after = button("row-after", "Next row", by(1));
  const near = button("row-near", "Near the threshold", () => pickBy("near"));
  const words = html("small", {});
  root.replaceChildren(html("h2", {}, "Row"),
    html("p", { class: "field" }, html("label", { for: "row-number" }, "Number of the row"), number, words),
    html("p", { class: "acts" }, before, after, button("row-worst", "Largest loss", () => pickBy("worst")), near));
  number.addEventListener("change", () => number.reportValidity() && number.value && pickRow(Number(number.value)));
  return {
    update({ inside, row, connection }) {
      if (!inside) return;
      if (document.activeElement !== number) number.value = String(row ?? inside.row);
      const isOff = connection.state !== "open";
      before.disabled = isOff || inside.row <= 1;
      near.disabled = isOff || !inside.trace.target.classes.length;
      words.textContent = `of ${whole(inside.rows)} that are used`;
    },
  };
}
