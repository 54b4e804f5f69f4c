// What a screen reader says of runs: at most one message a second, and progress now and then.

import { whole } from "/draw/numbers.js";
import { lossWords, stepsMade } from "./runs_now.js";

const [LEAST_GAP, EVERY] = [1000, 5000]; // milliseconds

/**
 * @param {(words: string) => void} say
 * @returns {{say: (words: string) => void, progress: (runs: object[]) => void}}
 */
export function makeSpeaker(say) {
  let [spoken, timer, waiting] = [-Infinity, 0, []];

  function flow() {
    clearTimeout(timer);
    const now = performance.now();
    if (now - spoken < LEAST_GAP) {
      timer = setTimeout(flow, spoken + LEAST_GAP - now);
      return;
    }
    spoken = now;
    say(waiting.join(". "));
    waiting = [];
  }

  return {
    say(words) {
      waiting.push(words);
      flow();
    },
    progress(runs) {
      if (performance.now() - spoken < EVERY || waiting.length || !runs.length) return;
      const made = stepsMade(runs);
      waiting.push(`Step ${whole(made)}. ${runs.map((run) => `${run.title} ${lossWords(run, made)}`).join(". ")}`);
      flow();
    },
  };
}
