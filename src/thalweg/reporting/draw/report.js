// The report page: connects its data, its pictures and its slider.

import { byId, responsive } from "./dom.js";
import { drawEvaluation } from "./evaluation.js";
import { networkPicture } from "./network.js";
import { lossChart } from "./report_charts.js";
import { reportLink } from "./report_link.js";

/**
 * Draw all that the page has a place for.
 * @param {?object} [panel] the what-if panel, for the link
 */
export function drawReport(panel = null) {
  const report = JSON.parse(byId("report").textContent);
  if (report.network) {
    networkPicture(byId("network-picture"), byId("network-readout"), report.network);
  }
  // A report of predictions has no training.
  if (report.training) {
    responsive(byId("training-picture"), (width, onPaper) =>
      lossChart(report.training, width, onPaper));
  }
  const threshold = drawEvaluation(report);
  reportLink(report.recipes ?? {}, threshold, panel);
  document.documentElement.dataset.drawn = "yes";
}
