// Losses by step as lines, on a log scale; a line that left the picture is cut and marked.

import { svg, textWidth } from "../dom.js";
import { short, ticks, whole } from "../numbers.js";

/**
 * @typedef {object} LossLine
 * @property {string} name
 * @property {"ink"|"orange"|"blue"} look
 * @property {(number|null)[]} values null from where the run diverged
 *
 * @param {number} width
 * @param {number[]} steps
 * @param {LossLine[]} lines
 * @param {{mark?: number, label?: string, top?: number}} [more] mark: a step that is marked; top:
 *   the largest loss that is drawn; up: the name of the loss
 * @returns {SVGElement}
 */
export function lossLines(width, steps, lines, { mark, label = "Losses by step", top, up: name = "loss" } = {}) {
  const height = 360;
  const edge = { left: 44, right: width - 10, top: 46, bottom: height - 44 };
  const known = lines.flatMap(({ values }) => values).filter((each) => each !== null && each > 0);
  const most = Math.log10(Math.min(top ?? Infinity, Math.max(...known, 1e-12)));
  const least = Math.min(Math.log10(Math.min(...known)), most - 0.5);
  const across = (step) => edge.left + (step / steps.at(-1)) * (edge.right - edge.left);
  const up = (value) => edge.bottom
    - ((Math.log10(value) - least) / (most - least)) * (edge.bottom - edge.top);
  const grid = svg("g", { class: "grid" });
  for (const step of ticks(0, steps.at(-1), Math.max(2, Math.round(width / 110)))) {
    const end = across(step) > edge.right - 24;
    grid.append(svg("path", { d: `M${across(step)} ${edge.top}V${edge.bottom}` }),
      svg("text", { x: across(step), y: edge.bottom + 17,
        "text-anchor": end ? "end" : "middle" }, whole(step)));
  }
  for (const value of powers(least, most)) {
    grid.append(svg("path", { d: `M${edge.left} ${up(value)}H${edge.right}` }),
      svg("text", { x: edge.left - 6, y: up(value) + 4, "text-anchor": "end" }, short(value)));
  }
  grid.append(svg("text", { x: 0, y: 14 }, `↑ ${name}, log scale`),
    svg("text", { x: edge.right, y: height - 6, "text-anchor": "end" }, "step →"));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "plot", role: "img",
    "aria-label": `${label}: ${lines.map(endInWords).join("; ")}` }, grid,
  ...(mark === undefined ? [] : [svg("path", { class: "cursor",
    d: `M${across(mark)} ${edge.top}V${edge.bottom}` })]),
  ...lines.map(({ values, look }) => svg("path", { class: `loss-line ${look}`,
    d: pathOf(values, steps, across, up, 10 ** most) })), legend(lines, edge));
}

/** The names of the lines above the picture, each with a piece of its line. */
function legend(lines, { left, right }) {
  const words = lines.map(({ name }) => textWidth(name, 14) + 52);
  let x = Math.max(left, right - words.reduce((a, b) => a + b, 0) + 12);
  return svg("g", {}, ...lines.map(({ name, look }, i) => {
    const from = x;
    x += words[i];
    return svg("g", {}, svg("path", { class: `loss-line ${look}`, d: `M${from} 31h26` }),
      svg("text", { class: `loss-name ${look}`, x: from + 31, y: 35 }, name));
  }));
}

/** 1, 2 and 5 times the powers of ten where there is room, else the powers alone. */
function powers(least, most) {
  const all = most - least > 2 ? [1] : most - least > 1.4 ? [1, 3] : [1, 2, 5];
  const found = [];
  for (let e = Math.floor(least); e <= most; e += 1) {
    found.push(...all.map((each) => Number((each * 10 ** e).toPrecision(3))));
  }
  return found.filter((each) => Math.log10(each) >= least && Math.log10(each) <= most);
}

function pathOf(values, steps, across, up, top) {
  let open = false;
  return values.map((value, i) => {
    if (value === null || value > top) {
      open = false;
      return "";
    }
    const word = open ? "L" : "M";
    open = true;
    return `${word}${across(steps[i]).toFixed(1)} ${up(value).toFixed(1)}`;
  }).join("");
}

/** The last loss that is there, and whether it is that of the last step. */
function lastOf(values) {
  const place = values.findLastIndex((each) => each !== null);
  return { value: values[place], whole: place === values.length - 1 };
}

function endInWords({ name, values }) {
  const { value, whole: all } = lastOf(values);
  return all ? `${name} ends at ${short(value, 3)}` : `${name} diverges`;
}
