// The formula of one unit or one weight, in symbols and in numbers.

import { html } from "./dom.js";
import { short, signed, whole } from "./numbers.js";

/**
 * A network from thalweg.reporting.network_drawing_data: for each layer, inputs first, the units
 * that are in the file. A unit is identified by its index in that list.
 * @typedef {object} Network
 * @property {number[]} sizes
 * @property {string[]} activations
 * @property {string} logit_of
 * @property {number[][]} units their true numbers, from 0
 * @property {string[]} inputs
 * @property {{center: number[], scale: (number | null)[], low: (number | null)[],
 *   high: (number | null)[]}} encoding low and high of a bin
 * @property {number[][][]} weights [layer - 1][unit][unit before]
 * @property {number[][]} biases [layer - 1][unit]
 * @property {number[][]} first for each layer the indices drawn at first, with columns as layer 0
 * @property {Columns} columns the inputs as drawn: a number with its bins is one
 * @typedef {object} Columns
 * @property {string[]} names
 * @property {number[][]} parts the indices of their inputs in the list above
 * @property {number[][]} weights [unit of layer 1][column]: the largest in size of its inputs
 * @property {number} total how many columns there are, in the file or not
 */

const VALUES = {
  identity: (z) => [z],
  relu: (z) => ["max(0, ", z, ")"],
  sigmoid: (z) => ["1 / (1 + e", html("sup", {}, "−", z), ")"],
  tanh: (z) => ["tanh(", z, ")"],
};

/**
 * The name of a unit: a column, "unit 7", "unit 7 of layer 2", or "output".
 * @param {Network} network
 * @param {number} layer 0 for the inputs
 * @param {number} unit
 * @returns {string}
 */
export function unitName(network, layer, unit) {
  const last = network.sizes.length - 1;
  if (layer === 0) return network.inputs[unit];
  if (layer === last) return "output";
  const name = `unit ${whole(network.units[layer][unit] + 1)}`;
  return last > 2 ? `${name} of layer ${layer}` : name;
}

/**
 * The formula of a unit, with symbols, then with its numbers.
 * @param {Network} network
 * @param {number} layer
 * @param {number} unit of layer 0 a column
 * @returns {HTMLElement[]}
 */
export function unitFormula(network, layer, unit) {
  const { columns } = network;
  const name = layer === 0 ? columns.names[unit] : unitName(network, layer, unit);
  const head = [html("h3", {}, bdi(name))];
  return layer === 0 ? [...head, ...columnFormula(network, unit)]
    : [...head, ...sumFormula(network, layer, unit)];
}

/** A number, with its bins if it has some; or an input alone. */
function columnFormula(network, column) {
  const [first, ...bins] = network.columns.parts[column];
  const own = inputFormula(network, first);
  return bins.length > 0 ? [...own, ...binsFormula(network, network.inputs[first], bins)] : own;
}

function bdi(words) {
  return html("bdi", {}, words);
}

function formula(...parts) {
  return html("p", { class: "formula" }, ...parts);
}

function symbol(letter, below) {
  return html("span", {}, html("i", {}, letter), html("sub", {}, below));
}

function inputFormula(network, unit) {
  const { center, scale } = network.encoding;
  const name = network.inputs[unit];
  if (unit >= center.length) {
    const column = name.replace(/ missing$/, "");
    if (/ target( \d+)?$/.test(name)) return targetCode(name);
    if (column === name) return datePart(name);
    return [html("p", {}, "1 where ", bdi(column), " is missing, else 0.")];
  }
  if (scale[unit] === null) return [html("p", {}, "The number as it is in the table.")];
  if (scale[unit] === 0) return [html("p", {}, "The column is constant: its input is 0.")];
  const minus = `${center[unit] < 0 ? " + " : " − "}${short(Math.abs(center[unit]), 4)}`;
  const u = () => html("i", {}, "u");
  return [
    formula(html("i", {}, "x"), " = ", u(), " / √(1 + (", u(), " / 3)²)"),
    formula(u(), " = (", bdi(name), minus, ") · ", short(scale[unit], 4)),
    html("p", { class: "aside" }, "Minus the median of the training rows, times 1 / (their ",
      "interquartile range), or times 2 / (max − min) where that range is 0; outliers are clipped ",
      "smoothly, a missing value becomes 0.", ...ofLevel(name)),
  ];
}

/** What the number of a level is, from which its scale follows: 2 for one that few rows have. */
function ofLevel(name) {
  return name.includes("=") ? [" A level is 1 in its rows and 0 in others (of two levels, −1)."]
    : [];
}

/** What the target code of a level is. */
function targetCode(name) {
  const column = name.replace(/ target( \d+)?$/, "");
  return [html("p", {}, "A statistic of the target over the training rows that have the same ",
    bdi(column), ", for levels that share an output. In training, a row has the statistic of ",
    "other rows. A level that has an output of its own, or was not seen, has 0.")];
}

/** What a part of a date is: its name ends with what it is. */
function datePart(name) {
  const [, part, wave] = /: (year|hour|weekday=|day 28)(?: (sine|cosine))?/.exec(name) ?? [];
  const missing = html("p", { class: "aside" }, "A missing date becomes 0.");
  const wavelike = { sine: "sin", cosine: "cos" }[wave];
  if (part === "year") {
    const days = ` = ${wavelike}(2π · days since January 1, 2000 / 365.2425)`;
    return [formula(html("i", {}, "x"), days), missing];
  }
  if (part === "hour") {
    const hours = ` = ${wavelike}(2π · hours since midnight / 24)`;
    return [formula(html("i", {}, "x"), hours), missing];
  }
  const size = part === "weekday=" ? "1.664" : "1";
  return [html("p", {}, `${size} on such a day, else 0.`), missing];
}

