// The report page without the what-if panel.

import { drawReport } from "./report.js";

drawReport();
