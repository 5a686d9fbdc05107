// Before the run: what is asked, of which panel, with which arms.
export {
  endpointNames,
  listedTask,
  writeManifest,
  type ArmManifest,
  type EndpointName,
  type Manifest,
  type Protocol,
} from './manifest.ts';
export { refuseLeaks, refuseSharedTasks } from './refuse-leaks.ts';

// The run.
export { runSuite } from './run-suite.ts';

// After the run: numbers with intervals, as data and as a page.
export { compareArms, type Contrast, type Verdict } from './compare.ts';
export { endpointsOf, valueOf, type PlayEndpoints } from './endpoints.ts';
export { buildReport, outageNotes, type EntryExample, type Report } from './report.ts';
export { reportHtml } from './report-html.ts';
export { alignColumns, contrastLine, reportTable } from './report-table.ts';
export { escapeHtml } from './escape-html.ts';
export { reportPage } from './report-page.ts';
export { palette } from './report-charts.ts';
export { summariseArm, type ArmSummary, type EndpointSummary } from './summarise.ts';
