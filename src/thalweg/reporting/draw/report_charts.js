// The loss curves, and intervals of metrics side by side.

import { html, svg, textWidth } from "./dom.js";
import { LOOKS, legend, line, marker, swatch } from "./series_marks.js";
import { fixed, measured, short, ticks, whole } from "./numbers.js";
import { FONT, frame, linear, logarithmic } from "./scale.js";

// The words about the kept epoch stand above the grid, where no curve is.
const HEADROOM = 20;

/**
 * @typedef {object} Training
 * @property {{epoch: number[], train_loss: (number|null)[], valid_loss: (number|null)[]}} history
 * @property {number} best_epoch
 * @property {"epoch" | "iteration"} pass what the history counts
 * @property {string} stopping
 */

/**
 * Training and held-out loss by epoch, with the kept epoch marked; arrow keys read the epochs.
 * @param {Training} training
 * @param {number} width
 * @param {boolean} onPaper
 * @returns {HTMLElement}
 */
export function lossChart(training, width, onPaper) {
  const { epoch, train_loss: train, valid_loss: valid } = training.history;
  const heldOut = valid.some((loss) => loss !== null);
  const all = [...train, ...valid].filter((loss) => loss !== null && loss > 0);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const isLog = high > 5 * low;
  const quantity = training.unit ? `loss, ${training.unit}` : "loss";
  const ends = [Math.min(...epoch), Math.max(...epoch)];
  const drawn = frame({
    width,
    height: HEADROOM + (onPaper ? 215 : Math.min(340, Math.max(250, width * 0.55))),
    headroom: HEADROOM,
    label: lossSentence(training),
    x: (range) => {
      const wholeEpochs = (count) => ticks(...ends, count).filter(Number.isInteger);
      return { ...linear(ends, range), ticks: wholeEpochs };
    },
    y: (range) => (isLog ? logarithmic([low * 0.9, high * 1.1], range)
      : linear([0, high * 1.05], range)),
    xTitle: training.pass === "epoch" ? "epoch (one pass over the training rows)"
      : "iteration of L-BFGS",
    yTitle: `${quantity} a row${isLog ? " (logarithmic scale)" : ""}`,
  });
  const { x, y, inner, plot } = drawn;
  const series = [{ look: LOOKS.ink, values: train, text: "training, with penalty" }];
  if (heldOut) series.push({ look: LOOKS.blue, values: valid, text: "held out" });
  for (const { look, values } of series) {
    const points = values.map((v, i) => [x.at(epoch[i]), v === null ? NaN : y.at(v)]);
    const every = Math.max(1, Math.round((points.length * 70) / width));
    plot.append(line(look, points));
    points.forEach(([px, py], i) => {
      if (i % every === 0 && Number.isFinite(py)) plot.append(marker(look, px, py, 3.2));
    });
  }
  plot.append(bestMark(training, heldOut, drawn));
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  const cursor = svg("path", { class: "cursor" });
  plot.append(cursor);
  const read = (i) => {
    cursor.setAttribute("d", `M${x.at(epoch[i])} ${inner.top}V${inner.bottom}`);
    const said = series.filter(({ values }) => values[i] !== null)
      .map(({ text, values }) => `${text} ${short(values[i], 4)}`);
    const what = training.pass === "epoch" ? "Epoch" : "Iteration";
    reading.textContent = `${what} ${whole(epoch[i])}: ${said.join("; ")}.`;
  };
  readable(drawn.svg, epoch.map((e) => x.at(e)), epoch.indexOf(training.best_epoch), read);
  drawn.svg.id = "training-chart";
  const key = legend(series.map(({ look, text }) => [swatch(look), text]));
  return html("div", {}, key, drawn.svg, reading);
}

function lossSentence(training) {
  const i = training.history.epoch.indexOf(training.best_epoch);
  const valid = training.history.valid_loss[i];
  const loss = valid === null ? training.history.train_loss[i] : valid;
  const which = valid === null ? "training loss" : "held-out loss";
  const what = training.pass;
  return `Loss by ${what}. Kept: ${what} ${training.best_epoch}, ${which} ${short(loss, 4)}. `
    + `Left and right arrow keys read the ${what}s.`;
}

function bestMark(training, heldOut, { x, y, inner }) {
  const { epoch, train_loss: train, valid_loss: valid } = training.history;
  const i = epoch.indexOf(training.best_epoch);
  const watched = heldOut && valid[i] !== null ? valid[i] : train[i];
  const at = [x.at(epoch[i]), y.at(watched)];
  // Without held-out rows, the loss here is from before the epoch's steps, and chose nothing.
  // After training that went on, the last epoch is kept, whatever its loss.
  const chosen = inner.right - inner.left > 420 && !training.ended ? ", by the loss after it" : "";
  const by = heldOut ? `, ${short(watched, 4)}` : chosen;
  const words = `kept: ${training.pass} ${whole(epoch[i])}${by}`;
  const room = textWidth(words, FONT) + 10;
  const fits = at[0] - room > inner.left;
  const cut = !fits && at[0] + room > inner.right;
  return svg("g", { class: "best" },
    svg("path", { d: `M${at[0]} ${inner.top - HEADROOM + 4}V${inner.bottom}`, class: "best-line" }),
    marker({ ...LOOKS.orange }, at[0], at[1], 6),
    svg("text", {
      x: cut ? inner.right : at[0] + (fits ? -8 : 8),
      y: inner.top - 6,
      "text-anchor": fits || cut ? "end" : "start",
    }, words));
}

