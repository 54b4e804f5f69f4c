// The threshold slider, with the confusion matrix, the ROC curve and the scores that follow it.

import { benefitPicture, costField, rug } from "./decide_costs.js";
import { byId, html, responsive, svg } from "./dom.js";
import { judgedShares } from "./judged_shares.js";
import { LOOKS, legend, line, marker, swatch } from "./series_marks.js";
import { fixed, trimmed, whole } from "./numbers.js";
import { frame, linear, squareRoot } from "./scale.js";

/**
 * @typedef {object} Curves counts from thalweg.evaluation.judging.threshold_curves
 * @property {number} n_positive
 * @property {number} n_negative
 * @property {number} steps
 * @property {number[]} true_positive rows above the threshold k / steps
 * @property {number[]} false_positive
 * @property {{true_positive: number[], false_positive: number[]}} roc
 * @property {{positive: number[], negative: number[]}} histogram
 * @typedef {object} Counts
 * @property {number} threshold
 * @property {number} true_positive
 * @property {number} false_negative
 * @property {number} false_positive
 * @property {number} true_negative
 */

/**
 * The four counts at a step of the grid, or at the model's own threshold, which may be between.
 * @param {Curves} curves
 * @param {{threshold: number, confusion: Counts}} judged
 * @param {number|null} step null: the model's own threshold
 * @returns {Counts}
 */
export function countsAt(curves, judged, step) {
  if (step === null) return { threshold: judged.threshold, ...judged.confusion };
  const [found, alarms] = [curves.true_positive[step], curves.false_positive[step]];
  return {
    threshold: step / curves.steps,
    true_positive: found,
    false_negative: curves.n_positive - found,
    false_positive: alarms,
    true_negative: curves.n_negative - alarms,
  };
}

/**
 * Connect the slider with the three pictures.
 * @param {Curves} curves
 * @param {object} verdict
 * @param {object|null} sections net benefit, and the thresholds of the folds, if there are any
 * @param {object} [judged] the evaluation that the curves are of, if it is not that of the verdict
 * @param {object} [ppv] its share of positive rows among those called so, if that is known
 * @returns {object} set and watch, of the threshold; null is the model's own
 */
export function decide(curves, verdict, sections, judged = verdict.network, ppv = undefined) {
  const names = [verdict.positive, verdict.negative];
  const slider = byId("threshold");
  const own = countsAt(curves, judged, null);
  let now = own;
  const shares = judgedShares(own, { ...judged.metrics, ppv });
  const followers = [showMatrix(shares), showWords(names, shares, Boolean(curves.effective))];
  const show = (step) => {
    now = countsAt(curves, judged, step);
    const said = trimmed(now.threshold);
    slider.value = Math.round(now.threshold * curves.steps);
    slider.setAttribute("aria-valuetext", said);
    byId("threshold-shown").textContent = said;
    for (const follower of followers) follower(now);
    changed(step === null ? null : now.threshold);
  };
  let changed = () => {};
  const go = (step) => show(Math.min(curves.steps, Math.max(0, step)));
  const keys = (event) => {
    const here = Math.round(now.threshold * curves.steps);
    const far = curves.steps / (event.shiftKey ? 1000 : 100);
    const moves = {
      ArrowRight: here + far, ArrowUp: here + far, ArrowLeft: here - far, ArrowDown: here - far,
      PageUp: here + 10 * far, PageDown: here - 10 * far, Home: 0, End: curves.steps,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key]);
  };
  slider.addEventListener("keydown", keys);
  slider.addEventListener("input", () => go(Number(slider.value)));
  byId("threshold-own").addEventListener("click", () => show(null));
  const decided = document.getElementById("threshold-now");
  decided?.addEventListener("click", () =>
    go(Math.round(Number(decided.dataset.threshold) * curves.steps)));
  const model = verdict.subject ?? "network";
  const context = { curves, names, own, model, keys, go, current: () => now };
  if (curves.n_positive && curves.n_negative) {
    responsive(byId("roc-picture"), (width) => rocPicture(context, width, followers), 328);
  }
  responsive(byId("scores-picture"), (width, onPaper) =>
    scoresPicture(context, width, onPaper, followers));
  if (sections) showWorth(context, verdict, sections, followers);
  show(null);
  return {
    set: (share) => (share === null ? show(null) : go(Math.round(share * curves.steps))),
    watch: (act) => { changed = act; },
  };
}

