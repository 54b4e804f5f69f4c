// The lesson on derivatives: its picture, and the two steps that are done in it.

import { CURVES } from "./derivative_functions.js";
import { DERIVATIVE_KEYS, derivativeView } from "./derivative.js";
import { drawnGuess } from "./guess.js";
import { runLesson, startOnItsPage } from "./step.js";

const NEAR = 0.1;

function stageOf(root, first, changed) {
  const picked = (state) => Object.fromEntries(
    Object.keys(DERIVATIVE_KEYS).filter((key) => key in state).map((key) => [key, state[key]]));
  const view = derivativeView(root, picked(first), changed);
  return {
    view,
    show: (step, restored) => {
      const { pictures, ...state } = step.stage;
      view.look({ quiet: step.quiet, alone: pictures === "curve" });
      if (!restored) view.set(state);
    },
    reveal: (step) => {
      view.look({ quiet: false });
      view.set(step.revealed);
    },
    restore: (state) => view.set(picked(state)),
    number: () => Number(view.get().h.toPrecision(2)),
  };
}

/** Start the lesson in a page. @param {object} data its data @param {import("./step.js").LessonPage} page */
export function startLesson(data, page) {
  runLesson({
    data,
    keys: DERIVATIVE_KEYS,
    stage: stageOf,
    page,
    own: {
      nearer: {
        watch: ({ h, fn, x }) => (h > NEAR ? null : {
          right: true, text: `h = ${h}`,
          say: `The slope of the two points is ${Number(CURVES[fn].quotient(x, h, 1).toPrecision(4))}. `
            + "The nearer they are, the nearer it comes to 6, the slope of the dotted tangent.",
        }),
      },
      draw: {
        node: ({ stage, finish }) => drawnGuess(stage.view, { curves: CURVES, finish }),
      },
    },
  });
}

startOnItsPage(startLesson);
