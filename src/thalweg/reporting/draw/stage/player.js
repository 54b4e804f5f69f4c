// Plays the steps of a race.

const SECONDS = 9;
const PACE = 1.7; // the first steps go far, the last ones hardly anywhere

/**
 * @param {(step: number) => void} show called with steps, with fractions between two
 * @param {() => void} end called after the last one
 * @returns {{start: (step: number, last: number, still: boolean) => void, stop: () => void}} still:
 *   one still picture after the other, for readers who want little motion
 */
export function makePlayer(show, end) {
  let [frame, timer] = [0, 0];
  const start = (step, last, still) => {
    let share = step >= last ? 0 : (step / last) ** (1 / PACE);
    // Frames have their own clock: the first one may have an earlier time than now.
    let before = null;
    const goOn = (now) => {
      const passed = Math.max(0, now - (before ?? now));
      share = Math.min(1, share + passed / 1000 / SECONDS);
      before = now;
      show(last * share ** PACE);
      if (share >= 1) end();
      else frame = requestAnimationFrame(goOn);
    };
    const jump = () => {
      share = Math.min(1, share + 0.1);
      show(Math.round(last * share ** PACE));
      if (share >= 1) end();
      else timer = setTimeout(jump, 1000);
    };
    if (still) jump();
    else frame = requestAnimationFrame(goOn);
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  return { start, stop };
}