/** The field of costs, the thresholds of the folds, and net benefit. */
function showWorth(context, verdict, sections, followers) {
  const { curves, go } = context;
  followers[4] = costField(go, curves.steps);
  const { spread } = sections;
  if (spread) responsive(byId("rug"), (width) => rug(spread, width));
  if (!sections.benefit) return;
  const told = { ...context, n: curves.n_positive + curves.n_negative,
    simpler: sections.simpler };
  responsive(byId("benefit-picture"), (width, onPaper) => {
    const { node, chart, back, follow } = benefitPicture(sections.benefit, told, width, onPaper);
    handle(chart, "benefit-chart", context, "Threshold, on the curve of net benefit", back);
    join(followers, 5, (counts) => {
      follow(counts);
      tell(chart, counts, context.names);
    }, context.current());
    return node;
  });
}

/** Keep one follower for each picture: a redrawn one replaces the old. */
function join(followers, place, follower, now) {
  followers[place] = follower;
  follower(now);
}

function showMatrix(shares) {
  const partner = {
    true_positive: "false_negative", false_negative: "true_positive",
    false_positive: "true_negative", true_negative: "false_positive",
  };
  return (counts) => {
    for (const key of Object.keys(partner)) {
      document.querySelector(`[data-count="${key}"]`).textContent = whole(counts[key]);
      const total = counts[key] + counts[partner[key]];
      const share = document.querySelector(`[data-share="${key}"]`);
      share.style.width = `${total ? (100 * counts[key]) / total : 0}%`;
    }
    const rates = shares(counts);
    for (const key of ["sensitivity", "specificity", "accuracy"]) {
      const { value, low, high } = rates[key];
      const interval = ` [${fixed(low, 3)}, ${fixed(high, 3)}]`;
      document.querySelector(`[data-rate="${key}"]`).replaceChildren(
        ...(Number.isNaN(value) ? [html("span", { class: "soft" }, "undefined")]
          : [html("b", {}, fixed(value, 3)), html("span", { class: "soft" }, interval)]));
    }
  };
}

// The fewest rows of which a share is said as a number in a hundred.
const FEWEST = 10;

function showWords([positive, negative], shares, weighted) {
  const plain = [positive, negative].every((word) => /^\p{L}{3,}$/u.test(word));
  const name = (word) => html("bdi", {}, plain ? word : `"${word}"`);
  const [p, n] = [() => name(positive), () => name(negative)];
  const rows = (count) => rowsOf(count, weighted);
  return (counts) => {
    const { true_positive: found, false_negative: missed, false_positive: alarms } = counts;
    const [all, called] = [found + missed, found + alarms];
    const total = all + alarms + counts.true_negative;
    const { ppv, sensitivity } = shares(counts);
    byId("confusion-finding").replaceChildren(
      `At ${trimmed(counts.threshold)}, found: ${whole(found)} of ${whole(all)} `, p(),
      `; false alarms: ${whole(alarms)} of ${whole(alarms + counts.true_negative)} `, n(),
      ...(weighted ? [" (sums of weights)"] : []),
    );
    const right = ["where such rows are as common as here: ", `${inAHundred(all, total)} in 100. `];
    const said = ppv.rows < FEWEST
      ? [`Only ${rows(called)} called `, p(), ` and ${whole(found)} of them ${are(found)} `, p(),
        `: too few to say more than ${ends(ppv)} in 100, `, ...right]
      : ["Of 100 rows called ", p(), `, ${inAHundred(found, called)} are `, p(),
        ` (95 % interval: ${ends(ppv)}), `, ...right];
    const few = sensitivity.rows < FEWEST;
    const caught = few
      ? [`Of ${rows(all).replace(/ (is|are)$/, "")} that ${are(all)} `, p(), `, ${whole(found)} `,
        `${are(found)} found: too few to say more than ${ends(sensitivity)} `,
        "in 100."]
      : ["Of 100 ", p(), ` rows, ${inAHundred(found, all)} are found `,
        `(95 % interval: ${ends(sensitivity)}).`];
    byId("confusion-said").replaceChildren(
      ...(called ? said : ["No row is called ", p(), ". "]), ...(all ? caught : []));
  };
}

