import { restoreBackup, rowsOf, type BankCheck } from './sqlite-check.ts';

const key = 'namespace, entry, version, policy, policy_version, purpose, propensity, shown';
const kept = `SELECT ${key}, episodes, won, lost, score FROM entry_statistic`;
const counted = `SELECT ${key}, count(*), sum(coalesce(won = 1, 0)), sum(coalesce(won = 0, 0)), sum(coalesce(score, 0))
  FROM entry_use JOIN episode ON episode.key = episode WHERE purpose IS NOT NULL GROUP BY ${key}`;

/** What is kept of how often entries were used, and with what outcome, beside what the episodes say. */
export const checkStatistics: BankCheck = function* (bank, report) {
  for (const [sql, what] of [
    [`${kept} EXCEPT ${counted}`, 'Its counts are not those of the episodes that used it'],
    [`${counted} EXCEPT ${kept}`, 'The episodes that used it are not counted so'],
  ] as const) {
    for (const { namespace, entry, policy } of rowsOf<{ namespace: string; entry: string; policy: string }>(
      bank,
      sql,
    )) {
      const id = `${namespace}/${entry}`;
      report({ table: 'entry_statistic', id, what: `${what} (policy '${policy}').`, remedy: restoreBackup });
      yield;
    }
  }
};
