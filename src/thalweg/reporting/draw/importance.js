// What a model leans on: a bar for each group and column, with intervals over rows and networks.

import { fitted, html, svg, textWidth } from "./dom.js";
import { readable } from "./report_charts.js";
import { legend } from "./series_marks.js";
import { short } from "./numbers.js";
import { FONT, frame, linear } from "./scale.js";

const LEAN_STEP = 26; // from bar to bar, in pixels
const LEAN_INDENT = 16; // of the members of a group

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {boolean} member of the group above it
 * @property {boolean} group several columns together
 * @property {boolean} shown whether it is above 0 beyond chance; of a member it is not tested
 * @property {number} value share of the gain that is lost, in percent; so are the others
 * @property {number} low
 * @property {number} high
 * @property {[number, number]|null} networks
 */

/**
 * Bars from 0 on, the greatest first; up and down arrow keys read them.
 * @param {{lines: Line[], networks: number, measure: string}} spec
 * @param {number} width
 * @returns {HTMLElement}
 */
export function importancePicture({ lines, networks, measure }, width) {
  const ends = lines.flatMap(({ value, low, high, networks: spread }) =>
    [value, low, high, ...(spread ?? [])]);
  const [least, most] = [Math.min(0, ...ends), Math.max(1, ...ends)];
  const room = (most - least) * 0.04;
  // Where names do not fit beside the bars, they stand above them.
  const beside = Math.max(90, width * 0.36);
  const above = width < 520;
  const step = above ? LEAN_STEP + 18 : LEAN_STEP;
  const names = lines.map(({ name, group, member }) => fitted(group ? `${name} together` : name,
    (above ? width : beside) - (member ? LEAN_INDENT : 0), FONT));
  const drawn = frame({
    width,
    height: lines.length * step + 60,
    label: `${lines.length} groups and columns, the greatest first. Up and down arrow keys read `
      + "them; the table below has the numbers.",
    x: (range) => linear([least - (least < 0 ? room : 0), most + room], range),
    y: (range) => linear([0, 1], range),
    xTitle: above ? "% of the gain that is lost"
      : `% of the gain over a constant that is lost (${measure})`,
    yTitle: "",
    // The room for names: the longest of them, indented if it is a member's.
    rows: above ? [] : [widest(names, lines)],
  });
  const { x, plot, inner } = drawn;
  const places = lines.map((_, i) => inner.top + step * (i + (above ? 0.74 : 0.5)) + 2);
  const focus = svg("rect", { class: "row-focus", x: 0, width, height: step, display: "none" });
  plot.append(focus);
  plot.append(svg("path", { class: "zero",
    d: places.map((y) => `M${x.at(0)} ${y - 12}V${y + 12}`).join("") }));
  lines.forEach((line, i) => {
    const y = places[i];
    const at = { x: line.member ? LEAN_INDENT : 0, y: above ? y - 20 : y };
    plot.append(svg("text", { ...at, dy: "0.35em",
      class: line.shown && !line.member ? "row-name" : "aside" }, names[i]), leanBar(line, x, y));
    if (line.member) {
      const from = y - step * (above ? 0.74 : 0.5);
      plot.append(svg("path", { class: "branch", d: `M5 ${from}V${from + step}` }));
    }
  });
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  readable(drawn.svg, places, 0, (i) => {
    focus.setAttribute("display", "inline");
    focus.setAttribute("y", places[i] - step / 2);
    reading.replaceChildren(html("bdi", {}, lines[i].name), leanWords(lines[i], networks));
  }, true);
  drawn.svg.id = "importance-chart";
  const key = legend([
    [filledKey("lean"), "column, or group of columns together"],
    ...(lines.some(({ member }) => member)
      ? [[filledKey("lean member"), "column of a group, alone: not tested"]] : []),
    ...(lines.some(({ shown, member }) => !shown && !member)
      ? [[filledKey("lean idle"), "not shown to matter"]] : []),
    [strokeKey("whisker ink"), "95 % interval over rows"],
    ...(networks > 1 ? [[strokeKey("spread"), `range of the ${networks} networks`]] : []),
  ]);
  return html("div", {}, key, drawn.svg, reading);
}

/** A text as wide as the widest name with its indent. */
function widest(names, lines) {
  const wide = names.map((name, i) => textWidth(name, FONT) + (lines[i].member ? LEAN_INDENT : 0));
  const k = wide.indexOf(Math.max(...wide));
  return lines[k].member ? `\u2003${names[k]}` : names[k]; // an em space, about the indent
}

function leanBar({ value, low, high, networks, shown, member }, x, y) {
  const [from, to] = [0, value].map(x.at).sort((a, b) => a - b);
  // Tested are groups and columns outside of them: a member is neither shown to matter nor idle.
  const look = member ? "lean member" : shown ? "lean" : "lean idle";
  const group = svg("g", {},
    svg("rect", { class: look, x: from, y: y - 8, width: Math.max(1, to - from), height: 13 }),
    svg("path", { class: "whisker ink", d: `M${x.at(low)} ${y - 1.5}H${x.at(high)}` }));
  if (networks) {
    const [first, last] = networks.map(x.at);
    group.append(svg("path", { class: "spread",
      d: `M${first} ${y + 8}H${last}M${first} ${y + 5.5}v5M${last} ${y + 5.5}v5` }));
  }
  return group;
}

function leanWords({ value, low, high, networks, group, member }, n) {
  const kind = group ? " together" : member ? " alone" : "";
  const each = networks ? `; the ${n} networks: ${short(networks[0], 3)} to `
    + `${short(networks[1], 3)} %` : "";
  return `${kind}: ${short(value, 3)} % [${short(low, 3)}, ${short(high, 3)}]${each}.`;
}

/**
 * A filled key of a legend.
 * @param {string} look class
 * @returns {SVGElement}
 */
export function filledKey(look) {
  return svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    svg("rect", { x: 1, y: 2, width: 14, height: 12, class: look }));
}

/**
 * A stroke as the key of a legend.
 * @param {string} look class
 * @returns {SVGElement}
 */
export function strokeKey(look) {
  return svg("svg", { viewBox: "0 0 24 16", width: 24, height: 16, "aria-hidden": "true" },
    svg("path", { d: "M1 8H23", class: look }));
}
