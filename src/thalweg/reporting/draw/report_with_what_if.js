// The report page with the what-if panel.

import { byId } from "./dom.js";
import { FORMULAS } from "./formulas.js";
import { drawReport } from "./report.js";
import { whatIfPanel } from "./what_if.js";

const data = JSON.parse(byId("what-if-model").textContent);
drawReport(whatIfPanel(byId("what-if-panel"), data, FORMULAS));
