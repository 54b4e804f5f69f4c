// The losses of runs by step, under the picture, with the same cursor.

import { html, svg } from "../dom.js";
import { apart, ticks, whole } from "../numbers.js";

const HIGH = 118;
const EDGE = { left: 46, right: 12, top: 8, bottom: 24 };

/**
 * A strip in a box.
 * @param {HTMLElement} box
 * @param {(step: number) => void} choose called when a reader points at a step
 * @returns {(state: object) => void} draws it
 */
export function makeStrip(box, choose) {
  let scale = null;
  const point = (event) => {
    if (!scale || (event.type === "pointermove" && !event.buttons)) return;
    const x = event.clientX - box.getBoundingClientRect().left;
    choose(Math.round(scale.last * Math.min(1, Math.max(0, (x - EDGE.left) / scale.wide))));
  };
  for (const kind of ["pointerdown", "pointermove"]) box.addEventListener(kind, point);
  let [drawn, key] = [null, ""];
  return (state) => {
    const { runs, shown, ink, step, last, focus } = state;
    box.hidden = !runs.length;
    if (!runs.length) return;
    const width = Math.max(200, box.clientWidth);
    const now = [state.number, width, last, focus, ink.dark, ...shown].join();
    if (now !== key) {
      key = now;
      scale = scaleOf(runs, width, last);
      drawn = drawStrip(scale, state, width);
      box.replaceChildren(drawn.svg);
    }
    const x = scale.x(step);
    drawn.cursor.setAttribute("d", `M${x} ${EDGE.top}V${HIGH - EDGE.bottom}`);
  };
}

function scaleOf(runs, width, last) {
  // A run that is lost must not crush the others.
  const calm = runs.filter((run) => !run.diverged);
  const losses = (calm.length ? calm : runs).flatMap((run) => Array.from(run.loss));
  const [low, high] = losses.reduce(([a, b], loss) => [Math.min(a, loss), Math.max(b, loss)],
    [Infinity, -Infinity]);
  const isLog = low > 0 && high > 1.5 * low;
  const up = isLog ? Math.log : (loss) => loss;
  const [from, to] = [up(low), up(high)];
  const [wide, tall] = [width - EDGE.left - EDGE.right, HIGH - EDGE.top - EDGE.bottom];
  return {
    last, wide, low, high, isLog,
    x: (step) => EDGE.left + (last ? wide * Math.min(1, step / last) : 0),
    y: (loss) => {
      const share = loss > 0 || !isLog ? (up(loss) - from) / (to - from || 1) : 0;
      return EDGE.top + tall * (1 - Math.min(1.05, Math.max(0, share)));
    },
  };
}

/** Losses of an axis: on a log scale round ones, few a decade. */
function marksOf({ low, high, isLog }) {
  if (!isLog) return ticks(low, high, 3);
  const decades = Math.log10(high / low);
  const found = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e += Math.ceil(decades / 4)) {
    for (const s of decades < 1.5 ? [1, 2, 5] : decades < 3 ? [1, 3] : [1]) found.push(s * 10 ** e);
  }
  const inside = found.map((each) => Number(each.toPrecision(2)))
    .filter((each) => each >= low && each <= high);
  return inside.length > 1 ? inside : ticks(low, high, 3);
}

function drawStrip(scale, { runs, shown, ink, last, focus, said }, width) {
  const grid = svg("g", { class: "grid" });
  const words = svg("g", { class: "words" });
  const marks = marksOf(scale);
  let before = Infinity;
  apart(marks).forEach((text, i) => {
    const y = scale.y(marks[i]);
    grid.append(svg("path", { d: `M${EDGE.left} ${y}H${width - EDGE.right}` }));
    if (before - y < 14) return;
    before = y;
    words.append(svg("text", { x: EDGE.left - 7, y, dy: "0.35em", "text-anchor": "end" }, text));
  });
  for (const step of ticks(0, last, Math.min(8, width / 110))) {
    if (!Number.isInteger(step)) continue;
    const at = { x: scale.x(step), y: HIGH - 9, "text-anchor": "middle" };
    if (scale.x(step) < width - 70) words.append(svg("text", at, whole(step)));
  }
  const name = `loss by step${scale.isLog ? ", log scale" : ""}`;
  const end = { x: width - EDGE.right, y: HIGH - 9, "text-anchor": "end" };
  words.append(svg("text", end, "step →"));
  const paths = svg("g", { class: "runs" });
  for (const run of runs.filter((each) => shown.has(each.look))) {
    const fades = focus !== null && focus !== run.look;
    paths.append(svg("path", {
      d: pathOf(run, scale), stroke: ink.colors(run.look), opacity: fades ? 0.35 : 1,
    }));
    if (run.diverged) {
      const k = run.loss.length - 1;
      const at = { x: scale.x(run.steps[k]), y: scale.y(run.loss[k]) + 4,
        fill: ink.colors(run.look), "text-anchor": "middle", class: "lost" };
      paths.append(svg("text", at, "✕"));
    }
  }
  const cursor = svg("path", { class: "cursor" });
  const label = `${name}: ${runs.map((run) => run.words).join(", ")}`;
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${HIGH}`, width, height: HIGH, role: "img",
    "aria-label": label });
  drawing.append(grid, words, paths, cursor);
  const caption = html("figcaption", {}, `↑ ${name}: ${said ?? (runs.every(isWhole) ? "true at every step" : "true at the recorded steps")}`);
  return { svg: html("figure", {}, caption, drawing), cursor };
}

/** Whether a run has a point at each of its steps: of a long one only some are recorded. */
const isWhole = ({ steps }) => steps[steps.length - 1] - steps[0] === steps.length - 1;

/**
 * A path through losses: at most the first, the lowest, the highest and the last point of each half
 * pixel.
 * @param {{steps: ArrayLike<number>, loss: ArrayLike<number>}} run
 * @param {{x: (step: number) => number, y: (loss: number) => number}} scale
 * @returns {string}
 */
export function pathOf({ steps, loss }, scale) {
  const found = [];
  let [column, group] = [-1, []];
  const flush = () => {
    const sorted = [...group].sort((a, b) => loss[a] - loss[b]);
    const kept = new Set([group[0], sorted[0], sorted[sorted.length - 1], group[group.length - 1]]);
    for (const k of [...kept].sort((a, b) => a - b)) {
      found.push(`${scale.x(steps[k]).toFixed(1)} ${scale.y(loss[k]).toFixed(1)}`);
    }
  };
  for (let k = 0; k < steps.length; k += 1) {
    const here = Math.floor(2 * scale.x(steps[k]));
    if (here !== column && group.length) {
      flush();
      group = [];
    }
    column = here;
    group.push(k);
  }
  flush();
  return `M${found.join("L")}`;
}
