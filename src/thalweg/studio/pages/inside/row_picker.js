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
  // Rows can be left out, so the next one is not always one more.
  let beside = [null, null];
  const before = button("row-before", "Row before", () => pickRow(beside[0]));
  const after = button("row-after", "Next row", () => pickRow(beside[1]));
  const near = button("row-near", "Near the threshold", () => pickBy("near"));
  const words = html("small", {});
  root.replaceChildren(html("h2", {}, "Row"),
    html("p", { class: "field" }, html("label", { for: "row-number" }, "Number of the row"), number, words),
    html("p", { class: "acts" }, before, after, button("row-worst", "Largest loss", () => pickBy("worst")), near));
  number.addEventListener("change", () => number.reportValidity() && number.value && pickRow(Number(number.value)));
  return {
    update({ inside, row, connection }) {
      const isOff = connection.state !== "open";
      const asked = row ?? inside?.row ?? null;
      if (asked !== null && document.activeElement !== number) number.value = String(asked);
      beside = inside?.beside ?? [null, null];
      [before, after].forEach((each, i) => {
        each.disabled = isOff || beside[i] === null;
      });
      if (!inside) return;
      near.disabled = isOff || !inside.trace.target.classes.length;
      words.textContent = `of ${whole(inside.rows)} that are used`;
    },
  };
}
