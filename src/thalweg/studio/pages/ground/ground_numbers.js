// The tables behind the picture: how far each run can be trusted, the measured planes, all points.

import { html } from "/draw/dom.js";
import { fillSteps } from "/draw/stage/step_table.js";
import { whole } from "/draw/numbers.js";
import { planeWords } from "./ground_sheet.js";

function table(title, heads, rows) {
  return html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title },
    html("table", {}, html("caption", {}, title),
      html("thead", {}, html("tr", {}, ...heads.map((each) => html("th", { scope: "col" }, each)))),
      html("tbody", {}, ...rows.map(([first, ...rest]) => html("tr", {}, html("th", { scope: "row" },
        html("bdi", {}, first)), ...rest.map((each) => html("td", {}, each)))))));
}

const figuresOf = (each) => (each.fate ? [each.words, each.fate, "", "", ""]
  : [each.words, each.verdict, each.off, each.drawn, `${each.worst} (step ${whole(each.step)})`]);

/**
 * @returns {{node: HTMLElement, update: (ground: object, shown: Set<number>) => void}}
 */
export function makeGroundNumbers() {
  const node = html("details", { class: "numbers", id: "ground-numbers" }, html("summary", {}, "All numbers"));
  const box = html("div", {});
  const steps = html("table", {});
  node.append(box);
  let [told, filled, seen] = [null, null, new Set()];

  function fill() {
    if (!node.open || !told || filled === told) return;
    filled = told;
    const { head, sheet } = told;
    fillSteps(steps, sheet, seen);
      box.replaceChildren(
      table("How far each run can be trusted here",
        ["run", "the picture is", "off the plane at the end", "drawn off by", "at worst"], head.runs.map(figuresOf)),
      ...(head.planes.length > 1 ? [table("The measured planes, the least distorting first, when the plane was laid. Movement of the drawn one: so far",
        ["plane", "drawn off by, mean of the runs", "at the start", "worst run", "movement contained"],
        head.planes.map((each) => [planeWords(each.method), each.gap, each.start, each.worst, each.movement]))] : []),
      html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Positions and losses of the runs" },
        steps));
  }

  node.addEventListener("toggle", fill);
  return { node, update(ground, shown) {
    if (ground !== told) [told, seen] = [ground, shown];
    fill();
  } };
}
