// The network drawing: units, weights as lines, and formulas on demand.

import { fitted, html, responsive, svg, textWidth } from "./dom.js";
import { edgeFormula, unitFormula, unitName } from "./unit_formula.js";
import { whole } from "./numbers.js";

const MOST_LINES = 3000;
const GAP = 26; // pixels from unit to unit: each is a target of its own
const GAP_ON_PAPER = 15;
const LINE = 17; // from one line of words to the next
const NARROW = 560;
const RADIUS = 6;

/**
 * @typedef {object} Edge
 * @property {number} layer where it ends
 * @property {number} from
 * @property {number} to
 * @property {number} weight
 * @property {number} size of the weight, relative to the largest of its layer
 * @property {SVGElement} [line]
 * @typedef {object} Spot
 * @property {number} layer
 * @property {number} unit
 * @property {number} x
 * @property {number} y
 * @property {SVGElement} [mark]
 */

/**
 * The network as it is drawn, with columns as inputs.
 * @param {Network} network see unit_formula.js
 * @returns {Network}
 */
function byColumn(network) {
  const { names, weights, total } = network.columns;
  const units = names.map((_, column) => column);
  return {
    ...network,
    inputs: names,
    sizes: [total, ...network.sizes.slice(1)],
    units: [units, ...network.units.slice(1)],
    weights: [weights, ...network.weights.slice(1)],
  };
}

/**
 * Draw a network, and describe the unit or weight under the pointer.
 * @param {HTMLElement} box
 * @param {HTMLElement} readout
 * @param {Network} network see unit_formula.js
 */
export function networkPicture(box, readout, network) {
  const output = network.sizes.length - 1;
  const state = { all: false, layer: output, unit: 0 };
  const say = (nodes) => readout.replaceChildren(...nodes);
  const drawn = byColumn(network);
  const drawAgain = responsive(box, (width, onPaper) => {
    const shown = shownUnits(drawn, state.all);
    const view = layout(drawn, shown, width, onPaper ? GAP_ON_PAPER : GAP, network.sizes[0]);
    const edges = strongestEdges(drawn, shown);
    const picture = paint(drawn, view, edges);
    interact(picture, network, view, edges, state, say);
    const toggle = toggler(drawn, shown, state, () => drawAgain());
    return html("div", {}, picture, key(drawn, edges, network.sizes[0]), toggle);
  });
  say(unitFormula(network, output, 0));
}

/** The units to draw in each layer, from top to bottom. */
function shownUnits(network, all) {
  const last = network.sizes.length - 1;
  return network.units.map((units, layer) => {
    const kept = all ? units.map((_, unit) => unit) : [...network.first[layer]];
    if (layer === last - 1 && layer > 0 && network.sizes[last] === 1) {
      // Units that raise the output come first, those that lower it last.
      const outgoing = network.weights[last - 1][0];
      kept.sort((a, b) => outgoing[b] - outgoing[a]);
    }
    return kept;
  });
}

/** The positions of the units. */
function layout(network, shown, width, apart, nInputs) {
  const names = shown[0].map((unit) => unitName(network, 0, unit));
  const narrow = width < NARROW;
  const last = shown.length - 1;
  const room = Math.min(Math.max(...names.map((each) => textWidth(each, 13))) + 4, width * 0.36);
  const answer = Math.max(...outputWords(network).map((each) => textWidth(each, 13))) + 6;
  const answerRoom = narrow ? 0 : Math.min(answer, width * 0.24);
  const left = room + 18;
  const right = width - answerRoom - (narrow ? 14 : 18);
  const places = shown.map((_, layer) => left + ((right - left) * layer) / last);
  const heads = stacked(headWords(network, shown, narrow, nInputs), places, width);
  const feet = stacked(footWords(network, shown), places, width);
  const most = Math.max(...shown.map((units) => units.length)) * apart;
  const head = 6 + LINE * heads.rows;
  const spots = shown.map((units, layer) => {
    const gap = Math.min(most / units.length, 2.2 * apart);
    const top = head + (most - gap * units.length) / 2;
    return units.map((unit, i) => ({ layer, unit, x: places[layer], y: top + gap * (i + 0.5) }));
  });
  return { spots, room, answerRoom, heads, feet, bottom: head + most, width };
}

