// Whether predictions can be believed: calibration curves; what is not answered, and for whom.

import { area } from "./decide_costs.js";
import { fitted, html, svg, textWidth } from "./dom.js";
import { readable } from "./report_charts.js";
import { LOOKS, legend, line, marker, swatch } from "./series_marks.js";
import { fixed, measured, short, whole } from "./numbers.js";
import { FONT, frame, linear, squareRoot } from "./scale.js";

const STRIP = 64; // the histograms below a calibration curve, in pixels
const RING = 13; // the radius of the largest ring

/**
 * A calibration curve in the unit square.
 * @param {object} spec
 * @param {{low: number[], high: number[], observed: number[], n_rows: number[]}} spec.curve
 * @param {string} spec.name the class
 * @param {{positive: number[], negative: number[]}|null} spec.bars rows by probability
 * @param {boolean} spec.small one of several pictures
 * @param {number} width
 * @returns {SVGElement}
 */
export function calibrationChart({ curve, name, bars, small }, width) {
  const strip = bars ? STRIP : 0;
  const size = Math.min(width, small ? 300 : 460);
  const drawn = frame({
    width: size,
    height: size + strip,
    label: `Calibration of ${name}: ${curve.n_rows.length} steps. The table below has them.`,
    x: (range) => linear([0, 1], range),
    y: ([bottom, top]) => linear([0, 1], [bottom - strip, top]),
    xTitle: small ? "probability given" : `probability of ${name} that was given`,
    yTitle: small ? name : `share of ${name} among such rows`,
  });
  const { x, y, plot, inner } = drawn;
  const at = (list) => list.map((v, i) => [x.at(curve.band_at[i]), y.at(v)]);
  plot.append(area(at(curve.band_low), at(curve.band_high)));
  plot.append(svg("path", { class: "chance", d: `M${x.at(0)} ${y.at(0)}L${x.at(1)} ${y.at(1)}` }));
  const corners = curve.observed.flatMap((share, i) =>
    [[x.at(curve.low[i]), y.at(share)], [x.at(curve.high[i]), y.at(share)]]);
  plot.append(line(LOOKS.ink, corners));
  const most = Math.max(...curve.n_rows);
  curve.observed.forEach((share, i) => {
    const middle = ringPlace(curve, i);
    const r = Math.max(2, (small ? 0.7 : 1) * RING * Math.sqrt(curve.n_rows[i] / most));
    plot.append(svg("circle", { class: "ring", cx: x.at(middle), cy: y.at(share), r },
      svg("title", {}, `given ${fixed(curve.low[i], 3)} to ${fixed(curve.high[i], 3)}: `
        + `${short(curve.n_rows[i], 6)} rows, of which ${fixed(share, 3)}`)));
  });
  if (bars) plot.append(histogramStrip(bars, x, inner));
  return drawn.svg;
}

/**
 * About the mean probability of a step: of its rows the curve has every so many.
 * @param {object} curve
 * @param {number} i
 * @returns {number}
 */
function ringPlace({ low, high, band_at: at }, i) {
  const inside = at.filter((p) => p >= low[i] && p <= high[i]);
  if (!inside.length) return (low[i] + high[i]) / 2;
  return inside.reduce((sum, p) => sum + p, 0) / inside.length;
}

/** Rows of both classes by probability: positive upwards, negative downwards. */
function histogramStrip({ positive, negative }, x, { bottom, left, right }) {
  const middle = bottom - STRIP / 2 + 6;
  const side = squareRoot([0, Math.max(...positive, ...negative, 1)], [0, STRIP / 2 - 9]);
  const bar = (n, k, sign, of) => {
    const [from, height] = [x.at(k / of), side.at(n)];
    const wide = Math.max(1, x.at((k + 1) / of) - from - 1);
    return svg("rect", { x: from, width: wide, height, y: sign > 0 ? middle - height : middle });
  };
  const bars = (counts, sign, colour) => svg("g", { class: `bar ${colour}` },
    ...counts.map((n, k) => (n ? bar(n, k, sign, counts.length) : null)).filter(Boolean));
  return svg("g", {}, bars(positive, 1, "orange"), bars(negative, -1, "blue"),
    svg("path", { class: "zero", d: `M${left} ${middle}H${right}` }));
}

/**
 * The calibration of two classes with histograms, or of several classes as small pictures.
 * @param {{name: string, curve: object}[]} parts
 * @param {object|null} bars
 * @param {string[]} names positive and negative class, if there are two
 * @param {number} width
 * @returns {HTMLElement}
 */
