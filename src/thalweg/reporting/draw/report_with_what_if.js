// The report page with the what-if panel.

import { byId } from "./dom.js";
import { FORMULAS } from "./formulas.js";
import { drawReport } from "./report.js";
import { whatIfPanel } from "./what_if.js";

whatIfPanel(byId("what-if-panel"), JSON.parse(byId("what-if-model").textContent), FORMULAS);
drawReport();
