// Guesses before the answer: the gap between a guess and the truth, as a line or as a drawing.

import { html, svg } from "../dom.js";
import { short } from "../numbers.js";
import { medianOfDecades, measuredErrors, powerOfTen } from "./error_plot.js";

/**
 * A number line with the guess and the truth.
 * @param {number} guess
 * @param {number} truth
 * @param {string} [unit]
 * @returns {SVGElement}
 */
export function gapLine(guess, truth, unit = "") {
  const [width, height, edge] = [320, 58, 40];
  const [low, high] = [Math.min(guess, truth), Math.max(guess, truth)];
  const at = (value) => (high === low ? width / 2
    : edge + ((value - low) / (high - low)) * (width - 2 * edge));
  const [a, b] = [at(guess), at(truth)];
  const said = (value) => `${short(value, 4)}${unit}`;
  const side = (x) => (x < width / 3 ? "start" : x > (2 * width) / 3 ? "end" : "middle");
  const edged = (x) => ({ start: 8, end: width - 8, middle: x })[side(x)];
  const near = Math.abs(a - b) < 1;
  return svg("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, class: "plot gap", role: "img",
    "aria-label": `Your guess is ${said(guess)}, the truth ${said(truth)}`,
  },
  svg("path", { class: "gap-axis", d: `M8 30H${width - 8}` }),
  svg("path", { class: "gap-bar", d: `M${a} 30H${b}` }),
  svg("circle", { class: "dot first", cx: a, cy: 30, r: near ? 9 : 6 }),
  svg("circle", { class: "dot second", cx: b, cy: 30, r: 6 }),
  svg("text", { x: edged(a), y: 16, "text-anchor": side(a) }, `you: ${said(guess)}`),
  svg("text", { x: edged(b), y: 52, "text-anchor": side(b) }, `true: ${said(truth)}`));
}

const SHAPES_OF_ERROR = {
  "falls all the way": (e) => e - 0.3,
  "falls, then stays": (e) => Math.max(e, -8),
  "falls, then rises": (e) => Math.max(e, -15.5 - e),
  "rises all the way": (e) => -e - 16,
};

/**
 * Let a reader draw the error against h before it is shown, by hand or by one of four buttons.
 * @param {object} view from `derivativeView`
 * @param {{CURVES: object, finish: (text: string, say: string) => void}} context
 * @returns {{node: HTMLElement, show: () => void, leave: () => void}}
 */
export function drawnGuess(view, { curves, finish }) {
  const guess = Array.from({ length: 17 }, () => null);
  let last = null;
  const draw = (e, l) => {
    const decade = Math.min(16, Math.max(0, Math.round(e) + 16));
    const from = last === null || Math.abs(last - decade) > 4 ? decade : last;
    for (let i = Math.min(from, decade); i <= Math.max(from, decade); i += 1) guess[i] = l;
    last = decade;
    view.look({ guess });
  };
  const shapes = Object.entries(SHAPES_OF_ERROR).map(([words, error]) => {
    const button = html("button", { type: "button" }, words);
    button.addEventListener("click", () => {
      guess.forEach((_, i) => {
        guess[i] = error(i - 16);
      });
      view.look({ guess });
    });
    return button;
  });
  const reveal = html("button", { type: "button", class: "first-choice" }, "Show the differences");
  const said = html("p", { role: "status" });
  const node = html("div", {},
    html("p", { class: "note" }, "Draw with the finger or the mouse on the right picture, from right "
      + "to left. Or take one of these lines:"),
    html("div", { class: "group wrap" }, ...shapes), html("p", {}, reveal), said);
  reveal.addEventListener("click", () => {
    if (guess.every((each) => each === null)) {
      said.textContent = "Draw a line first, or take one of the four.";
      return;
    }
    said.textContent = "";
    view.look({ hidden: false, drawing: null, guess });
    const { fn, x, sides } = view.get();
    finish(...gapInWords(guess, medianOfDecades(measuredErrors(curves[fn], x, sides))));
  });
  return {
    node,
    show: () => view.look({ hidden: true, drawing: draw, guess }),
    leave: () => view.look({ hidden: false, drawing: null, guess: null }),
  };
}

/** How far a drawn line is from the medians of the decades. */
export function gapInWords(guess, truth) {
  const gaps = guess.flatMap((l, i) => (l === null || Number.isNaN(truth[i]) ? []
    : [{ e: i - 16, gap: l - truth[i] }]));
  if (!gaps.length) return ["a line", "There is no difference to compare in these decades."];
  const mean = gaps.reduce((sum, { gap }) => sum + Math.abs(gap), 0) / gaps.length;
  const worst = gaps.reduce((a, b) => (Math.abs(b.gap) > Math.abs(a.gap) ? b : a));
  const factor = (size) => (size < 3 ? short(10 ** size, 2) : powerOfTen(Math.round(size)));
  const side = worst.gap < 0 ? "below" : "above";
  return [
    `a line, off by a factor of ${factor(mean)} on average`,
    `Your line is off by a factor of ${factor(mean)} on average. At h = ${powerOfTen(worst.e)} it is `
      + `furthest off: ${side} the real error by a factor of ${factor(Math.abs(worst.gap))}.`,
  ];
}
