import type { AccountOfSignals, IterationManifest } from '@skillrl/training';

import type { CalibrationAccount, EvaluationPoint } from './train-evaluation.ts';
import type { TrainManifest } from './train-plan.ts';
import type { GateCount, IterationRow, SignalAccount } from './train-accounts.ts';

/** Where each of the six signals acts in training, and what it did in this run: figures of the run alone. */
export function signalAccounts(
  { recipe }: TrainManifest,
  iterations: readonly IterationManifest[],
  rows: readonly IterationRow[],
  gates: readonly GateCount[],
  curve: readonly EvaluationPoint[],
): SignalAccount[] {
  const { reward, gate, advantage, publication } = recipe;
  const gated = (...codes: string[]): number =>
    gates.filter(({ code }) => codes.includes(code)).reduce((sum, { groups }) => sum + groups, 0);
  const groups = rows.reduce((sum, row) => sum + row.groups, 0);
  const passedOver = iterations.reduce((sum, one) => sum + one.passedOver.length, 0);
  const decisions = iterations.flatMap((one) =>
    one.publication === undefined || one.publication.verdict === 'not-due' ? [] : [one.publication],
  );
  const counted = iterations.flatMap(({ signals }) => (signals === undefined ? [] : [signals]));
  const tokens = (side: 'raised' | 'lowered'): number => sum(counted.map((one) => one.tokens[side]));
  const changes = iterations.flatMap(({ evolution }) => (evolution === undefined ? [] : [evolution]));
  const credits = iterations.flatMap((one) => one.credits);
  return [
    {
      signal: 'Learn symmetric, decide afterwards',
      acts: `The reward is won − ${reward.stepCost} · steps / limit, the same for every mistake; what a mistake costs enters the decision about publishing (${publication.pairs} pairs every ${publication.every} iterations).`,
      did: `${tokens('raised')} sampled tokens were made likelier and ${tokens('lowered')} less likely, these at × ${advantage.negatives}. ${decisions.length} decisions, ${decisions.filter(({ publish }) => publish).length} published.${decisions.map(({ reason }) => ` ${reason}`).join('')}`,
    },
    {
      signal: 'Stated confidence (Brier)',
      acts:
        reward.brier === 0
          ? 'Switched off: the chance stated first is sampled, recorded and measured, and earns nothing.'
          : `−${reward.brier} · (stated − won)² is part of the reward; the tokens that state the chance are credited for it, those that act for the rest.`,
      did: `${statementsOf(counted)} ${fromTo(
        curve.filter(({ side }) => side === 'none').map(({ confidence }) => confidence),
        'held-out games',
      )}`,
    },
    {
      signal: 'Novelty by domain',
      acts: 'Switched off: household tasks have one right result, and the policy may agree on the way to it. Variety is watched.',
      did: `Different ways in a group: ${range(
        rows.map(({ distinct }) => distinct),
        percent,
      )} of its plays.`,
    },
    {
      signal: 'Difficulty',
      acts: gate.byDifficulty
        ? `Games solved in fewer than ${percent(gate.low)} or more than ${percent(gate.high)} of other groups’ plays are passed over.`
        : 'Switched off.',
      did: `${passedOver} games passed over before they were played; of ${groups} groups ${gated('too-hard')} were too hard, ${gated('too-easy', 'retired')} too easy (${gated('review')} of them kept as review), ${gated('unknown')} too little known and counted ${gate.unknownWeight}. ${sum(counted.map(({ suspects }) => suspects))} successes were suspect, ${sum(counted.map(({ heldDown }) => heldDown))} held down to 1.`,
    },
    {
      signal: 'Dispersion',
      acts: `A group tells as much as its rewards differ: those that are all equal are left out${advantage.normalise ? ', the others are divided by their deviation' : ''}. The dispersion of a reference’s tokens needs references, which these games have not.`,
      did: `${gated('no-signal')} of ${groups} groups were left out.`,
    },
    {
      signal: 'Asymmetric memory',
      acts:
        recipe.memory === 'half'
          ? 'Failures become lessons and successes demonstrations between iterations; half of each group sees entries, half none; advantages are taken within each half.'
          : 'Switched off: no play sees entries.',
      did:
        recipe.memory === 'half'
          ? `${sum(changes.map(({ changed }) => changed))} entries added or changed in ${changes.length} revisions, from ${sum(changes.flatMap(({ clusters }) => clusters.map(({ learned }) => learned)))} episodes of clusters with failures. Entries were worth ${signed(mean(credits.map(({ credit }) => credit)))} of reward in ${credits.length} games’ groups.`
          : 'Nothing.',
    },
  ];
}

function statementsOf(counted: readonly AccountOfSignals[]): string {
  const [first, last] = [counted[0]?.statements, counted.at(-1)?.statements];
  if (first === undefined || last === undefined) return 'Nothing was played to train on.';
  const [made, missing] = (['made', 'missing'] as const).map((side) => sum(counted.map((one) => one.statements[side])));
  const part = (name: 'meanStated' | 'meanReward'): string =>
    `${first[name]?.toFixed(2) ?? '–'} → ${last[name]?.toFixed(2) ?? '–'}`;
  return `${made} plays stated a chance, ${missing} none; stated on average, first iteration → last: ${part('meanStated')}, which earned ${part('meanReward')}.`;
}

function fromTo(accounts: readonly (CalibrationAccount | undefined)[], where: string): string {
  const stated = accounts.filter((account) => account !== undefined);
  const [first, last] = [stated[0], stated.at(-1)];
  if (first === undefined || last === undefined) return 'No chance was stated.';
  const part = (name: string, of: (account: CalibrationAccount) => number | undefined): string =>
    `${name} ${of(first)?.toFixed(3) ?? '–'} → ${of(last)?.toFixed(3) ?? '–'}`;
  return `On ${where}, first point → last: ${part('Brier', (one) => one.brier)}, ${part('ECE', (one) => one.ece)}, ${part('AUROC', (one) => one.auroc)}; stated ${percent(first.mean)} → ${percent(last.mean)}, won ${percent(first.success)} → ${percent(last.success)}.`;
}

function range(values: readonly (number | undefined)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== undefined);
  const [first, last] = [known[0], known.at(-1)];
  return first === undefined || last === undefined ? 'not measured' : `${format(first)} → ${format(last)}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function signed(value: number | undefined): string {
  return value === undefined ? 'nothing that was measured' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
