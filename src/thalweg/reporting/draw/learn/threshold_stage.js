// Rows on the scale of their probability with a line that can be moved, and the cost of a row.

import { html, responsive, svg } from "../dom.js";
import { short, whole } from "../numbers.js";

const ENDS = [-8, 8]; // log-odds
const TICKS = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999];

const logOdds = (p) => Math.log(p / (1 - p));
const inside = (z) => Math.min(ENDS[1], Math.max(ENDS[0], z));

/** How many rows are on which side of a line; a row is called positive strictly above it. */
export function countsAtLine({ p, positive }, line) {
  const counts = { found: 0, missed: 0, alarms: 0, cleared: 0 };
  p.forEach((each, i) => {
    const called = each > line;
    if (positive[i]) counts[called ? "found" : "missed"] += 1;
    else counts[called ? "alarms" : "cleared"] += 1;
  });
  return counts;
}

/**
 * @param {HTMLElement} root
 * @param {object} facts of the page
 * @param {number} first the threshold
 * @param {(thr: number) => void} changed
 */
export function thresholdStage(root, facts, first, changed) {
  const state = { thr: first, missed: 1, alarm: 1, costs: 0, rows: "choosing", curve: false, quiet: false,
    locked: false, squares: null };
  const box = html("div", { class: "picture" });
  const slider = html("input", { type: "range", id: "own-line", min: ENDS[0], max: ENDS[1], step: 0.02,
    "aria-label": "the line" });
  const output = html("output", { for: "own-line" });
  const said = html("p", { class: "say", role: "status", "aria-live": "polite" });
  const matrix = html("div");
  const more = html("div");
  root.append(html("h3"), box, html("div", { class: "controls" }, html("div", {
    class: "slider-of-h", "data-part": "line" }, html("label", { for: "own-line" }, "line"), slider, output)),
  said, matrix, more);
  const drawnAt = {};
  const redraw = responsive(box, (width) => {
    const made = picture(facts, state, width);
    drawnAt.back = made.back;
    return made.node;
  });
  const show = () => {
    redraw();
    slider.value = inside(logOdds(state.thr));
    slider.disabled = state.locked;
    output.textContent = short(state.thr, 3);
    slider.setAttribute("aria-valuetext", output.textContent);
    root.querySelector("h3").textContent = state.rows === "test"
      ? `The test set: ${whole(facts.test.p.length)} rows, opened`
      : `${whole(facts.choosing.p.length)} held-out rows`;
    said.textContent = sentence(facts, state);
    matrix.replaceChildren(confusionMatrix(facts, state));
    more.replaceChildren(...(state.squares === null ? [] : [hundred(state.squares)]));
  };
  const move = (z) => {
    if (state.locked) return;
    state.thr = Number((1 / (1 + Math.exp(-inside(z)))).toPrecision(4));
    show();
    changed(state.thr);
  };
  slider.addEventListener("input", () => move(Number(slider.value)));
  const drag = (event) => move(drawnAt.back(event.clientX - box.getBoundingClientRect().left));
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture(event.pointerId);
    drag(event);
  });
  box.addEventListener("pointermove", (event) => {
    if (event.buttons) drag(event);
  });
  show();
  return {
    state,
    set: (patch) => {
      Object.assign(state, patch);
      show();
    },
  };
}

function sentence({ positive, negative, ...facts }, { thr, missed, alarm, rows, quiet, curve }) {
  const counts = countsAtLine(facts[rows], thr);
  const all = [counts.missed + counts.found, counts.alarms + counts.cleared];
  const cost = curve && !quiet ? ` A row costs ${short((missed * counts.missed + alarm * counts.alarms)
    / (all[0] + all[1]), 3)} on average.` : "";
  return `Missed: ${whole(counts.missed)} of ${whole(all[0])} ${positive}. False alarms: ${
    whole(counts.alarms)} of ${whole(all[1])} ${negative}.${cost}`;
}

/** The confusion matrix at the line: a row for each true class, a column for each call. */
function confusionMatrix({ positive, negative, ...facts }, { thr, rows }) {
  const counts = countsAtLine(facts[rows], thr);
  const line = (name, cells) => html("tr", {}, html("th", { scope: "row" }, name),
    ...cells.map(([words, count, isWrong]) => html("td", { class: isWrong ? "called-wrong" : null },
      `${whole(count)} ${words}`)));
  return html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Confusion matrix" },
    html("table", { class: "calls" },
      html("caption", {}, "Confusion matrix: rows by their true class and by the call of the line"),
      html("thead", {}, html("tr", {}, html("td"),
        ...[positive, negative].map((name) => html("th", { scope: "col" }, `called ${name}`)))),
      html("tbody", {},
        line(`truly ${positive}`, [["found", counts.found], ["missed", counts.missed, true]]),
        line(`truly ${negative}`, [["false alarms", counts.alarms, true],
          ["cleared", counts.cleared]]))));
}

