// A guess on the sigmoid: a point that is moved up and down at Z₂, then the curve and the gap.

import { FORMULAS } from "../../formulas.js";
import { html, svg } from "../../dom.js";
import { short } from "../../numbers.js";

const HIGH = 236;
const TOP = 26;
const BOTTOM = HIGH - 34;

/** Ŷ for a height in the picture, as a share of it. */
export function guessAt(share) {
  return Math.min(1, Math.max(0, (BOTTOM - share * HIGH) / (BOTTOM - TOP)));
}

/** The picture. The curve is drawn once the truth is there. */
export function sigmoidPicture({ z, guess, truth }, width) {
  const reach = Math.max(6, Math.abs(z) * 1.25);
  const [left, right] = [34, width - 12];
  const X = (value) => left + ((value + reach) / (2 * reach)) * (right - left);
  const Y = (value) => BOTTOM - value * (BOTTOM - TOP);
  const word = (x, y, text, more = {}) => svg("text", { x, y, ...more }, text);
  const x = X(z);
  const side = z > 0 ? { x: x - 12, class: "note end" } : { x: x + 12, class: "note" };
  const other = z > 0 ? { x: x + 10, class: "value" } : { x: x - 10, class: "value end" };
  const parts = [0, 0.5, 1].flatMap((tick) => [
    svg("path", { class: "zero", d: `M${left} ${Y(tick)}H${right}` }),
    word(left - 6, Y(tick) + 4, String(tick), { class: "end" }),
  ]);
  if (truth !== null) {
    const points = Array.from({ length: 121 }, (_, i) => -reach + (i / 60) * reach);
    parts.push(svg("path", { class: "graph", d: `M${points.map((at) =>
      `${X(at).toFixed(1)} ${Y(FORMULAS.link(at)).toFixed(1)}`).join("L")}` }),
    svg("path", { class: "guess-gap", d: `M${x} ${Y(guess)}V${Y(truth)}` }));
  }
  parts.push(svg("path", { class: "drop", d: `M${x} ${TOP}V${BOTTOM}` }),
    svg("circle", { class: "spot", cx: x, cy: Y(guess), r: 7 }));
  const near = truth !== null && Math.abs(Y(truth) - Y(guess)) < 18;
  parts.push(word(side.x, Y(guess) + (near ? 20 : 4), `you: ${short(guess, 2)}`, { class: side.class }));
  if (truth !== null) {
    parts.push(svg("circle", { class: "true-spot", cx: x, cy: Y(truth), r: 5 }),
      word(side.x, Y(truth) + (near ? -8 : 4), `true: ${short(truth, 3)}`, { class: side.class }));
  }
  parts.push(word(2, 12, "↑ Ŷ"), word(other.x, BOTTOM + 28, `Z₂ = ${short(z, 4)}`,
    { class: z > 0 ? "value end" : "value" }));
  return svg("svg", { class: "lens", viewBox: `0 0 ${width} ${HIGH}`, width, height: HIGH, role: "img",
    "aria-label": truth === null ? `Ŷ from 0 to 1 at Z₂ = ${short(z, 4)}; your guess is ${short(guess, 2)}`
      : `The sigmoid: at Z₂ = ${short(z, 4)} it gives ${short(truth, 3)}; your guess was ${short(guess, 2)}` },
  ...parts);
}

/** The question: a slider, the point in the picture, and a button. */
export function sigmoidGuess({ stage, finish }) {
  const { z, yh } = { z: stage.state.pass.layers[1].Z[0], yh: stage.state.pass.Yh[0] };
  const own = { guess: 0.5, truth: null };
  const slider = html("input", { type: "range", id: "guess-yh", min: 0, max: 1, step: 0.01, value: 0.5 });
  const shown = html("output", { for: "guess-yh" }, "0.5");
  const draw = () => {
    slider.value = own.guess;
    shown.textContent = short(own.guess, 2);
    stage.set({ lenses: [() => (width) => sigmoidPicture({ z, ...own }, width)] });
  };
  const move = (value) => {
    own.guess = Math.round(value * 100) / 100;
    draw();
  };
  slider.addEventListener("input", () => move(Number(slider.value)));
  const here = html("button", { type: "button", class: "first-choice" }, "It comes out here");
  here.addEventListener("click", () => {
    own.truth = yh;
    stage.set({ drag: null });
    slider.disabled = true;
    here.disabled = true;
    finish(`Ŷ = ${short(own.guess, 2)}`, `You: ${short(own.guess, 2)}, true: ${short(yh, 3)}; the gap is ${
      short(Math.abs(own.guess - yh), 2)}.`);
    draw();
  });
  return {
    node: html("div", {}, html("p", { class: "control" },
      html("label", { for: "guess-yh" }, "Ŷ "), slider, " ", shown), html("p", {}, here)),
    show: () => queueMicrotask(() => {
      stage.set({ drag: (share) => move(guessAt(share)) });
      draw();
    }),
    leave: () => stage.set({ drag: null }),
  };
}
