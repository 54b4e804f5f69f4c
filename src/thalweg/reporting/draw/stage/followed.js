// The slices of a plane that follows a run: one ground for each, through the run's own point.

/** @typedef {import("./sheet.js").Run} Run */

/**
 * The sheets of the slices; each has the run up to its ball, which is in the middle.
 * @param {object} sheet with `frames`, and the run in coordinates of the fixed plane
 * @returns {object[]}
 */
export function framesOf(sheet) {
  const [run] = sheet.runs;
  const [wide, deep] = [sheet.x, sheet.y].map((axis) => axis[axis.length - 1] * (1 + 1e-6));
  const slices = [];
  for (const [k, { step, point, losses }] of sheet.frames.entries()) {
    const inside = (i) => Math.abs(run.x[i] - run.x[point]) <= wide
      && Math.abs(run.y[i] - run.y[point]) <= deep;
    let from = point;
    while (from > 0 && inside(from - 1)) from -= 1;
    const isLast = k === sheet.frames.length - 1;
    const part = (list) => list.slice(from, point + 1);
    const loss = part(run.loss);
    const cut = { ...run, loss, drawn: loss, off: part(run.off), steps: part(run.steps),
      x: part(run.x).map((each) => each - run.x[point]),
      y: part(run.y).map((each) => each - run.y[point]),
      best: Math.max(0, run.best - from), diverged: isLast && run.diverged,
      last: isLast ? run.last : undefined };
    slices.push({ ...sheet, losses, step, runs: [cut], grounds: new Map(), slices: null,
      first: slices[0] });
  }
  return slices;
}

/**
 * The sheet that is drawn at a step: the last slice at or before it, or the sheet itself.
 * @returns {object}
 */
export const sliceAt = (sheet, step) => (sheet.slices
  ? sheet.slices.findLast((each) => each.step <= step + 1e-6) ?? sheet.slices[0] : sheet);

/** The step of the slice that is so many slices further on; other sheets have all steps. */
export function walkedStep(sheet, step, by) {
  if (!sheet.slices) return step + by;
  const at = sheet.slices.indexOf(sliceAt(sheet, step)) + by;
  return sheet.slices[Math.min(sheet.slices.length - 1, Math.max(0, at))].step;
}

/** What stands beside the step: which slice it is. */
export function sliceWords(sheet, step) {
  if (!sheet.slices) return "";
  return ` · slice ${sheet.slices.indexOf(sliceAt(sheet, step)) + 1} of ${sheet.slices.length}`;
}