export function calibrationPicture(parts, bars, names, width) {
  const small = parts.length > 1;
  const across = small ? Math.max(1, Math.min(3, Math.floor(width / 270))) : 1;
  const each = Math.floor((width - 24 * (across - 1)) / across);
  const entries = [
    [swatch({ ...LOOKS.ink, marker: "circle" }), "observed"],
    [swatch({ name: "chance-key", dash: "2 4", marker: "none" }), "calibrated"],
    [patch("band"), "calibrated answers, 95 %"],
  ];
  if (bars) {
    entries.push([patch("bar orange"), `${names[0]}, upwards (square-root scale)`],
      [patch("bar blue"), `${names[1]}, downwards`]);
  }
  return html("div", {}, legend(entries), html("div", { class: small ? "multiples" : "one" },
    ...parts.map((part) => calibrationChart({ ...part, bars, small }, each))));
}

function patch(look) {
  return svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    svg("rect", { x: 1, y: 2, width: 14, height: 12, class: look }));
}

/**
 * The share of wrong answers among the surest rows.
 * @param {{coverage: number[], risk: object[], answered: object, wrong: object}} spec
 * @param {number} width
 * @param {boolean} onPaper
 * @returns {HTMLElement}
 */
export function abstentionPicture(spec, width, onPaper) {
  const [value, low, high] = ["value", "low", "high"].map((end) =>
    spec.risk.map((risk) => measured(risk[end])));
  // The intervals of the few surest rows are so wide that they would hide the rest.
  const seen = [...value, ...high.slice(Math.floor(high.length / 4))].filter(Number.isFinite);
  const most = Math.min(1, Math.max(0.02, ...seen) * 1.1);
  const drawn = frame({
    width,
    height: onPaper ? 230 : Math.min(320, Math.max(240, width * 0.36)),
    label: "Share of wrong answers among the surest rows. Left and right arrow keys read it.",
    x: (range) => linear([0, 1], range),
    y: (range) => linear([0, most], range),
    xTitle: "share of rows answered, surest first",
    yTitle: "share of these answers that is wrong",
  });
  const { x, y, plot, inner } = drawn;
  const at = (list) => list.map((v, i) => [x.at(spec.coverage[i]), y.at(v)]);
  const inside = svg("clipPath", { id: "abstention-inside" }, svg("rect", {
    x: inner.left, y: inner.top, width: inner.right - inner.left, height: inner.bottom - inner.top,
  }));
  plot.append(inside, svg("g", { "clip-path": "url(#abstention-inside)" },
    area(at(low), at(high)), line(LOOKS.ink, at(value))));
  const [answered, wrong] = [measured(spec.answered.value), measured(spec.wrong.value)];
  if (Number.isFinite(wrong)) plot.append(marker(LOOKS.orange, x.at(answered), y.at(wrong), 6));
  const cursor = svg("path", { class: "cursor" });
  plot.append(cursor);
  const reading = html("p", { class: "reading", "aria-live": "polite" });
  readable(drawn.svg, spec.coverage.map((c) => x.at(c)), spec.coverage.length - 1, (i) => {
    cursor.setAttribute("d", `M${x.at(spec.coverage[i])} ${inner.top}V${inner.bottom}`);
    reading.textContent = `The surest ${fixed(100 * spec.coverage[i], 1)} %: wrong `
      + `${fixed(value[i], 3)} [${fixed(low[i], 3)}, ${fixed(high[i], 3)}].`;
  });
  drawn.svg.id = "abstention-chart";
  const key = legend([
    [swatch({ ...LOOKS.ink, marker: "none" }), "share wrong, with its 95 % band"],
    ...(Number.isFinite(wrong) ? [[swatch(LOOKS.orange, true), spec.priced]] : []),
  ]);
  return html("div", {}, key, drawn.svg, reading);
}

/**
 * Dots with intervals, one row for each name, and a line.
 * @param {object} spec
 * @param {{name: string, value: number|null, low: number|null, high: number|null,
 *   hollow?: boolean, differs?: boolean}[]} spec.rows
 * @param {number|null} spec.mark the place of the line
 * @param {string} spec.xTitle
 * @param {boolean} spec.shares the axis ends at 1
 * @param {number} width
 * @returns {SVGElement}
 */
