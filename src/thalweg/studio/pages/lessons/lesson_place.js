// A lesson in the stage: its picture, and at the right the sheet with its steps, as its page has them.

import { html } from "/draw/dom.js";
import { takeLoss } from "/draw/formulas.js";
import { linkOfLesson, viewOfLink } from "./lesson_link.js";

// Lessons are about two classes.
const LOSS = "sigmoid_cross_entropy";

/** The parts that `step.js` asks for, by its names; the stage of the page has the id "stage". */
function partsOf() {
  const button = (id, words) => html("button", { type: "button", id }, words);
  return {
    stage: html("section", { class: "picture-of-lesson", "aria-label": "The picture" }),
    steps: html("ol", { class: "steps" }), where: html("p", { class: "where" }),
    aim: html("h2", { id: "aim", tabindex: "-1" }), words: html("p", {}), question: html("div", {}),
    feedback: html("p", { class: "feedback", role: "status", "aria-live": "polite" }),
    help: html("div", {}), back: button("back", "Back"), next: button("next", "Next step"),
    "copy-answers": button(null, "Copy my answers"), "copy-link": button(null, "Copy link"),
    "seed-shown": html("b", {}), notice: html("p", { class: "notice", role: "alert", hidden: true }),
  };
}

/**
 * @param {HTMLElement} root
 * @param {object} page
 * @param {{lesson: object, subtitle: string}} page.lesson from the server
 * @param {(lesson: object, page: object) => void} page.startLesson of the lesson's script
 * @param {() => void} page.close
 * @param {(patch: object) => void} page.keep changes the view in its place in the history
 * @param {() => object} page.view the state of the page
 * @returns {{update: (state: object) => void, destroy: () => void}}
 */
export function makeLessonPlace(root, { lesson: { lesson, subtitle }, startLesson, close, keep, view }) {
  const parts = partsOf();
  const leave = html("button", { type: "button", class: "close-lesson" }, "Close the lesson");
  leave.addEventListener("click", close);
  const sheet = html("section", { class: "sheet", "aria-labelledby": "aim" },
    html("nav", { "aria-label": "Steps" }, parts.steps, parts.where), parts.aim, parts.words, parts.question,
    parts.feedback, parts.help, html("div", { class: "onward" }, parts.back, parts.next));
  const tools = html("div", { class: "tools", "data-part": "copy" }, parts["copy-answers"], parts["copy-link"],
    html("span", { class: "seed" }, "The numbers have the seed ", parts["seed-shown"], "."));
  const frame = html("div", { class: "lesson-frame" },
    html("header", { class: "of-lesson" }, html("div", {}, html("h1", { tabindex: "-1" }, lesson.title),
      html("p", { class: "subtitle" }, subtitle)), leave), parts.notice,
    html("div", { class: "lesson" }, html("h2", { class: "unseen" }, "The picture"), parts.stage, sheet, tools));
  let [pending, again, gone] = [null, null, false];
  root.replaceChildren(frame);
  let shown = linkOfLesson(view());

  // The lesson writes while the page draws: what it writes is kept after that.
  function write() {
    if (gone || pending === null) return;
    const patch = viewOfLink(pending);
    pending = null;
    // Keeping it tells all parts of the page, this one too: it is no link that somebody else wrote.
    shown = linkOfLesson(patch);
    keep(patch);
  }

  takeLoss(LOSS);
  startLesson(lesson, {
    byId: (id) => parts[id],
    parts: () => frame.querySelectorAll("[data-part]"),
    link: () => pending ?? linkOfLesson(view()),
    keep(link) {
      if (pending === null) queueMicrotask(write);
      pending = link;
    },
    follow: (act) => { again = act; },
  });
  return {
    update(state) {
      const now = linkOfLesson(state);
      if (pending !== null || now === shown) return;
      shown = now;
      again?.();
    },
    destroy() {
      gone = true;
      root.replaceChildren();
    },
  };
}
