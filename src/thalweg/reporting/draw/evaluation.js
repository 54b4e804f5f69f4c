// The pictures of an evaluation: the slider, the curves, the sections, and what is about the model.

import {
  abstentionPicture, calibrationPicture, confusionPicture, coveragePicture, groupsPicture,
} from "./belief_charts.js";
import { decide } from "./decide.js";
import { byId, html, responsive } from "./dom.js";
import { effectsPicture } from "./effects.js";
import { importancePicture } from "./importance.js";
import { intervalChart, modelLegend } from "./report_charts.js";
import { waterfallPicture } from "./waterfall.js";

const SHARES = {
  accuracy: "accuracy", sensitivity: "sensitivity", specificity: "specificity", auc: "AUC",
};
const LOSSES = { log_loss: "log-loss", brier: "Brier score" };

function metricsPicture(verdict, order, width) {
  const all = { ...verdict.baselines, [order[0]]: verdict.network };
  const judged = Object.fromEntries(order.map((name) => [name, all[name]]));
  const beside = width >= 620;
  const part = beside ? Math.floor((width - 32) / 2) : width;
  const shares = { judged, metrics: SHARES, shares: true, xTitle: "share (1 is best)" };
  const losses = { judged, metrics: LOSSES, shares: false, xTitle: "loss (0 is best)" };
  return html("div", {}, modelLegend(Object.keys(judged)),
    html("div", { class: beside ? "two" : "one" },
      intervalChart(shares, part), intervalChart(losses, part)));
}

/** The pictures of the sections that an evaluation has. */
function sectionPictures(sections, verdict, curves) {
  const names = verdict.positive === undefined ? [] : [verdict.positive, verdict.negative];
  if (sections.calibration?.length) {
    const bars = curves ? curves.histogram : null;
    responsive(byId("calibration-picture"), (width) =>
      calibrationPicture(sections.calibration, bars, names, width));
  }
  if (sections.coverage) {
    responsive(byId("coverage-picture"), (width) => coveragePicture(sections.coverage, width));
  }
  if (sections.abstention) {
    responsive(byId("abstention-picture"), (width, onPaper) =>
      abstentionPicture(sections.abstention, width, onPaper));
  }
  if (sections.groups?.length) {
    responsive(byId("groups-picture"), (width) => groupsPicture(sections.groups, width));
  }
  if (verdict.classes && document.getElementById("classes-picture")) {
    const { classes, network: { confusion } } = verdict;
    responsive(byId("classes-picture"), (width) => confusionPicture({ classes, confusion }, width));
  }
}

/** What the model leans on, how, and why some rows have their answers. */
function modelPictures({ importance, effects, explained }) {
  if (importance) {
    responsive(byId("importance-picture"), (width) => importancePicture(importance, width));
  }
  if (effects) {
    responsive(byId("effects-picture"), (width, onPaper) =>
      effectsPicture(effects, width, onPaper));
  }
  (explained ?? []).forEach((row, i) => {
    const id = `explained-${i}`;
    responsive(byId(`${id}-picture`), (width) => waterfallPicture({ ...row, id }, width), 470);
  });
}

/**
 * Draw the pictures that the page has places for, by their ids.
 * @param {object} report the data of a report's page
 * @returns {?object} set and watch, of the threshold; null where there is none
 */
export function drawEvaluation(report) {
  let threshold = null;
  // For several classes and in regression, the pictures are already in the page.
  if (report.curves) {
    const { curves, verdict, sections = null, pictured, ppv } = report;
    threshold = decide(curves, verdict, sections, pictured, ppv);
    responsive(byId("metrics-picture"), (width) =>
      metricsPicture(report.verdict, report.order, width));
  }
  if (report.sections) {
    sectionPictures(report.sections, report.verdict, report.curves);
    modelPictures(report.sections);
  }
  return threshold;
}
