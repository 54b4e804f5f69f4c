// Lines of runs over steps: the loss, or the size of a gradient. The axes are drawn when they
// change, the lines with each new point, the cursor alone when it moves.

import { html, svg } from "/draw/dom.js";
import { short } from "/draw/numbers.js";
import { frame, linear, logarithmic } from "/draw/scale.js";
import { marker } from "/draw/series_marks.js";
import { pathOf } from "/draw/stage/strip.js";
import { drawnOf, placeAt } from "./curves.js";
import { lookOf } from "./run_looks.js";

/**
 * @typedef {object} Line
 * @property {string} key of its own
 * @property {number} look
 * @property {import("./curves.js").Series} series
 * @property {boolean} thin a line of rows that are held out
 * @property {boolean} lost whether its run diverged where it ends
 * @property {"full"|"pale"} tone
 * @property {number|null} best the step of a ring
 */

const [LEAST_HIGH, ROUND] = [1e-12, [1, 2, 5, 10]];
const MOST_RISE = 30; // times the loss at the start

/**
 * @param {HTMLElement} box
 * @param {{quantity: string, high: number, wide: number, choose: (step: number, ends: boolean) => void}}
 *   spec quantity: what is drawn, with its unit; high: pixels; wide: the least width
 * @returns {{draw: (scene: {lines: Line[], last: number, step: number, label: string}) => void,
 *   destroy: () => void}}
 */
export function makeCurveChart(box, { quantity, high, wide, choose }) {
  let [shown, drawn, key] = [null, null, ""];
  // To ask a box for its width among drawings would lay the page out again and again.
  let room = 0;
  const watch = new ResizeObserver(([{ contentRect }]) => {
    room = Math.floor(contentRect.width);
    if (shown) draw(shown);
  });

  function point(event) {
    if (!drawn || (event.type === "pointermove" && !event.buttons)) return;
    const x = event.clientX - box.getBoundingClientRect().left;
    const step = Math.round(drawn.frame.x.back(x));
    choose(Math.min(shown.made, Math.max(0, step)), event.type === "pointerup");
  }

  function draw(scene) {
    shown = scene;
    if (!room) room = Math.floor(box.clientWidth);
    const width = Math.max(wide, room);
    const axis = axisOf(scene.lines);
    const now = [width, scene.last, ...axis.domain, axis.isLog, axis.isCut].join();
    if (now !== key || !drawn) {
      key = now;
      drawn = axes(axis, scene, width);
      box.replaceChildren(drawn.frame.svg);
    }
    drawn.frame.svg.setAttribute("aria-label", scene.label);
    drawLines(drawn, scene);
    const { x, inner } = drawn.frame;
    drawn.cursor.setAttribute("d", `M${x.at(Math.min(scene.step, scene.last)).toFixed(1)} ${inner.top}V${inner.bottom}`);
  }

  function axes({ domain, isLog, isCut }, { last, label }, width) {
    const made = frame({ width, height: high, label,
      x: (range) => linear([0, last], range),
      y: (range) => (isLog ? logarithmic : linear)(domain, range),
      xTitle: "step →", yTitle: `↑ ${quantity}${isLog ? ", log scale" : ""}${isCut ? `, cut above ${short(domain[1])}` : ""}`,
      yText: (value) => short(value) });
    const cursor = svg("path", { class: "cursor" });
    const lines = svg("g", {});
    made.plot.append(lines, cursor);
    return { frame: made, lines, cursor, known: new Map() };
  }

  for (const kind of ["pointerdown", "pointermove", "pointerup"]) box.addEventListener(kind, point);
  watch.observe(box);
  return {
    draw,
    destroy() {
      watch.disconnect();
      for (const kind of ["pointerdown", "pointermove", "pointerup"]) box.removeEventListener(kind, point);
      box.replaceChildren();
    },
  };
}

/**
 * The numbers of the axis, round ones. A run that is lost must not crush the others: what is very
 * much higher than where the runs began is cut.
 */
function axisOf(lines) {
  let [low, high, first] = [Infinity, -Infinity, 0];
  for (const { series } of lines) {
    first = Math.max(first, series.values[0] ?? 0);
    for (const value of drawnOf(series).values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const top = MOST_RISE * first;
  const isCut = first > 0 && high > top;
  return { ...roundAxis(low, isCut ? top : high), isCut };
}

function roundAxis(low, high) {
  if (!(low <= high)) return { domain: [0.1, 1], isLog: true };
  if (low > LEAST_HIGH) return { domain: [roundBelow(low), roundAbove(Math.max(high, 1.2 * low))], isLog: true };
  return { domain: [Math.min(0, low), high > low ? high : low + 1], isLog: false };
}

function roundBelow(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [...ROUND].reverse().find((each) => each * power <= value * (1 + 1e-9));
}

function roundAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (ROUND.find((each) => each * power >= value * (1 - 1e-9)) ?? 10);
}

function drawLines({ frame: { x, y, inner }, lines, known }, scene) {
  const scale = { x: (step) => x.at(step),
    y: (value) => Math.max(inner.top - 6, Math.min(inner.bottom, value > 0 || y.at(value) < Infinity
      ? y.at(value) : inner.bottom)) };
  const wanted = new Set(scene.lines.map(({ key }) => key));
  for (const [key, node] of known) {
    if (!wanted.has(key)) {
      node.remove();
      known.delete(key);
    }
  }
  for (const line of scene.lines) {
    let node = known.get(line.key);
    if (!node) {
      const look = lookOf(line.look);
      node = svg("g", { class: `of-run ${look.name}` },
        svg("path", { class: "line", "stroke-dasharray": look.dash || null }), svg("g", {}));
      known.set(line.key, node);
      lines.append(node);
    }
    node.setAttribute("class", `of-run ${lookOf(line.look).name} ${line.thin ? "thin" : "thick"} ${line.tone}`);
    drawLine(node, line, scale, scene.step);
  }
}

function drawLine(node, line, scale, step) {
  const { steps, values } = drawnOf(line.series);
  const [path, marks] = node.children;
  const k = placeAt(line.series, step);
  path.setAttribute("d", steps.length ? pathOf({ steps, loss: values }, scale) : "");
  const n = steps.length - 1;
  const at = (i, series) => [scale.x(series.steps[i]), scale.y(series.values[i])];
  const found = [];
  if (k >= 0) found.push(marker(lookOf(line.look), ...at(k, line.series), line.thin ? 3.4 : 4.4));
  if (line.best !== null) {
    const [x, y] = at(placeAt(line.series, line.best), line.series);
    found.push(svg("circle", { class: "best", cx: x, cy: y, r: 8 }));
  }
  if (line.lost && n >= 0) {
    const [x, y] = at(n, { steps, values });
    found.push(svg("path", { class: "lost", d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` }));
  }
  marks.replaceChildren(...found);
}

/** The caption above charts of that kind. */
export const chartCaption = (words) => html("figcaption", {}, words);