/** How a number is also encoded in bins. */
function binsFormula({ encoding, inputs }, name, bins) {
  const { center, scale, low, high } = encoding;
  const share = (what) => [symbol("t", "k"), "(", what, ")"];
  const v = () => html("i", {}, "v");
  const times = scale[bins[0]] === 1 ? "" : `${short(scale[bins[0]], 4)} · `;
  const ends = bins.map((bin, k) =>
    term(`${k + 1}:`, bdi(`${short(low[bin], 6)} to ${short(high[bin], 6)}`)));
  return [
    html("p", {}, `It is also encoded in ${whole(bins.length)} bins. Bin k reaches from `,
      symbol("l", "k"), " to ", symbol("h", "k"), ":"),
    formula(symbol("x", "k"), ` = ${times}(`, ...share(bdi(name)), " − ",
      ...share(short(center[bins[0]], 4)), ")"),
    formula(...share(v()), " = (", v(), " − ", symbol("l", "k"), ") / (", symbol("h", "k"), " − ",
      symbol("l", "k"), "), clipped to between 0 and 1"),
    html("p", { class: "aside" }, "How far the number has come through the bin, measured from the ",
      "median of the training rows; a missing value becomes 0."),
    listed("Bins", [], ends),
  ];
}

function sumFormula(network, layer, unit) {
  const last = network.sizes.length - 1;
  const number = layer === last ? "" : String(network.units[layer][unit] + 1);
  const before = layer === 1 ? "x" : "a";
  const z = symbol("z", number);
  const symbols = [
    formula(z, " = Σ", html("sub", {}, "i"), " ", symbol("w", number ? `${number}, i` : "i"), " ",
      symbol(before, "i"), " + ", symbol("b", number)),
  ];
  if (layer === last) {
    symbols.push(formula("p(", bdi(network.logit_of), ") = 1 / (1 + e",
      html("sup", {}, "−z"), ")"));
  } else {
    const value = VALUES[network.activations[layer - 1]](symbol("z", number));
    symbols.push(formula(symbol("a", number), " = ", ...value));
  }
  return [...symbols, terms(network, layer, unit, number), ...leads(network, layer, unit)];
}

/** The sum with its numbers: columns in table order, units with the largest weight first. */
function terms(network, layer, unit, number) {
  const weights = network.weights[layer - 1][unit];
  const size = (i) => Math.abs(weights[i]);
  const order = layer === 1 ? network.columns.parts.flat()
    : weights.map((_, i) => i).sort((a, b) => size(b) - size(a));
  const more = network.sizes[layer - 1] - weights.length;
  const named = (i) => bdi(unitName(network, layer - 1, i));
  const rows = order.map((i) => term(signed(weights[i]), "· ", named(i)));
  if (more > 0) rows.push(term("…", `${whole(more)} more terms, not in this file`));
  rows.push(term(signed(network.biases[layer - 1][unit]), "(bias)"));
  const caption = html("caption", {}, html("i", {}, "z"), html("sub", {}, number), " =");
  const all = weights.length + more;
  const sum = `The sum of ${whole(all)} ${all === 1 ? "term" : "terms"} and the bias, `;
  const some = more > 0 ? `of which ${whole(weights.length)} are shown, ` : "";
  const first = layer === 1 ? "in the order of the table" : "the largest weight first";
  const count = `${sum}${some}${first}.`;
  return html("div", {}, listed(`z${number} in numbers`, [caption], rows),
    html("p", { class: "aside" }, count));
}

/** Rows in a scrolling box. */
function listed(label, caption, rows) {
  const region = { class: "terms scroll", tabindex: 0, role: "region", "aria-label": label };
  return html("div", region, html("table", {}, ...caption, html("tbody", {}, ...rows)));
}

function term(weight, ...words) {
  return html("tr", {}, html("td", {}, weight), html("th", { scope: "row" }, ...words));
}

function leads(network, layer, unit) {
  const next = network.weights[layer];
  if (!next || next.length !== 1) return [];
  const to = unitName(network, layer + 1, 0);
  const words = `Its value goes to the ${to}, weight ${signed(next[0][unit])}.`;
  return [html("p", { class: "aside" }, words)];
}

/**
 * The text for one weight, or for those of a number and its bins.
 * @param {Network} network
 * @param {{layer: number, from: number, to: number, weight: number}} edge layer: where it ends
 * @returns {HTMLElement[]}
 */
export function edgeFormula(network, { layer, from, to, weight }) {
  const { names, parts } = network.columns;
  const start = layer === 1 ? names[from] : unitName(network, layer - 1, from);
  const end = unitName(network, layer, to);
  const head = html("h3", {}, bdi(start), " → ", bdi(end));
  const value = () => html("i", {}, layer === 1 ? "x" : "a");
  if (layer === 1 && parts[from].length > 1) {
    const weights = network.weights[0][to];
    const rows = parts[from].map((i) => term(signed(weights[i]), "· ", bdi(network.inputs[i])));
    return [head,
      html("p", {}, `${whole(rows.length)} weights, of which the line shows the largest, `,
        `${signed(weight)}:`),
      listed("Weights of the column", [], rows)];
  }
  return [
    head,
    formula(html("i", {}, "w"), ` = ${signed(weight)}`),
    html("p", {}, "Adds ", html("i", {}, "w"), " · ", value(), " = ", signed(weight), " · ",
      value(), " to the sum of ", bdi(end), "."),
  ];
}
