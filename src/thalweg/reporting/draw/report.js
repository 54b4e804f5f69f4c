// The report page: connects its data, its pictures and its slider.

import { intervalChart, lossChart, modelLegend } from "./report_charts.js";
import { decide } from "./decide.js";
import { byId, html, responsive } from "./dom.js";
import { networkPicture } from "./network.js";

const SHARES = {
  accuracy: "accuracy", sensitivity: "sensitivity", specificity: "specificity", auc: "AUC",
};
const LOSSES = { log_loss: "log-loss", brier: "Brier score" };

function metricsPicture(verdict, order, width) {
  const all = { network: verdict.network, ...verdict.baselines };
  const judged = Object.fromEntries(order.map((name) => [name, all[name]]));
  const beside = width >= 620;
  const part = beside ? Math.floor((width - 32) / 2) : width;
  const shares = { judged, metrics: SHARES, shares: true, xTitle: "share (1 is best)" };
  const losses = { judged, metrics: LOSSES, shares: false, xTitle: "loss (0 is best)" };
  return html("div", {}, modelLegend(Object.keys(judged)),
    html("div", { class: beside ? "two" : "one" },
      intervalChart(shares, part), intervalChart(losses, part)));
}

const report = JSON.parse(byId("report").textContent);
if (report.network) {
  networkPicture(byId("network-picture"), byId("network-readout"), report.network);
}
responsive(byId("training-picture"), (width, onPaper) =>
  lossChart(report.training, width, onPaper));
// For several classes and in regression, the pictures are already in the page.
if (report.curves) {
  decide(report.curves, report.verdict);
  responsive(byId("metrics-picture"), (width) =>
    metricsPicture(report.verdict, report.order, width));
}
document.documentElement.dataset.drawn = "yes";
