// The field of a learning rate: rates span powers of ten, so ↑ and ↓ go along 1, 2, 5, 10.

import { html } from "/draw/dom.js";
import { short } from "/draw/numbers.js";

const ROW = [0.5, 1, 2, 5, 10];
const [LOWEST, HIGHEST] = [1e-12, 1e6];
const NEARLY = 1e-9; // of a rate, lost where powers of ten are rounded

/**
 * The next rate of the row: from 0.001 up to 0.002, down to 0.0005.
 * @param {number} rate above 0
 * @param {boolean} up
 */
export function nextRate(rate, up) {
  const power = Math.floor(Math.log10(rate) + NEARLY);
  const row = ROW.map((each) => Number(`${each}e${power}`));
  const next = up ? row.find((each) => each > rate * (1 + NEARLY))
    : row.findLast((each) => each < rate * (1 - NEARLY));
  return next >= LOWEST && next <= HIGHEST ? next : rate;
}

/**
 * @param {string} id
 * @returns {{node: HTMLInputElement, hint: HTMLElement, tell: (rate: number|null) => void}} tell: the
 *   rate that there is, as long as nothing is written
 */
export function makeRateField(id) {
  const node = html("input", { id, role: "spinbutton", inputmode: "decimal", autocomplete: "off",
    maxlength: "30", "aria-describedby": `${id}-hint` });
  const hint = html("small", { id: `${id}-hint` }, "↑ and ↓: the next of 1, 2, 5, 10.");
  let now = null;

  /** The rate that is written, or else the one that there is; NaN for what is none. */
  const value = () => (node.value.trim() ? Number(node.value) : now ?? NaN);

  function say() {
    const said = value();
    if (said > 0) {
      node.setAttribute("aria-valuenow", String(said));
      node.setAttribute("aria-valuetext", node.value.trim() || `${short(said)}, as it is`);
      return;
    }
    for (const each of ["aria-valuenow", "aria-valuetext"]) node.removeAttribute(each);
  }

  node.addEventListener("keydown", (event) => {
    const up = event.key === "ArrowUp";
    if (!(up || event.key === "ArrowDown") || event.altKey || event.ctrlKey || event.metaKey || !(value() > 0)) return;
    event.preventDefault();
    node.value = String(nextRate(value(), up));
    node.dispatchEvent(new Event("input", { bubbles: true }));
  });
  node.addEventListener("input", say);
  return {
    node,
    hint,
    tell(rate) {
      now = rate;
      const words = rate === null ? "" : short(rate);
      if (node.placeholder !== words) node.placeholder = words;
      say();
    },
  };
}