function are(n) {
  return n === 1 ? "is" : "are";
}

function rowsOf(n, weighted) {
  if (weighted) return `rows of weight ${whole(n)} are`;
  return `${whole(n)} ${n === 1 ? "row is" : "rows are"}`;
}

/** The ends of a share's interval in a hundred, rounded outwards. */
function ends({ low, high }) {
  const [from, to] = [Math.floor(100 * low + 1e-9), Math.ceil(100 * high - 1e-9)];
  return `${from} to ${to}`;
}

/** A share in words, which are never rounded to all or nothing. */
function inAHundred(part, total) {
  const rounded = Math.round((100 * part) / total);
  if (rounded === 100 && part < total) return "more than 99";
  if (rounded === 0 && part > 0) return "less than 1";
  return `about ${rounded}`;
}

/** Let a picture also move the threshold. */
function handle(chart, id, { keys, go, curves }, label, backToShare) {
  chart.id = id;
  chart.setAttribute("tabindex", "0");
  chart.setAttribute("role", "slider");
  chart.setAttribute("aria-label", label);
  chart.setAttribute("aria-valuemin", "0");
  chart.setAttribute("aria-valuemax", "1");
  chart.addEventListener("keydown", keys);
  const drag = (event) => {
    if (!backToShare || (event.type === "pointermove" && !event.buttons)) return;
    const box = chart.getBoundingClientRect();
    const pixel = ((event.clientX - box.left) * chart.viewBox.baseVal.width) / box.width;
    go(Math.round(backToShare(pixel) * curves.steps));
  };
  chart.addEventListener("pointerdown", drag);
  chart.addEventListener("pointermove", drag);
}

function rocPicture(context, width, followers) {
  const { curves, names, own } = context;
  const size = Math.min(width, 460);
  const drawn = frame({
    width: size,
    height: size,
    label: "",
    x: (range) => linear([0, 1], range),
    y: (range) => linear([0, 1], range),
    xTitle: "false positive rate (1 − specificity)",
    yTitle: "true positive rate (sensitivity)",
  });
  const { x, y, plot } = drawn;
  const at = (found, alarms) => [x.at(alarms / curves.n_negative), y.at(found / curves.n_positive)];
  const vertices = curves.roc.true_positive.map((tp, i) => at(tp, curves.roc.false_positive[i]));
  const moving = marker(LOOKS.orange, 0, 0, 5.5);
  plot.append(
    svg("path", { class: "chance", d: `M${x.at(0)} ${y.at(0)}L${x.at(1)} ${y.at(1)}` }),
    line(LOOKS.ink, vertices),
    marker(LOOKS.ink, ...at(own.true_positive, own.false_positive), 8.5, "hollow"),
    moving,
  );
  handle(drawn.svg, "roc-chart", context, "Threshold, on the ROC curve", null);
  join(followers, 2, (counts) => {
    const [px, py] = at(counts.true_positive, counts.false_positive);
    moving.setAttribute("transform", `translate(${px} ${py})`);
    tell(drawn.svg, counts, names);
  }, context.current());
  const key = legend([
    [swatch({ ...LOOKS.ink, marker: "none" }), context.model],
    [swatch(LOOKS.orange, true), "at this threshold"],
    [swatch({ ...LOOKS.ink, name: "ink hollow" }, true), "as evaluated"],
    [swatch({ name: "chance-key", dash: "2 4", marker: "none" }), "chance"],
  ]);
  return html("div", {}, key, drawn.svg);
}

function tell(chart, counts, [positive, negative]) {
  const said = trimmed(counts.threshold);
  chart.setAttribute("aria-valuenow", said);
  chart.setAttribute("aria-valuetext", `${said}: ${whole(counts.true_positive)} ${positive} found, `
    + `false alarms: ${whole(counts.false_positive)} ${negative}`);
}

