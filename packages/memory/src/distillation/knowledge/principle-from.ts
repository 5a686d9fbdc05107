import type { Episode, MachineForm, Principle } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { evidenceFrom } from '../evidence.ts';
import { shorten } from '../goal.ts';
import { entryId, firstStatus, withTokens } from '../make-entry.ts';

/** What several episodes of one environment, or of one family in it, add up to. */
export type KnowledgeName = 'facts' | 'rules' | 'orders';

export interface KnowledgeDraft {
  readonly name: KnowledgeName;
  readonly family?: string;
  readonly title: string;
  readonly principle: string;
  readonly appliesWhen: string;
  readonly machine: MachineForm;
}

/** The id of the one entry that a family, or an environment, has for a kind of knowledge. */
export function knowledgeId(namespace: string, environment: string, name: KnowledgeName, family = ''): string {
  return entryId('principle', namespace, environment, family, name);
}

export function principleFrom(sources: readonly Episode[], context: DistilContext, draft: KnowledgeDraft): Principle {
  const environment = sources[0]!.task.environment;
  const { family } = draft;
  const evidence = sources.map((episode) => evidenceFrom(episode, context.trusted));
  return withTokens<Principle>({
    kind: 'principle',
    id: knowledgeId(context.namespace, environment, draft.name, family),
    version: 1,
    namespace: context.namespace,
    scope: family === undefined ? 'general' : 'task',
    cluster: shorten(`${environment}: ${draft.name}`, 400),
    title: shorten(draft.title, 300),
    conditions: { environments: [environment], ...(family === undefined ? {} : { families: [family] }) },
    machine: draft.machine,
    body: { principle: draft.principle, appliesWhen: draft.appliesWhen },
    evidence,
    status: firstStatus(evidence.every(({ trusted }) => trusted)),
    madeBy: { method: `counted-${draft.name}` },
    createdAt: context.now,
  });
}