export function dotStrip({ rows, mark, xTitle, shares }, width) {
  const ends = rows.flatMap((row) => ["value", "low", "high"].map((end) => measured(row[end])));
  const all = [...ends, measured(mark)].filter(Number.isFinite);
  const [least, most] = all.length ? [Math.min(...all), Math.max(...all)] : [0, 1];
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  const domain = shares ? [Math.max(0, Math.min(least - room, 0.999)), 1]
    : [least - room, most + room];
  // Where names do not fit beside the dots, they stand above them.
  const beside = Math.max(60, width * 0.34);
  const above = width < 480 && rows.some(({ name }) => textWidth(name, FONT) > beside);
  const names = rows.map(({ name }) => fitted(name, above ? width : beside, FONT));
  const step = above ? 42 : 24;
  const drawn = frame({
    width,
    height: rows.length * step + 62,
    label: `${xTitle}: ${rows.length} rows. The table below has the numbers.`,
    x: (range) => linear(domain, range),
    y: (range) => linear([0, 1], range),
    xTitle,
    yTitle: "",
    rows: above ? [] : names,
  });
  const { x, plot, inner } = drawn;
  if (Number.isFinite(measured(mark))) {
    // It never crosses a name that stands above its dot.
    const parts = above ? rows.map((_, i) => inner.top + step * (i + 0.72) + 3)
      .map((place) => [place - 11, Math.min(place + 13, inner.bottom)])
      : [[inner.top, inner.bottom]];
    plot.append(svg("path", { class: "level",
      d: parts.map(([from, to]) => `M${x.at(mark)} ${from}V${to}`).join("") }));
  }
  rows.forEach((row, i) => {
    const place = inner.top + step * (i + (above ? 0.72 : 0.5)) + 3;
    const at = above ? { x: 0, y: place - 20 }
      : { x: inner.left - 10, y: place, "text-anchor": "end" };
    plot.append(svg("text", { ...at, dy: "0.35em",
      class: row.hollow ? "aside" : "row-name" }, names[i]));
    plot.append(dot(row, x, place, inner));
  });
  return drawn.svg;
}

function dot(row, x, y, inner) {
  const [value, low, high] = ["value", "low", "high"].map((end) => measured(row[end]));
  const group = svg("g");
  if (Number.isNaN(value)) {
    group.append(svg("text", { x: inner.left + 6, y, dy: "0.35em", class: "aside" },
      row.hollow ? "too few" : "undefined"));
    return group;
  }
  const look = row.hollow ? "few" : row.differs ? "orange" : "ink";
  const clip = (v) => Math.min(inner.right, Math.max(inner.left, x.at(v)));
  if (!Number.isNaN(low) && !Number.isNaN(high)) { // else the mean of one row
    group.append(svg("path", { class: `whisker ${look}`, d: `M${clip(low)} ${y}H${clip(high)}` }));
  }
  if (row.hollow) group.append(svg("circle", { class: "few", cx: x.at(value), cy: y, r: 4.5 }));
  else group.append(marker(row.differs ? LOOKS.orange : LOOKS.ink, x.at(value), y, 4.5));
  group.append(svg("title", {}, `${row.name}: ${short(value, 4)} `
    + `[${short(low, 4)}, ${short(high, 4)}]${row.hollow ? ", too few rows to tell" : ""}`));
  return group;
}

/**
 * The coverage of sets or intervals, and for sets what they say.
 * @param {{nominal: number, rows: object[], words?: object[]}} spec
 * @param {number} width
 * @returns {HTMLElement}
 */
export function coveragePicture(spec, width) {
  const what = spec.words ? "share of its rows whose set holds it" : "share of true values inside";
  const strip = dotStrip({ rows: spec.rows, mark: spec.nominal, xTitle: what, shares: true },
    Math.min(width, 720));
  if (!spec.words) return html("div", {}, strip);
  return html("div", {}, wordsBar(spec.words, width), strip);
}

/** One bar of the words that sets say, with the words and their shares below it. */
function wordsBar(words, width) {
  const bar = { viewBox: `0 0 ${width} 40`, width, height: 40, role: "img", class: "chart" };
  const drawing = svg("svg", { ...bar, "aria-label": "What the sets say, as shares of the rows" });
  let from = 0;
  for (const { name, share, kind } of words) {
    const long = share * width;
    if (long > 0) {
      const box = { x: from, y: 2, width: Math.max(1, long - 1), height: 36 };
      drawing.append(svg("rect", { class: `word ${kind}`, ...box },
        svg("title", {}, `${name}: ${percent(share)}`)));
    }
    from += long;
  }
  return html("div", {}, legend(words.map(({ name, share, kind }) =>
    [patch(`word ${kind}`), `${name}: ${percent(share)}`])), drawing);
}

/** As `percent` of thalweg.reporting.page.sections.section_words. */
function percent(share) {
  const rounded = Number((100 * share).toPrecision(3));
  if (rounded === 100 && share < 1) return "more than 99.9\u00a0%";
  if (share > 0 && share < 0.001) return "less than 0.1\u00a0%";
  return `${rounded}\u00a0%`;
}

/**
 * The metrics in groups: a strip for each metric of each column.
 * @param {{column: string, metric: string, overall: number|null, rows: object[]}[]} strips
 * @param {number} width
 * @returns {HTMLElement}
 */