function scoresPicture(context, width, onPaper, followers) {
  const { curves, names } = context;
  const { positive, negative } = curves.histogram;
  const most = Math.max(...positive, ...negative, 1);
  // Both classes start at one axis: the positive upwards, the negative downwards.
  const drawn = frame({
    width,
    height: onPaper ? 270 : Math.min(360, Math.max(280, width * 0.45)),
    label: "",
    x: (range) => linear([0, 1], range),
    y: (range) => mirrored(most, range),
    yText: (count) => whole(Math.abs(count)),
    xTitle: `score: probability of ${names[0]}`,
    yTitle: `${curves.effective ? "weight" : "rows"} in a bin (square-root scale)`,
  });
  const { x, y, plot, inner } = drawn;
  const wrong = [wrongSide("orange"), wrongSide("blue")];
  plot.append(...wrong.map(({ defs }) => defs));
  const numbers = [];
  [positive, negative].forEach((counts, side) => {
    const sign = side ? -1 : 1;
    const bars = counts.map((count, k) => {
      const [from, to] = [x.at(k / counts.length) + 1, x.at((k + 1) / counts.length) - 1];
      const ends = [y.at(0), y.at(sign * count)];
      return { count, from, to, top: Math.min(...ends), bottom: Math.max(...ends) };
    }).filter(({ count }) => count);
    plot.append(barGroup(bars, { class: `bar ${side ? "blue" : "orange"}` }));
    plot.append(barGroup(bars, { fill: wrong[side].fill, "clip-path": wrong[side].clip }));
    numbers.push(...bars.filter(({ from, to }) => to - from > 22).map((bar) => svg("text", {
      x: (bar.from + bar.to) / 2, y: sign > 0 ? bar.top - 5 : bar.bottom + 14,
      "text-anchor": "middle", class: "count",
    }, whole(bar.count))));
  });
  plot.append(svg("path", { class: "zero", d: `M${inner.left} ${y.at(0)}H${inner.right}` }));
  const cut = svg("path", { class: "threshold" });
  plot.append(cut, ...numbers); // a number covers the line, not the line a number
  handle(drawn.svg, "scores-chart", context, "Threshold, among the scores", (px) => x.back(px));
  join(followers, 3, (counts) => {
    cut.setAttribute("d", `M${x.at(counts.threshold)} ${inner.top - 4}V${inner.bottom}`);
    const at = x.at(counts.threshold);
    wrong[0].show(inner.left, at, inner);
    wrong[1].show(at, inner.right, inner);
    tell(drawn.svg, counts, names);
  }, context.current());
  const box = { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" };
  const field = (fill) =>
    svg("svg", box, svg("rect", { x: 1, y: 2, width: 14, height: 12, ...fill }));
  const key = legend([
    [field({ class: "bar orange" }), `${names[0]}, upwards`],
    [field({ class: "bar blue" }), `${names[1]}, downwards`],
    [field({ fill: wrong[0].fill }), "hatched: on the wrong side of the threshold"],
  ]);
  return html("div", {}, key, drawn.svg);
}

function barGroup(bars, attributes) {
  return svg("g", attributes, ...bars.map(({ from, to, top, bottom }) =>
    svg("rect", { x: from, width: to - from, y: top, height: bottom - top })));
}

/** A hatched fill, clipped to the side of the threshold on which a class is wrong. */
function wrongSide(colour) {
  const cut = svg("rect");
  const size = { width: 6, height: 6 };
  const hatch = { ...size, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const defs = svg("defs", {},
    svg("clipPath", { id: `wrong-${colour}` }, cut),
    svg("pattern", { id: `hatch-${colour}`, class: "hatch", ...hatch },
      svg("rect", { ...size, class: colour }), svg("path", { d: "M0 0V6" })));
  const show = (from, to, { top, bottom }) => {
    const box = { x: from, width: Math.max(0, to - from), y: top, height: bottom - top };
    for (const [name, value] of Object.entries(box)) cut.setAttribute(name, value);
  };
  return { defs, show, fill: `url(#hatch-${colour})`, clip: `url(#wrong-${colour})` };
}

/** Square roots of counts on either side of 0. */
function mirrored(most, [bottom, top]) {
  const middle = (bottom + top) / 2;
  const room = 20; // for the count at the end of the longest bar
  const side = squareRoot([0, most], [0, (bottom - top) / 2 - room]);
  return {
    at: (count) => middle - Math.sign(count) * side.at(Math.abs(count)),
    back: (pixel) => pixel,
    ticks: (count) => side.ticks(count).flatMap((v) => (v ? [v, -v] : [0])),
    text: (count) => whole(Math.abs(count)),
  };
}