/** Labels above or below the layers, on several lines if they would overlap. */
function stacked(words, places, width) {
  const ends = [];
  const placed = [];
  words.forEach((text, layer) => {
    if (!text) return;
    const half = Math.min(textWidth(text, 13), width) / 2;
    const x = Math.min(Math.max(places[layer], half), width - half);
    const free = ends.findIndex((end) => end + 10 < x - half);
    const row = free < 0 ? ends.length : free;
    ends[row] = x + half;
    placed.push({ text: fitted(text, width, 13), x, row });
  });
  return { words: placed, rows: ends.length };
}

/** The name above each layer. */
function headWords(network, shown, narrow, nInputs) {
  const last = shown.length - 1;
  return shown.map((_, layer) => {
    const size = whole(network.sizes[layer]);
    if (layer === 0) return `${whole(nInputs)} inputs${cut(network, nInputs) ? ", by column" : ""}`;
    if (layer < last) return `${size} ${network.activations[layer - 1]}`;
    return narrow ? outputWords(network).join(" ") : "output";
  });
}

/** Whether a column stands for several inputs. */
function cut(network, nInputs) {
  return network.sizes[0] < nInputs;
}

/** The number of units that are not drawn, below each layer. */
function footWords(network, shown) {
  return shown.map((units, layer) => {
    const hidden = network.sizes[layer] - units.length;
    return hidden ? `${whole(hidden)} more` : "";
  });
}

function outputWords(network) {
  return ["log-odds of", network.logit_of];
}

/** The largest weights between the shown units, relative to the largest of their layer. */
function strongestEdges(network, shown) {
  const edges = [];
  for (let layer = 1; layer < shown.length; layer += 1) {
    for (const to of shown[layer]) {
      for (const from of shown[layer - 1]) {
        edges.push({ layer, from, to, weight: network.weights[layer - 1][to][from] });
      }
    }
  }
  const largest = largestOf(edges);
  for (const edge of edges) edge.size = Math.abs(edge.weight) / largest[edge.layer];
  edges.sort((a, b) => b.size - a.size);
  return edges.slice(0, MOST_LINES);
}

/** The largest weight into each layer. */
function largestOf(edges) {
  const largest = [];
  for (const { layer, weight } of edges) {
    largest[layer] = Math.max(largest[layer] ?? 0, Math.abs(weight));
  }
  return largest.map((size) => size || 1);
}

/** A curve that starts and ends horizontally. */
function curve(a, b) {
  const middle = (a.x + b.x) / 2;
  const [from, to] = [a.y.toFixed(1), b.y.toFixed(1)];
  return `M${a.x} ${from}C${middle} ${from} ${middle} ${to} ${b.x} ${to}`;
}

/** A line for a weight of that size; dashed where the weight is below 0. */
function weightLine(size, above, d) {
  return svg("path", {
    d,
    class: above ? "edge plus" : "edge minus",
    "stroke-width": (0.3 + 4.7 * size ** 1.5).toFixed(2),
    "stroke-opacity": (0.06 + 0.94 * size ** 1.5).toFixed(3),
    "stroke-dasharray": above ? null : "5 2.5",
  });
}

