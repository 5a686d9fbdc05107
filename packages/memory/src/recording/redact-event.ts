import type { EpisodeEvent, ModelCall } from '@skillrl/core';

/** Takes out of a text what must not be kept. Must give the same result for its own results. */
export type Redact = (text: string) => string;

/**
 * The event with every text of its payload redacted; ids, positions and numbers stay.
 *
 * Sampled tokens spell the text out: they are dropped from a call whose text was changed.
 */
export function redactEvent(event: EpisodeEvent, redact: Redact): EpisodeEvent {
  switch (event.type) {
    case 'episode-start':
      return {
        ...event,
        task: { ...event.task, instruction: redact(event.task.instruction) },
        tags: event.tags && mapValues(event.tags, redact),
      };
    case 'model-call':
      return { ...event, call: redactCall(event.call, redact) };
    case 'action':
      return { ...event, action: redact(event.action) };
    case 'observation':
      return {
        ...event,
        observation: redact(event.observation),
        facts: event.facts?.map(({ subject, relation, object }) => ({
          subject: redact(subject),
          relation: redact(relation),
          object: redact(object),
        })),
        admissible: event.admissible?.map(redact),
      };
    case 'outcome':
      if (event.outcome.status !== 'errored') return event;
      return {
        ...event,
        outcome: { status: 'errored', error: { ...event.outcome.error, message: redact(event.outcome.error.message) } },
      };
    case 'episode-end':
    case 'erased':
      return event;
    default:
      return event satisfies never;
  }
}

function redactCall(call: ModelCall, redact: Redact): ModelCall {
  const completion = redact(call.completion);
  const newMessages = call.newMessages.map((message) => ({ ...message, content: redact(message.content) }));
  const promptChanged = newMessages.some((message, index) => message.content !== call.newMessages[index]?.content);
  return {
    ...call,
    completion,
    newMessages,
    tokens: completion === call.completion ? call.tokens : undefined,
    newPromptIds: promptChanged ? undefined : call.newPromptIds,
  };
}

function mapValues(values: Readonly<Record<string, string>>, change: Redact): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
