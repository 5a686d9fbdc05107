import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { skipReason } from './outcome.mjs';

/**
 * A vitest reporter that writes the outcome of all projects to the file that `SKILLRL_TEST_OUTCOME` names. Vitest's own
 * JSON leaves out why a test was skipped.
 */
export default class OutcomeReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { readonly message?: string }[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env['SKILLRL_TEST_OUTCOME'];
    if (path) writeFileSync(path, JSON.stringify(outcomeOf(modules, unhandledErrors)));
  }
}

/**
 * @param {readonly import('vitest/node').TestModule[]} modules
 * @param {readonly { readonly message?: string }[]} unhandledErrors
 * @returns {import('./outcome.mjs').Outcome}
 */
export function outcomeOf(modules, unhandledErrors) {
  let passed = 0;
  /** @type {import('./outcome.mjs').Finding[]} */
  const failed = unhandledErrors.map(({ message }) => ({ name: 'outside any test', reason: firstLine(message) }));
  /** @type {import('./outcome.mjs').Finding[]} */
  const skipped = [];
  for (const module of modules) {
    const file = relative(process.cwd(), module.moduleId);
    for (const error of module.errors()) failed.push({ name: file, reason: firstLine(error.message) });
    for (const suite of module.children.allSuites()) {
      for (const error of suite.errors())
        failed.push({ name: `${file} > ${suite.fullName}`, reason: firstLine(error.message) });
    }
    for (const test of module.children.allTests()) {
      const name = `${file} > ${test.fullName}`;
      const result = test.result();
      if (result.state === 'passed') passed += 1;
      else if (result.state === 'failed') failed.push({ name, reason: firstLine(result.errors[0]?.message) });
      else {
        const reason = skipReason(result.state === 'skipped' ? result.note : undefined, test.fullName.split(' > '));
        if (reason) skipped.push({ name, reason });
        else failed.push({ name, reason: 'skipped without a reason' });
      }
    }
  }
  return { passed, failed, skipped };
}

/** @param {string | undefined} message */
function firstLine(message) {
  return (message ?? 'no message').split('\n')[0]?.slice(0, 200) ?? '';
}
