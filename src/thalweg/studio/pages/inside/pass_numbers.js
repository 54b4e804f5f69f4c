// All numbers of the two passes as tables: the row as it enters, and each layer there and back.

import { html } from "/draw/dom.js";
import { lowered } from "/draw/trace/amounts.js";
import { amount } from "/draw/numbers.js";

const words = (value) => (value === null || value === undefined ? "" : typeof value === "number"
  ? amount(value, 6) : String(value));

function table(title, heads, rows) {
  return html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title },
    html("table", {}, html("caption", {}, title),
      html("thead", {}, html("tr", {}, ...heads.map((each) => html("th", { scope: "col" }, each)))),
      html("tbody", {}, ...rows.map(([first, ...rest]) => html("tr", {}, html("th", { scope: "row" },
        html("bdi", {}, first)), ...rest.map((each) => html("td", {}, words(each))))))));
}

/**
 * @returns {{node: HTMLElement, update: (facts: object) => void}}
 */
export function makePassNumbers() {
  const node = html("details", { class: "numbers" }, html("summary", {}, "All numbers"));
  const box = html("div", {});
  node.append(box);
  let [shown, filled] = [null, null];

  function fill() {
    if (!node.open || !shown || shown === filled) return;
    filled = shown;
    const { passes: [pass], inputs, own } = shown;
    const raw = new Map(own.flatMap((each) => each.inputs.map((k) => [k, each.raw?.[0]])));
    box.replaceChildren(
      table("The row", ["input", "in the table", "as it enters"],
        inputs.map((name, k) => [name, raw.get(k + 1), pass.X[k]])),
      ...pass.layers.map((layer, l) => table(`Layer ${l + 1}`,
        ["unit", `Z${lowered(l + 1)}`, `A${lowered(l + 1)}`, `∂A${lowered(l + 1)}`, `∂Z${lowered(l + 1)}`],
        layer.Z.map((z, k) => [String(k + 1), z, layer.A[k], layer.dA[k], layer.dZ[k]]))),
      table("The end", ["output", "Ŷ", "loss of the row"], pass.Yh.map((each, k) => [String(k + 1), each,
        k ? null : pass.loss])));
  }

  node.addEventListener("toggle", fill);
  return { node, update: (facts) => {
    shown = facts;
    fill();
  } };
}
