// Histograms of a column: bars over numbers, or rows of levels, each with its numbers as a table.

import { html, svg } from "/draw/dom.js";
import { apart, short, whole } from "/draw/numbers.js";
import { linear } from "/draw/scale.js";

const [WIDE, HIGH, GAP, LEAST] = [240, 56, 1, 1];
const SHOWN_LEVELS = 6;

/**
 * @typedef {{edges: number[], counts: number[], ends?: string[]}} OfNumbers ends: all edges as text, where
 *   numbers say nothing, such as those of dates
 * @typedef {{levels: string[], counts: number[], others?: number}} OfLevels
 */

/**
 * @param {OfNumbers|OfLevels} data
 * @param {string} name of the column
 * @param {string} words what the picture shows
 * @returns {HTMLElement}
 */
export function histogram(data, name, words) {
  const drawn = data.edges ? bars(data, name, words) : levels(data, name, words);
  return html("figure", { class: "histogram" }, html("figcaption", {}, words), ...drawn);
}

function bars({ edges, counts, ends }, name, words) {
  if (!counts.length) return [html("p", { class: "soft" }, "No values")];
  const most = Math.max(...counts, 1);
  const x = linear([edges[0], edges.at(-1)], [0, WIDE]);
  const y = linear([0, most], [0, HIGH - 2]);
  const isFlat = edges[0] === edges.at(-1);
  const parts = counts.map((count, i) => {
    if (!count) return "";
    const [left, right] = isFlat ? [WIDE / 2 - 6, WIDE / 2 + 6] : [x.at(edges[i]), x.at(edges[i + 1])];
    const tall = Math.max(LEAST, y.at(count));
    const wide = Math.max(1, right - left - GAP);
    return `M${left.toFixed(1)} ${HIGH}v${(-tall).toFixed(1)}h${wide.toFixed(1)}v${tall.toFixed(1)}Z`;
  });
  const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none",
    role: "img", "aria-label": spoken(ends ?? edges.map((x) => short(x)), counts, name, words) },
  svg("path", { class: "ground", d: `M0 ${HIGH - 0.5}H${WIDE}` }),
  svg("path", { class: "bars", d: parts.join("") }));
  const outer = ends ?? apart([edges[0], edges.at(-1)]);
  return [picture, html("p", { class: "ends" }, html("span", {}, outer[0]),
    isFlat ? null : html("span", {}, outer.at(-1)))];
}

function spoken(edges, counts, name, words) {
  const top = counts.indexOf(Math.max(...counts));
  const [low, high, from, to] = [edges[0], edges.at(-1), edges[top], edges[top + 1]];
  return `${name}, ${words}: from ${low} to ${high}; most rows, ${whole(counts[top])}, from ${from} `
    + `to ${to}`;
}

function levels({ levels: labels, counts, others = 0 }, name, words) {
  const most = Math.max(...counts, 1);
  const rows = labels.slice(0, SHOWN_LEVELS).map((label, i) => levelRow(shownLabel(label), counts[i], most));
  const rest = counts.slice(SHOWN_LEVELS).reduce((sum, each) => sum + each, 0) + others;
  // The server counts the rows of the rarest levels together, and not how many levels these are.
  const more = others ? "all others" : `${labels.length - SHOWN_LEVELS} more`;
  return [html("ul", { class: "levels", "aria-label": `${name}, ${words}` }, ...rows,
    // Their rows together may be more than those of any level: a bar would say that they are one.
    rest ? levelRow(html("i", {}, more), rest, null) : null)];
}

/** A label, or words for one that cannot be seen. */
export function shownLabel(label) {
  return label.trim() ? html("bdi", {}, label) : html("i", {}, "empty");
}

/**
 * A level with a bar and its count.
 * @param {Node} label
 * @param {number} count
 * @param {number|null} most the count of the longest bar; null for no bar
 */
export function levelRow(label, count, most) {
  const bar = html("span", { class: "bar-of-level", "aria-hidden": "true" });
  bar.style.setProperty("--share", String(most ? count / most : 0));
  return html("li", {}, html("span", { class: "level" }, label), bar,
    html("span", { class: "count" }, whole(count)));
}

/**
 * The numbers of histograms, as a table that is made when it is opened.
 * @param {{words: string, data: OfNumbers|OfLevels|null}[]} pictures
 * @param {string} name of the column
 * @returns {HTMLElement}
 */
export function numbersBehind(pictures, name) {
  const box = html("details", { class: "numbers" }, html("summary", {}, "Numbers"));
  box.addEventListener("toggle", () => {
    if (!box.open || box.children.length > 1) return;
    box.append(...pictures.filter(({ data }) => data).map(({ words, data }) =>
      html("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `${name}, ${words}` },
        tableOf(data, `${name}, ${words}`))));
  });
  return box;
}

function tableOf(data, title) {
  const heads = data.edges ? ["from", "to", "rows"] : ["level", "rows"];
  const rows = data.edges ? rowsOfNumbers(data) : rowsOfLevels(data);
  return html("table", {}, html("caption", {}, title),
    html("thead", {}, html("tr", {}, ...heads.map((each) => html("th", { scope: "col" }, each)))),
    html("tbody", {}, ...rows.map(([first, ...more]) => html("tr", {},
      html("th", { scope: "row" }, first), ...more.map((each) => html("td", {}, each))))));
}

function rowsOfNumbers({ edges, counts, ends }) {
  const words = ends ?? apart(edges);
  return counts.map((count, i) => [words[i], words[i + 1], whole(count)]);
}

function rowsOfLevels({ levels: labels, counts, others = 0 }) {
  const rows = labels.map((label, i) => [shownLabel(label), whole(counts[i])]);
  return others ? [...rows, [html("i", {}, "others"), whole(others)]] : rows;
}