export function groupsPicture(strips, width) {
  const across = Math.max(1, Math.min(2, Math.floor(width / 420)));
  const each = Math.floor((width - 32 * (across - 1)) / across);
  const columns = [...new Set(strips.map(({ column }) => column))];
  const key = legend([
    [swatch(LOOKS.ink, true), "group"],
    [swatch(LOOKS.orange, true), "differs from the rest"],
    [svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
      svg("circle", { class: "few", cx: 8, cy: 8, r: 4.5 })), "too few rows to tell"],
    [svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
      svg("path", { class: "level", d: "M8 0V16" })), "all rows"],
  ]);
  return html("div", {}, key, ...columns.flatMap((column) => [
    html("h3", {}, html("bdi", {}, column)),
    html("div", { class: "multiples" }, ...strips.filter((strip) => strip.column === column)
      .map(({ rows, overall, metric, shares }) =>
        dotStrip({ rows, mark: overall, xTitle: metric, shares }, each))),
  ]));
}

const LARGEST = 460; // pixels of a confusion picture
// Below it; a phone has no room for the first one, and nothing is cut.
const CALLED = ["called (from left to right, as in truth from top to bottom)",
  "called, in the same order", "called"];

/**
 * True class against called class: each row of cells is shaded by its shares.
 * @param {{classes: string[], confusion: number[][]}} spec
 * @param {number} width
 * @returns {HTMLElement}
 */
export function confusionPicture({ classes, confusion }, width) {
  const n = classes.length;
  const names = classes.map((each) => fitted(each, Math.max(48, width * 0.28), FONT));
  const across = Math.min(width, LARGEST + 160);
  const drawn = frame({
    width: across,
    height: Math.min(LARGEST, Math.max(150, n * 56)) + 76,
    label: "Confusion matrix. Arrow keys read its cells; the table below has all counts.",
    x: (range) => ({ ...linear([0, n], range), ticks: () => [] }),
    y: (range) => linear([0, n], range),
    xTitle: CALLED.find((each) => textWidth(each, FONT) <= across - 14),
    yTitle: "in truth",
    headroom: 16,
    rows: names,
  });
  const { plot, inner } = drawn;
  const [wide, high] = [(inner.right - inner.left) / n, (inner.bottom - inner.top) / n];
  const focus = svg("rect", { class: "cell-focus", width: wide, height: high, display: "none" });
  const reading = html("p", { class: "reading", "aria-live": "polite" }, "");
  confusion.forEach((row, i) => {
    const all = row.reduce((sum, each) => sum + each, 0);
    const top = inner.top + i * high;
    if (high >= 11) {
      plot.append(svg("text", { x: inner.left - 10, y: top + high / 2, dy: "0.35em",
        "text-anchor": "end", class: "row-name" }, names[i]));
    }
    row.forEach((count, j) => {
      const share = all ? count / all : 0;
      const box = { x: inner.left + j * wide, y: top, width: wide - 1, height: high - 1 };
      plot.append(svg("rect", { class: `tile ${i === j ? "blue" : "orange"}`, ...box,
        "fill-opacity": fixed(0.75 * Math.sqrt(share), 3) }));
      if (wide >= 34 && high >= 16) {
        plot.append(svg("text", { class: "count", x: inner.left + (j + 0.5) * wide, dy: "0.35em",
          y: top + high / 2, "text-anchor": "middle" }, whole(count)));
      }
    });
  });
  if (names.every((each) => textWidth(each, FONT) < wide - 4)) {
    plot.append(...names.map((each, j) => svg("text", { x: inner.left + (j + 0.5) * wide,
      y: inner.top - 6, "text-anchor": "middle" }, each)));
  }
  plot.append(focus);
  let at = [0, 0];
  const go = (i, j) => {
    at = [i, j].map((each) => Math.min(n - 1, Math.max(0, each)));
    const [truth, called] = at;
    focus.setAttribute("display", "inline");
    focus.setAttribute("x", inner.left + called * wide);
    focus.setAttribute("y", inner.top + truth * high);
    const all = confusion[truth].reduce((sum, each) => sum + each, 0);
    reading.replaceChildren(`${whole(confusion[truth][called])} of ${whole(all)} rows of `,
      html("bdi", {}, classes[truth]), " are called ", html("bdi", {}, classes[called]), ".");
  };
  const chart = drawn.svg;
  chart.setAttribute("tabindex", "0");
  chart.id = "classes-chart";
  chart.addEventListener("keydown", (event) => {
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(at[0] + moves[event.key][0], at[1] + moves[event.key][1]);
  });
  chart.addEventListener("focus", () => { if (chart.matches(":focus-visible")) go(...at); });
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const scale = chart.viewBox.baseVal.width / box.width;
    const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    if (px < inner.left || py < inner.top || px > inner.right || py > inner.bottom) return;
    go(Math.floor((py - inner.top) / high), Math.floor((px - inner.left) / wide));
  });
  return html("div", {}, chart, reading);
}
