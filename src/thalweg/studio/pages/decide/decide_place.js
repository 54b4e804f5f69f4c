// The place Decide: the open model, its threshold, how it was judged, a row, and what is taken away.

import { html } from "/draw/dom.js";
import { trimmed } from "/draw/numbers.js";
import { errorBox } from "../table/error_box.js";
import { makeCostForm } from "./cost_form.js";
import { button, makeFitList, makeModelList } from "./fit_list.js";
import { isLocked, makeJudged } from "./judged.js";
import { built } from "./pieces.js";
import { makeRowForm, makeRowPanel } from "./row_panel.js";
import { makeTakeAway } from "./take_away.js";

/**
 * @param {HTMLElement} root
 * @param {object} acts
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeDecidePlace(root, acts) {
  const title = html("h1", { tabindex: "-1" });
  const subtitle = html("p", { class: "subtitle" });
  const opinion = html("div", { class: "judged" });
  const [costBox, rowBox, takeBox] = [html("section", {}), html("section", {}), html("section", {})];
  const [panelBox, judgedBox, searchBox] = [html("div", {}), html("div", {}), html("div", {})];
  const running = html("ul", { class: "fits" });
  const kept = html("ul", { class: "earlier" });
  const train = button("Train the model again", acts.fit, { id: "train-again" });
  const trainTrouble = html("div", {});
  const models = html("details", { class: "kept-models", id: "kept-models" }, html("summary", {}, "Models"),
    kept, html("p", {}, train), running, trainTrouble);
  const target = html("select", { id: "of-target", "data-asks": true });
  const targetBox = html("section", {}, html("p", { class: "field" }, html("label", { for: "of-target" }, "Target"), target,
    html("small", {}, "One of several that this model predicts. Predictions have all of them.")));
  target.addEventListener("change", () => acts.lookAt(target.value));
  const left = html("aside", { class: "left", "aria-label": "What is set" }, targetBox, costBox, rowBox, takeBox, models);
  const middle = html("div", { class: "middle" }, title, subtitle, opinion, panelBox, judgedBox, searchBox);
  root.replaceChildren(html("div", { class: "decide-desk" }, left, middle));

  // The marks of a report's pictures have names that pictures of other places have, too.
  const sheets = [...document.querySelectorAll("link[data-place=decide]")];
  for (const sheet of sheets) sheet.media = "all";

  let state = null;
  const judged = makeJudged(judgedBox, { ...acts, slid: (...at) => costs.slid(...at), redraw: () => update(state) });
  const costs = makeCostForm(costBox, { ...acts, moveTo: judged.moveTo });
  const rowForm = makeRowForm(rowBox, acts);
  const panel = makeRowPanel(panelBox, acts);
  const takeAway = makeTakeAway(takeBox, acts);
  const fitList = makeFitList(running, acts);
  const modelList = makeModelList(kept, acts);
  let [shown, error] = [null, null];

  function head(facts) {
    const { page, file, name, choices, search, document: { result } } = facts;
    const isOpen = page && !isLocked(facts);
    // The headline counts at the threshold of the evaluation, which may not be the model's any more.
    const isOwn = isOpen && !(page.curves && result.model.threshold !== page.verdict.network.threshold);
    title.replaceChildren(...(isOwn ? built(page.said.headline) : [titleOf(result)]));
    subtitle.replaceChildren(html("bdi", {}, file), ...(choices ? [", trained on ", html("bdi", {}, name)] : []),
      page ? ` (${page.verdict.how[0].toLowerCase()}${page.verdict.how.slice(1)})` : "");
    // The verdict is made of losses on the held-out rows.
    opinion.replaceChildren(...(isOpen ? built(page.said.opinion) : []));
    searchBox.replaceChildren(...(search ? [html("h2", { class: "of-search" }, "The search that gave this model"),
      html("div", { class: "search" }, ...built(search))] : []));
    for (const each of searchBox.querySelectorAll("details")) each.classList.add("numbers");
  }

  function update(now) {
    state = now;
    const { facts, table, troubles, busy, connection } = state;
    const isOpen = !isLocked(facts);
    if (facts !== shown?.facts || isOpen !== shown?.isOpen) {
      shown = { facts, isOpen };
      head(facts);
      const several = facts.targets ?? [];
      targetBox.hidden = several.length < 2;
      target.replaceChildren(...several.map((name) => html("option", { value: name, selected: name === facts.target }, name)));
    }
    const { classes, positive } = facts.document.result.model;
    const hasThreshold = classes?.length === 2 && facts.document.result.model.threshold !== null;
    costBox.hidden = !hasThreshold;
    if (hasThreshold) costs.update(state, [labelOf(positive)]);
    judged.update(state);
    rowForm.update(state);
    panel.update(state);
    takeAway.update(state);
    fitList.update(state);
    modelList.update(state);
    train.hidden = !table?.target;
    train.disabled = Boolean(busy.fit) || connection.state !== "open";
    if ((troubles.fit ?? null) !== error) {
      error = troubles.fit ?? null;
      trainTrouble.replaceChildren(...(error ? [errorBox(error)] : []));
      models.open ||= Boolean(error);
    }
  }

  return {
    update,
    destroy() {
      for (const sheet of sheets) sheet.media = "not all";
      root.replaceChildren();
    },
  };
}

/** A class as Python and the commands write it: a truth value is True or False. */
const labelOf = (label) => (typeof label === "boolean" ? (label ? "True" : "False") : label);

function titleOf({ target, model: { positive, classes, threshold } }) {
  const isOf = positive !== null && positive !== undefined;
  if (isOf && threshold !== null) return `The model calls ${labelOf(positive)} above a probability of ${trimmed(threshold, 4)}`;
  if (isOf) return `A model of ${labelOf(positive)} or ${labelOf(classes.find((each) => each !== positive))}`;
  return `A model of ${target ?? "the target"}`;
}