/**
 * Let pointer and arrow keys move along the values of a chart.
 * @param {SVGElement} chart
 * @param {number[]} places pixels of the values, increasing
 * @param {number} start where the keyboard begins
 * @param {(index: number) => void} read
 * @param {boolean} [down] whether the places are rows, from top to bottom
 */
export function readable(chart, places, start, read, down = false) {
  let here = start;
  const go = (index) => {
    here = Math.min(places.length - 1, Math.max(0, index));
    read(here);
  };
  chart.setAttribute("tabindex", "0");
  chart.addEventListener("keydown", (event) => {
    const far = event.shiftKey ? 10 : 1;
    const [on, back] = down ? ["ArrowDown", "ArrowUp"] : ["ArrowRight", "ArrowLeft"];
    const moves = { [on]: here + far, [back]: here - far, Home: 0, End: places.length };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key]);
  });
  chart.addEventListener("focus", () => { if (chart.matches(":focus-visible")) go(here); });
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const pixel = (down ? event.clientY - box.top : event.clientX - box.left)
      * (chart.viewBox.baseVal.width / box.width);
    let nearest = 0;
    places.forEach((place, i) => {
      if (Math.abs(place - pixel) < Math.abs(places[nearest] - pixel)) nearest = i;
    });
    go(nearest);
  });
}

const MODELS = [LOOKS.ink, LOOKS.blue, LOOKS.green, LOOKS.orange];

/**
 * Values with their intervals: one row for each metric, one mark for each model.
 * @param {object} spec
 * @param {Record<string, {metrics: Record<string, object>}>} spec.judged  the models, by name
 * @param {Record<string, string>} spec.metrics names by key
 * @param {string} spec.xTitle
 * @param {boolean} spec.shares the axis runs from 0 to 1
 * @param {number} width
 * @returns {SVGElement}
 */
export function intervalChart(spec, width) {
  const keys = Object.keys(spec.metrics);
  const models = Object.entries(spec.judged);
  const all = keys.flatMap((key) => models.flatMap(([, { metrics }]) =>
    ["value", "low", "high"].map((end) => measured(metrics[key][end]))));
  const most = spec.shares ? 1 : Math.max(1e-9, ...all.filter(Number.isFinite)) * 1.05;
  const band = 16 * models.length + 14;
  const named = keys.map((key) => spec.metrics[key]);
  const drawn = frame({
    width,
    height: keys.length * band + 56,
    label: `Values and intervals: ${named.join(", ")}. The table below has the numbers.`,
    x: (range) => linear([0, most], range),
    y: (range) => linear([0, keys.length], range),
    xTitle: spec.xTitle,
    yTitle: "",
    rows: named,
  });
  const { x, inner, plot } = drawn;
  keys.forEach((key, row) => {
    const top = inner.top + row * band;
    if (row) plot.append(svg("path", { class: "rule", d: `M0 ${top}H${inner.right}` }));
    plot.append(svg("text", { x: inner.left - 10, y: top + band / 2, dy: "0.35em",
      "text-anchor": "end", class: "row-name" }, spec.metrics[key]));
    models.forEach(([, { metrics }], i) => {
      const y = top + 7 + 16 * (i + 0.5);
      plot.append(interval(MODELS[i % MODELS.length], metrics[key], x, y, inner));
    });
  });
  return drawn.svg;
}

function interval(look, estimate, x, y, inner) {
  const [value, low, high] = ["value", "low", "high"].map((end) => measured(estimate[end]));
  const group = svg("g");
  if (Number.isNaN(value)) {
    group.append(svg("text", { x: inner.left + 6, y, dy: "0.35em", class: "aside" }, "undefined"));
    return group;
  }
  // A number may have no interval: the mean of one row.
  if (!Number.isNaN(low) && !Number.isNaN(high)) {
    const [from, to] = [low, high].map((end) => (Number.isFinite(end) ? x.at(end) : inner.right));
    group.append(svg("path", { class: `whisker ${look.name}`, d: `M${from} ${y}H${to}` }));
  }
  if (high === Infinity) {
    group.append(svg("text", { x: inner.right - 2, y: y - 5, "text-anchor": "end", class: "aside" },
      "to infinity"));
  }
  if (Number.isFinite(value)) group.append(marker(look, x.at(value), y, 4.5));
  group.append(svg("title", {}, `${fixed(value, 3)} [${fixed(low, 3)}, ${fixed(high, 3)}]`));
  return group;
}

/**
 * The legend of `intervalChart`.
 * @param {string[]} names of the models
 * @returns {HTMLElement}
 */
export function modelLegend(names) {
  return legend(names.map((name, i) => [swatch(MODELS[i % MODELS.length], true), name]));
}