function paint(network, view, edges) {
  const { spots, room, bottom, feet, width } = view;
  const height = bottom + 10 + LINE * feet.rows;
  const find = spots.map((layer) => new Map(layer.map((spot) => [spot.unit, spot])));
  const lines = svg("g", { class: "edges", "aria-hidden": "true" });
  for (const edge of [...edges].reverse()) {
    const d = curve(find[edge.layer - 1].get(edge.from), find[edge.layer].get(edge.to));
    edge.line = weightLine(edge.size, edge.weight >= 0, d);
    lines.append(edge.line);
  }
  const words = svg("g", { class: "ticks", "aria-hidden": "true" });
  for (const { unit, x, y } of spots[0]) {
    const name = fitted(unitName(network, 0, unit), room, 13);
    words.append(svg("text", { x: x - 16, y, dy: "0.35em", "text-anchor": "end" }, name));
  }
  words.append(...answerText(network, view), ...layerWords(view));
  const units = svg("g", { class: "units" });
  units.append(...spots.flat().map((spot) => unitMark(network, spot)));
  return svg("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, class: "chart net", role: "listbox",
    "aria-label": "The network. Arrow keys move from unit to unit; its formula is read out.",
  }, lines, words, units);
}

function unitMark(network, spot) {
  const { layer, unit, x, y } = spot;
  spot.mark = svg("g", {
    id: `unit-${layer}-${unit}`, class: "unit", role: "option", tabindex: "-1",
    "aria-label": unitName(network, layer, unit), "aria-selected": "false",
    transform: `translate(${x} ${y.toFixed(1)})`,
  }, svg("circle", { r: 12, class: "target" }), svg("circle", { r: RADIUS, class: "disc" }));
  return spot.mark;
}

/** The meaning of the output, beside it if there is room. */
function answerText(network, { spots, answerRoom }) {
  const [{ x, y }] = spots.at(-1);
  if (!answerRoom) return [];
  return outputWords(network).map((line, i) => svg("text",
    { x: x + 16, y: y + LINE * (i - 0.5), dy: "0.35em" }, fitted(line, answerRoom, 13)));
}

function layerWords({ heads, feet, bottom }) {
  const place = { "text-anchor": "middle", class: "quantity" };
  return [
    ...heads.words.map(({ text, x, row }) =>
      svg("text", { ...place, x, y: 14 + LINE * row }, text)),
    ...feet.words.map(({ text, x, row }) =>
      svg("text", { ...place, x, y: bottom + 16 + LINE * row }, text)),
  ];
}

/** The legend. */
function key(network, edges, nInputs) {
  const sample = (size, above) => {
    const box = svg("svg", { viewBox: "0 0 44 14", width: 44, height: 14, "aria-hidden": "true" });
    box.append(weightLine(size, above, "M2 7H42"));
    return box;
  };
  const drawn = network.sizes.slice(1).reduce((n, size, l) => n + size * network.sizes[l], 0);
  const items = [
    html("li", {}, sample(1, false), "below 0"),
    html("li", {}, sample(0.5, false)),
    html("li", {}, sample(0.5, true)),
    html("li", {}, sample(1, true), "above 0"),
    html("li", {}, "width and strength of colour: size of the weight, relative to the largest of "
      + "its layer"),
  ];
  items.push(html("li", { class: "screen" },
    "point at a unit or a line, or press Tab and the arrow keys, to read its formula"));
  if (cut(network, nInputs)) {
    items.push(html("li", {}, "the line of a column with several inputs is the largest weight"));
  }
  if (edges.length < drawn) {
    items.push(html("li", {}, `${whole(edges.length)} of ${whole(drawn)} lines drawn`));
  }
  return html("ul", { class: "legend" }, ...items);
}

function toggler(network, shown, state, redraw) {
  const inFile = network.units.reduce((n, units) => n + units.length, 0);
  const now = shown.reduce((n, units) => n + units.length, 0);
  if (!state.all && now === inFile) return null;
  const words = state.all ? "Show fewer units" : `Show all ${whole(inFile)} units`
    + (network.sizes.some((size, l) => size > network.units[l].length) ? " in this file" : "");
  const button = html("button", { type: "button", id: "network-all" }, words);
  button.addEventListener("click", () => {
    state.all = !state.all;
    redraw();
  });
  return button;
}

