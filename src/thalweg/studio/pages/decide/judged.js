// How the model was judged: what its report says, with its pictures; locked until somebody reveals it.

import { html } from "/draw/dom.js";
import { drawEvaluation } from "/draw/evaluation.js";
import { button } from "./fit_list.js";
import { reveal, revealedAt as revealedOf } from "./held_out_lock.js";
import { built } from "./pieces.js";

const HOW_TO_EXPLAIN = "explained"; // it names commands; here a row is explained by its number

/** When the held-out rows of a model were revealed; "" if they were not. */
export const revealedAt = ({ page }) => revealedOf(page);

/**
 * @param {HTMLElement} root
 * @param {{slid: (threshold: number|null, steps: number) => void, say: (words: string) => void,
 *   threshold: (share: number|null) => void, redraw: () => void}} acts
 * @returns {{update: (state: object) => void, moveTo: (threshold: number) => void}}
 */
export function makeJudged(root, acts) {
  let [shown, isOpen, slider] = [null, null, null];

  function draw(facts, thr) {
    const { page } = facts;
    slider = null;
    if (!page) {
      root.replaceChildren(none(facts));
      return;
    }
    if (!isOpen) {
      root.replaceChildren(lock(facts));
      return;
    }
    const pieces = page.said.evaluation.filter((piece) => typeof piece === "string"
      || piece[1].id !== HOW_TO_EXPLAIN || page.sections?.explained);
    root.replaceChildren(stamp(facts), html("div", { class: "judged" }, ...built(pieces)));
    for (const each of root.querySelectorAll("details")) each.classList.add("numbers");
    slider = drawEvaluation(page);
    if (!slider) return;
    const now = document.getElementById("threshold-now");
    slider.set(thr ?? (now ? Number(now.dataset.threshold) : null));
    slider.watch((threshold) => {
      acts.threshold(threshold);
      acts.slid(threshold, page.curves.steps);
    });
  }

  function stamp(facts) {
    const at = revealedAt(facts);
    return html("p", { class: "soft" }, isLocking(facts) && at
      ? `Revealed in this browser on ${at}. A threshold that was chosen after that looks better on these rows than it is.` : "");
  }

  function lock(facts) {
    const { verdict } = facts.page;
    return html("section", { class: "locked" }, html("h2", {}, "What the held-out rows say is locked"),
      html("p", {}, `${verdict.how}. `, "A threshold that is chosen with their counts in view looks better on them "
        + "than it is: say first what mistakes cost, and then look. The lock is of this page; the report shows them."),
      html("p", {}, button("Reveal once", ({ currentTarget }) => {
        currentTarget.textContent = "Drawing what they say";
        // Ten pictures take a moment: the answer to the press is seen before.
        requestAnimationFrame(() => setTimeout(() => {
          reveal(facts.page);
          acts.redraw();
          acts.say("What the held-out rows say is revealed");
        }));
      }, { class: "main", id: "reveal" })));
  }

  return {
    update({ facts, thr }) {
      const now = !isLocked(facts);
      if (facts === shown && now === isOpen) return;
      const held = root.contains(document.activeElement);
      [shown, isOpen] = [facts, now];
      draw(facts, thr);
      if (held) root.querySelector("h2")?.setAttribute("tabindex", "-1");
      if (held) root.querySelector("h2")?.focus({ preventScroll: true });
    },
    moveTo(threshold) {
      slider?.set(threshold);
    },
  };
}

/** Only where there is a threshold to choose, rows can be spoilt by looking at them. */
export const isLocking = ({ page }) => Boolean(page?.curves?.steps);

/** Whether nothing that was computed from the held-out rows may be shown yet. */
export const isLocked = (facts) => isLocking(facts) && !revealedAt(facts);

function none({ document: { result } }) {
  return html("p", { class: "notice" }, result.judgement
    ? "What judges this model is too large for this page. The report has it, in full."
    : "The model was saved without an evaluation, so there is nothing to show of it. A model that is trained "
      + "in the studio has one.");
}
