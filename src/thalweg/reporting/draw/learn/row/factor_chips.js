// Factors that are put in order: pressed or dragged into slots, with the product as far as it goes.

import { html } from "../../dom.js";
import { short } from "../../numbers.js";

/**
 * @param {object} spec
 * @param {{name: string, value: number}[]} spec.factors in their order
 * @param {number[]} spec.mixed the order in which they are offered
 * @param {string[]} spec.products the name of each running product
 * @param {(order: number[], wrong: number) => void} spec.filled once no slot is empty; wrong is the
 *   first slot that is not right, or −1
 */
export function factorChips({ factors, mixed, products, filled }) {
  const slots = factors.map(() => null);
  const pool = html("div", { class: "chips", role: "group", "aria-label": "Factors to place" });
  const list = html("ol", { class: "slots" });
  const said = html("p", { class: "note", role: "status" });
  let [held, wrong, moved] = [null, -1, false];

  const firstEmpty = () => slots.indexOf(null);
  const place = (factor, slot) => {
    const from = slots.indexOf(factor);
    const other = slots[slot];
    if (from >= 0) slots[from] = other === factor ? null : other;
    slots[slot] = factor;
    settle(factor);
  };
  const takeOut = (factor) => {
    slots[slots.indexOf(factor)] = null;
    settle(factor);
  };
  const settle = (factor) => {
    wrong = -1;
    const full = firstEmpty() < 0;
    if (full) wrong = slots.findIndex((each, k) => each !== k);
    draw();
    const chip = document.getElementById(`chip-${factor}`);
    chip?.focus({ preventScroll: true });
    said.textContent = full ? "" : `${slots.filter((each) => each !== null).length} of ${slots.length} are placed.`;
    if (full) filled([...slots], wrong);
  };
  const chipOf = (factor) => {
    const { name, value } = factors[factor];
    const at = slots.indexOf(factor);
    const chip = html("button", { type: "button", class: "chip", id: `chip-${factor}`,
      "aria-label": `${name}, ${short(value, 4)}${at < 0 ? "" : `, in place ${at + 1}; take it out`}` },
    html("span", {}, name), " ", html("b", {}, short(value, 4)));
    chip.addEventListener("click", () => {
      if (moved) moved = false;
      else if (at < 0) place(factor, firstEmpty());
      else takeOut(factor);
    });
    chip.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by || at < 0 || !(at + by in slots)) return;
      event.preventDefault();
      place(factor, at + by);
    });
    chip.addEventListener("pointerdown", (event) => {
      held = { factor, x: event.clientX, y: event.clientY };
      moved = false;
    });
    return chip;
  };
  const slotAt = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".slot");
  const over = (slot) => {
    for (const each of list.children) each.classList.toggle("over", each === slot);
  };
  const box = html("div", { class: "factor-chips" }, pool, list, said);
  box.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) return;
    moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > 6;
    if (moved) over(slotAt(event) ?? null);
  });
  box.addEventListener("pointerup", (event) => {
    const slot = held && moved ? slotAt(event) : null;
    over(null);
    if (slot) place(held.factor, [...list.children].indexOf(slot));
    held = null;
    // A click may follow on the chip that was dragged, and means nothing then.
    setTimeout(() => {
      moved = false;
    });
  });
  const draw = () => {
    pool.replaceChildren(...mixed.filter((factor) => !slots.includes(factor)).map(chipOf));
    pool.hidden = !pool.children.length;
    let product = 1;
    const upTo = firstEmpty() < 0 ? slots.length : firstEmpty();
    list.replaceChildren(...slots.map((factor, k) => {
      if (k < upTo) product *= factors[factor].value;
      const sound = k < upTo && slots.slice(0, k + 1).every((each, at) => each === at);
      const running = k < upTo ? html("small", {}, `${sound ? products[k] : "product"} = ${short(product, 4)}`)
        : null;
      return html("li", { class: `slot${k === wrong ? " first-wrong" : ""}` },
        factor === null ? html("span", { class: "note" }, "empty") : chipOf(factor), running);
    }));
  };
  draw();
  return box;
}