function interact(picture, network, view, edges, state, say) {
  const { spots } = view;
  const flat = spots.flat();
  const isHome = (spot) => spot.layer === state.layer && spot.unit === state.unit;
  const home = flat.find(isHome) ?? spots.at(-1)[0];
  home.mark.setAttribute("tabindex", "0");
  let lit = null;

  const light = (test) => {
    picture.classList.toggle("lit", test !== null);
    if (test) for (const edge of edges) edge.line.classList.toggle("on", test(edge));
  };
  const chooseUnit = (spot) => {
    if (lit === spot) return;
    lit = spot;
    for (const each of flat) {
      each.mark.setAttribute("tabindex", each === spot ? "0" : "-1");
      each.mark.setAttribute("aria-selected", String(each === spot));
    }
    Object.assign(state, { layer: spot.layer, unit: spot.unit });
    light((e) => (e.layer === spot.layer && e.to === spot.unit)
      || (e.layer === spot.layer + 1 && e.from === spot.unit));
    say(unitFormula(network, spot.layer, spot.unit));
  };
  const chooseEdge = (edge) => {
    if (lit === edge) return;
    lit = edge;
    light((each) => each === edge);
    say(edgeFormula(network, edge));
  };
  const rest = () => {
    lit = null;
    light(null);
  };
  const point = (event) => {
    const found = nearest(picture, view, edges, event);
    if (found?.mark) chooseUnit(found);
    else if (found?.line) chooseEdge(found);
  };
  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("pointerleave", rest);
  for (const spot of flat) {
    spot.mark.addEventListener("focus", () => chooseUnit(spot));
    spot.mark.addEventListener("blur", rest);
  }
  picture.addEventListener("keydown", (event) => {
    const here = flat.find((spot) => spot.mark === document.activeElement);
    const next = here && neighbour(spots, here, event.key);
    if (!next) return;
    event.preventDefault();
    next.mark.focus();
  });
}

/** The unit in the direction of an arrow key. */
function neighbour(spots, here, key) {
  const layer = spots[here.layer];
  const place = layer.indexOf(here);
  const closest = (others) => others?.reduce((best, each) =>
    Math.abs(each.y - here.y) < Math.abs(best.y - here.y) ? each : best);
  switch (key) {
    case "ArrowUp": return layer[place - 1];
    case "ArrowDown": return layer[place + 1];
    case "ArrowLeft": return closest(spots[here.layer - 1]);
    case "ArrowRight": return closest(spots[here.layer + 1]);
    case "Home": return layer[0];
    case "End": return layer.at(-1);
    default: return undefined;
  }
}

/** The unit under the pointer, or the nearest line if one is close. */
function nearest(picture, { spots }, edges, event) {
  const box = picture.getBoundingClientRect();
  const x = ((event.clientX - box.left) * picture.viewBox.baseVal.width) / box.width;
  const y = ((event.clientY - box.top) * picture.viewBox.baseVal.height) / box.height;
  const unit = spots.flat().find((spot) => Math.hypot(spot.x - x, spot.y - y) <= GAP / 2);
  if (unit) return unit;
  const layer = spots.findIndex((column) => column[0].x > x);
  if (layer < 1) return null;
  const rise = riseAt((x - spots[layer - 1][0].x) / (spots[layer][0].x - spots[layer - 1][0].x));
  const height = spots.map((column) => new Map(column.map((spot) => [spot.unit, spot.y])));
  let best = null;
  let least = 6;
  for (const edge of edges) {
    if (edge.layer !== layer) continue;
    const [from, to] = [height[layer - 1].get(edge.from), height[layer].get(edge.to)];
    const distance = Math.abs(from + (to - from) * rise - y);
    // If lines cross here, take the strongest: edges are in that order.
    if (distance < least - 1) [best, least] = [edge, distance];
  }
  return best;
}

/** How far a `curve` has risen at a share of its way across. */
function riseAt(share) {
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i += 1) {
    const t = (low + high) / 2;
    // x(t) of a cubic whose inner points are in the middle.
    if (1.5 * t * (1 - t) + t ** 3 < share) low = t;
    else high = t;
  }
  return low * low * (3 - 2 * low);
}
