// The lesson on thresholds: a line by eye, by theory, for a rare class, and one look at a test set.

import { html } from "../dom.js";
import { short } from "../numbers.js";
import { runLesson, startOnItsPage } from "./step.js";
import { countsAtLine, thresholdStage } from "./threshold_stage.js";

// Of the lesson that is shown; TEST is the place of its step that opens the test set.
let FACTS = null;
let TEST = 0;

/** `link` is the state of the page's link: after a reload, too, an opened test set stays opened. */
function lessonStage(root, link, changed) {
  const view = thresholdStage(root, FACTS, link.thr, (thr) => changed({ thr }));
  const lockIfOpened = () => {
    if (link.done[TEST] === "1" && !view.state.locked) view.set({ thr: link.thr, locked: true });
  };
  lockIfOpened();
  return {
    view,
    open: () => {
      changed({ thr: view.state.thr });
      view.set({ rows: "test", locked: true });
    },
    show: (step) => {
      lockIfOpened();
      const { missed, alarm, costs } = step.stage;
      if (step.key === "rare" && !view.state.locked) view.set(step.revealed);
      const late = !["none-missed", "by-eye"].includes(step.key);
      view.set({
        missed, alarm, costs, curve: late, quiet: step.quiet, squares: null,
        rows: view.state.locked && ["test", "cost"].includes(step.key) ? "test" : "choosing",
      });
    },
    reveal: (step) => {
      view.set({ quiet: false, curve: step.key !== "none-missed" });
      if (step.key === "rare") view.set({ squares: step.question.answer });
      if (["theory", "rare"].includes(step.key) && !view.state.locked) view.set(step.revealed);
    },
    restore: ({ thr }) => {
      if (!view.state.locked) view.set({ thr });
      lockIfOpened();
    },
    number: () => view.state.thr,
  };
}

/** The mean cost of a row at a line. */
function costAt(rows, line, { missed, alarm }) {
  const counts = countsAtLine(rows, line);
  return (missed * counts.missed + alarm * counts.alarms) / rows.p.length;
}

function pressed(words, act) {
  const button = html("button", { type: "button", class: "first-choice" }, words);
  button.addEventListener("click", () => act(button));
  return { node: html("p", {}, button) };
}

/** The cost at the reader's line; the next step computes one from the costs. */
function byEye({ stage, finish }) {
  return pressed("This is my line", () => {
    const { state } = stage.view;
    const own = costAt(FACTS.choosing, state.thr, state);
    const { line, cost } = FACTS.lowest[state.costs];
    finish(`line at ${short(state.thr, 3)}`, `At your line a row costs ${short(own, 3)}. The lowest cost on `
      + `these rows, with all their classes known, is ${short(cost, 3)}, at ${short(line, 3)}. The next step `
      + "finds a line without knowing them.");
  });
}

/** Open the test set; the line cannot be moved any more. */
function openTest({ stage, finish }) {
  return pressed("Open the test set", (button) => {
    const { state } = stage.view;
    button.disabled = true;
    stage.open();
    const here = costAt(FACTS.choosing, state.thr, state);
    const there = costAt(FACTS.test, state.thr, state);
    finish(`line at ${short(state.thr, 3)}`, `Opened. With your line at ${short(state.thr, 3)} a row `
      + `costs ${short(there, 3)}; on the rows that chose it was ${short(here, 3)}.`);
  });
}

/** Start the lesson in a page. @param {object} lesson its data @param {import("./step.js").LessonPage} page */
export function startLesson(lesson, page) {
  FACTS = lesson.facts;
  TEST = lesson.steps.findIndex(({ key }) => key === "test");
  runLesson({
    data: lesson,
    keys: { thr: { kind: "number", from: 0, to: 1, usual: 0.5 } },
    stage: lessonStage,
    page,
    own: {
      "none-missed": {
        watch: ({ thr }) => {
          const { missed, found, alarms, cleared } = countsAtLine(FACTS.choosing, thr);
          return missed ? null : {
            right: true, text: `line at ${short(thr, 3)}`,
            say: `All ${found} are found, and ${alarms} of ${alarms + cleared} others are called, too.`,
          };
        },
      },
      "by-eye": { node: byEye },
      test: {
        node: (context) => {
          const made = openTest(context);
          if (context.stage.view.state.locked) made.node.firstChild.disabled = true;
          return made;
        },
      },
    },
  });
}

startOnItsPage(startLesson);