function picture(facts, state, width) {
  const curve = state.curve ? facts.curves[state.costs] : null;
  const height = curve ? 462 : 302;
  const [left, right] = [10, width - 10];
  const across = (z) => left + ((inside(z) - ENDS[0]) / (ENDS[1] - ENDS[0])) * (right - left);
  const back = (pixel) => ENDS[0] + ((pixel - left) / (right - left)) * (ENDS[1] - ENDS[0]);
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "plot line-plot",
    role: "img", "aria-label": "Rows by their probability, with the line, and the cost of a row" });
  const grid = svg("g", { class: "grid" });
  for (const p of TICKS) {
    const x = across(logOdds(p));
    grid.append(svg("path", { d: `M${x} 38V${height - 50}` }),
      svg("text", { x, y: height - 34, "text-anchor": "middle" }, String(p)));
  }
  grid.append(svg("text", { x: right, y: height - 19, "text-anchor": "end" },
    `probability of ${facts.positive} →`),
  svg("text", { x: left, y: 14 }, `↑ ${facts.positive}`),
  svg("text", { x: left, y: 248 }, `↓ ${facts.negative}`),
  svg("text", { x: right, y: 14, "text-anchor": "end" }, `blue area: called ${facts.positive}`),
  svg("text", { x: left, y: height - 4 }, beyond(facts[state.rows].p)));
  const { p, positive } = facts[state.rows];
  const cloud = (kind) => p.map((each, i) => {
    if (Boolean(positive[i]) !== (kind === "positive")) return "";
    const spread = ((i * 0.618034) % 1) * 88;
    const y = kind === "positive" ? 134 - spread : 144 + spread;
    return `M${across(logOdds(each)).toFixed(1)} ${y.toFixed(1)}h0`;
  }).join("");
  const x = across(logOdds(state.thr));
  node.append(svg("rect", { class: "called", x, y: 38, width: right - x, height: 196 }), grid,
    svg("path", { class: "zero-line", d: `M${left} 139H${right}` }),
    svg("path", { class: "cloud positive", d: cloud("positive") }),
    svg("path", { class: "cloud negative", d: cloud("negative") }));
  node.append(svg("path", { class: "cursor", d: `M${x} 20V${height - 50}` }));
  if (curve) {
    const frame = { top: 278, bottom: height - 56, right,
      own: state.rows === "test" ? "the rows that chose" : "these rows" };
    node.append(costPicture(facts.grid, curve, facts.lowest[state.costs], across, frame));
  }
  const words = `line at ${short(state.thr, 3)}`;
  const near = x > width / 2;
  node.append(svg("text", { class: "halo strong", x: x + (near ? -6 : 6), y: 31,
    "text-anchor": near ? "end" : "start" }, state.locked ? `${words}, locked` : words));
  return { node, back };
}

/** How many dots lie beyond the ends of the picture, and are drawn there. */
function beyond(p) {
  const n = p.filter((each) => inside(logOdds(each)) !== logOdds(each)).length;
  return n === 0 ? "" : n === 1 ? "The dot at the very edge lies beyond it."
    : `${whole(n)} dots at the very edge lie beyond it.`;
}

/** Costs with a mark, two at least: powers of ten, and where these are few, 2 and 5 times them. */
function costTicks(from, to) {
  const within = (digits) => Array.from({ length: Math.floor(to) - Math.floor(from) + 1 },
    (_, i) => digits.map((digit) => digit * 10 ** (Math.floor(from) + i))).flat()
    .filter((cost) => Math.log10(cost) >= from && Math.log10(cost) <= to);
  const found = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]].map(within);
  return found.find((each) => each.length > 2) ?? found.at(-1);
}

/** The mean cost of a row at each line, with its interval, on a log scale. */
function costPicture(grid, { value, low, high }, lowest, across, { top, bottom, right, own }) {
  const least = Math.max(Math.min(...low), Math.min(...value.filter((each) => each > 0)) / 10);
  const [from, to] = [Math.log10(least), Math.log10(Math.max(...value))];
  const floor = bottom - 24; // below it are the words of the lowest point
  const up = (cost) => floor
    - ((Math.log10(Math.max(cost, least)) - from) / (to - from || 1)) * (floor - top);
  const points = (values) => grid.map((p, i) =>
    `${across(logOdds(p)).toFixed(1)} ${Math.max(top, up(values[i])).toFixed(1)}`);
  const marks = svg("g", { class: "grid" });
  for (const cost of costTicks(from, to)) {
    marks.append(svg("path", { d: `M10 ${up(cost)}H${right}` }),
      svg("text", { class: "halo", x: right, y: up(cost) - 3, "text-anchor": "end" }, short(cost)));
  }
  const [x, y] = [across(logOdds(lowest.line)), up(lowest.cost)];
  const words = `cost ${short(lowest.cost, 3)}, the lowest${right < 600 ? "" : ` on ${own}`}`;
  const end = x > right / 2;
  // Below the curve, which has its lowest point here; only an interval may lie there.
  return svg("g", {}, marks,
    svg("path", { class: "cost-band", d: `M${points(high).join("L")}L${points(low).reverse().join("L")}Z` }),
    svg("path", { class: "cost-line", d: `M${points(value).join("L")}` }),
    svg("path", { class: "zero-line", d: `M10 ${bottom}H${right}` }),
    svg("circle", { class: "lowest", cx: x, cy: y, r: 4.5 }),
    svg("text", { class: "halo strong", x, y: y + 19, "text-anchor": end ? "end" : "start" }, words),
    svg("text", { class: "halo", x: 10, y: top - 8 }, `↑ mean cost of a row on ${own}, log scale`));
}

/** A hundred alarms, of which so many are right. */
function hundred(right) {
  const cells = Array.from({ length: 100 }, (_, i) => svg("rect", {
    class: i < Math.round(right) ? "alarm-right" : "alarm-wrong",
    x: (i % 20) * 16, y: Math.floor(i / 20) * 16, width: 13, height: 13,
  }));
  return html("figure", { class: "hundred" }, svg("svg", { viewBox: "0 0 320 80", width: 320, height: 80,
    role: "img", "aria-label": `Of 100 alarms ${Math.round(right)} are right` }, ...cells),
  html("figcaption", {}, `Of 100 alarms ${Math.round(right)} are right (filled), the others are false.`));
}
