// What plays while no table is open: four runs from one start, on the ground of the lesson on descent.

import { html } from "/draw/dom.js";
import { reliefStage } from "/draw/learn/relief_stage.js";
import { sheetOf } from "/draw/stage/sheet.js";
import { HILLS } from "./hills_sheet.js";

const ROUNDS = 3; // then it rests: nobody looks any more
const REST = 3000; // milliseconds between two rounds

/**
 * @param {HTMLElement} root
 * @returns {{destroy: () => void}}
 */
export function playHills(root) {
  const box = html("div", {});
  root.replaceChildren(html("figure", { class: "playing-hills" }, box, html("figcaption", { class: "soft" },
    "Four training runs from one start: small steps, shrinking steps, large steps and momentum. The height of "
    + "the ground is the loss; it was made so that they end at different places.")));
  const calmly = matchMedia("(prefers-reduced-motion: reduce)");
  const sheet = sheetOf(HILLS.sheets[0]);
  const view = reliefStage(box, HILLS);
  let [rounds, isSeen, stopped] = [1, true, false];
  const last = () => view.last();

  view.set({ sheet, shown: new Set(sheet.runs.map(({ look }) => look)), step: calmly.matches ? Infinity : 0 });
  if (!calmly.matches) view.play(true);

  /** Nothing is computed for a picture that nobody sees; what was playing goes on when it is seen. */
  function seen() {
    const now = isSeen && !document.hidden;
    if (!now && view.state.playing) {
      stopped = true;
      view.play(false);
    } else if (now && stopped) {
      stopped = false;
      view.play(true);
    }
  }
  const around = new IntersectionObserver(([entry]) => {
    isSeen = entry.isIntersecting;
    seen();
  });
  around.observe(box);
  document.addEventListener("visibilitychange", seen);
  const timer = setInterval(() => {
    // A reader who pauses stands before the end.
    const isOver = view.state.step >= last() && !view.state.playing;
    if (!isOver || calmly.matches || document.hidden || !isSeen || rounds >= ROUNDS) return;
    rounds += 1;
    view.play(true);
  }, REST);

  return {
    destroy() {
      clearInterval(timer);
      around.disconnect();
      document.removeEventListener("visibilitychange", seen);
      view.play(false);
      root.replaceChildren();
    },
  };
}
