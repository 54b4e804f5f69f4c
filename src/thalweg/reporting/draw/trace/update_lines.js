// The update of the weight of the chain rule, spelled out: every quantity of the rule's formula.

import { html } from "../dom.js";
import { short } from "../numbers.js";
import { lowered } from "./amounts.js";

/** The first step of the update rule, and what comes of it. */
export function updateNode({ update, chain, copies }, scene) {
  const of = `${chain.input ? "W" : "b"}${lowered(chain.layer)}[${chain.unit}${chain.input
    ? `,${chain.input}` : ""}]`;
  const { layer: l, units, input } = scene.subject;
  const other = `W${lowered(l)}[${units[l] + 1},${(l === 1 ? input : units[l - 1]) + 1}]`;
  if (chain.input && other !== of) return otherWeight(of, other, scene, copies);
  const head = html("h3", {}, `The update of ${of}`);
  const [step, after] = update.steps;
  if (!step) return html("div", {}, head, html("p", {}, update.why_not
    || "The first step gives numbers that are not finite."));
  const rows = [...step.in_full, ...step.to_weight].map(({ name: quantity, formula, value }) =>
    html("tr", {}, html("th", { scope: "row" }, quantity), html("td", {},
      formula === "the gradient" ? `∂Loss/∂${of}` : formula),
    html("td", { class: "number" }, short(value, 5))));
  const scaled = step.to_weight.some((each) => each.name === "s after")
    ? ` ${of} is V · s, where s is the scale of its input: the rule moves V and s.` : "";
  const rate = short(update.rate * update.factor, 3);
  const rule = update.rule === "sgd" ? "gradient descent (sgd)" : update.rule;
  const next = after ? ` With all weights moved like this, the loss goes from ${short(step.loss, 5)} to ${
    short(after.loss, 5)}.` : "";
  const note = scene.isChanged ? " This is for the row and the weights as they were traced." : "";
  return html("div", {}, head,
    html("p", {}, `The first step of ${rule} at the learning rate η = ${rate}, from an empty memory: ${
      short(step.theta, 5)} becomes ${short(step.moved, 5)}.${scaled}${next}${note}`),
    html("table", {}, html("tbody", {}, ...rows)));
}

/** Of one weight the update is spelled out; for another one, what spells out that. */
function otherWeight(of, name, { pressChain }, copies) {
  const there = html("button", { type: "button" }, `Back to ${of}`);
  there.addEventListener("click", pressChain);
  return html("div", {}, html("h3", {}, `The update of ${name}`),
    html("p", {}, `This page spells out the update of ${of} alone.${copies.command
      ? ` "Copy as command" below makes the page of ${name}.` : ""}`), html("p", {}, there));
}
