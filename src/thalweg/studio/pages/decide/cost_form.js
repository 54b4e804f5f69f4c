// What mistakes cost: the threshold at which they cost the least, and the model that has it.

import { html } from "/draw/dom.js";
import { amount, short, trimmed } from "/draw/numbers.js";
import { errorBox } from "../table/error_box.js";
import { selecting } from "./fit_list.js";

const PAUSE = 150; // milliseconds from the last letter to the question

/** A cost as it is written; NaN for what is none. */
const costOf = (text) => (text.trim() === "" ? NaN : Number(text.trim().replace(",", ".")));
/** As thalweg.wording.cost: "9.99", "1,000,000". */
const told = (cost) => amount(cost, 15);
const isCost = (x) => x > 0 && Number.isFinite(x);

/**
 * @param {HTMLElement} root
 * @param {{decide: (rule: object) => void, useThreshold: (rule: object) => void,
 *   moveTo: (threshold: number) => void}} acts moveTo moves the slider, if there is one
 * @returns {{update: (state: object, names: string[]) => void, slid: (threshold: number|null) => void}}
 */
export function makeCostForm(root, { decide, useThreshold, moveTo }) {
  const missed = field("cost-missed");
  const alarm = field("cost-alarm");
  const said = html("p", { class: "said", role: "status", id: "cost-said" });
  const trouble = html("div", {});
  const use = html("button", { type: "submit", class: "main", id: "use-threshold" });
  const [missedName, alarmName] = [html("bdi", {}), html("bdi", {})];
  const form = html("form", { class: "cost-form", "aria-label": "What mistakes cost" },
    html("p", { class: "field" }, html("label", { for: "cost-missed" }, "Cost of a missed ", missedName), missed),
    html("p", { class: "field" }, html("label", { for: "cost-alarm" }, "Cost of a false alarm (called ", alarmName,
      ")"), alarm),
    said, trouble, html("p", {}, use));
  let [rule, timer, shownError, own] = [null, 0, null, null];
  root.replaceChildren(html("h2", {}, "Threshold by costs"), form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (rule) useThreshold(rule);
  });
  for (const each of [missed, alarm]) each.addEventListener("input", written);

  function written() {
    clearTimeout(timer);
    const [a, b] = [costOf(missed.value), costOf(alarm.value)];
    const right = [a, b].every(isCost);
    for (const [node, said] of [[missed, a], [alarm, b]]) {
      node.setAttribute("aria-invalid", String(node.value.trim() !== "" && !isCost(said)));
    }
    rule = right ? { missed: a, alarm: b } : null;
    if (!right) {
      tell(missed.value.trim() && alarm.value.trim() ? "Both costs are numbers above 0." : "");
      return;
    }
    timer = setTimeout(() => {
      decide(rule);
      moveTo(1 / (1 + a / b));
    }, PAUSE);
  }

  function tell(words) {
    if (said.textContent !== words) said.textContent = words;
  }

  return {
    update({ decision, busy, troubles, connection, facts }, [positive]) {
      if (own !== facts) {
        own = facts;
        const from = facts.document.result.model.threshold_from ?? {};
        const isSaid = from.by === "costs";
        [missed.value, alarm.value] = isSaid ? [from.missed, from.alarm].map(String) : ["", ""];
        rule = null;
        tell(`The model calls ${positive} above ${trimmed(facts.document.result.model.threshold, 4)}`
          + `${isSaid ? `: a missed one costs ${told(from.missed)}, a false alarm ${told(from.alarm)}` : ""}.`);
      }
      missedName.textContent = positive;
      alarmName.textContent = positive;
      if (decision && decision.rule === rule) tell(decision.document.result.sentence);
      const error = troubles.decision ?? troubles.threshold ?? null;
      if (error !== shownError) {
        shownError = error;
        trouble.replaceChildren(...(error ? [errorBox(error)] : []));
      }
      use.textContent = busy.threshold ?? "Use this threshold";
      use.disabled = !rule || Boolean(busy.threshold) || connection.state !== "open";
    },
    /** The slider was moved: what it says as costs. */
    slid(threshold, steps) {
      const k = Math.round(threshold * steps);
      if (rule && Math.round(steps / (1 + rule.missed / rule.alarm)) === k) return;
      if (k <= 0 || k >= steps) {
        rule = null;
        tell(`At ${trimmed(threshold)} all rows would be called alike: it is no threshold to keep.`);
      } else {
        rule = { missed: steps - k, alarm: k };
        [missed.value, alarm.value] = [String(steps - k), String(k)];
        for (const each of [missed, alarm]) each.setAttribute("aria-invalid", "false");
        tell(`Threshold ${trimmed(threshold)}: a missed one costs ${short((steps - k) / k, 3)} false alarms.`);
      }
    },
  };
}

function field(id) {
  return selecting(html("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", maxlength: "20",
    "aria-describedby": "cost-said" }));
}
