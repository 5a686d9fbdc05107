import type { BaseMessage } from '@langchain/core/messages';
import {
  contentHash,
  newId,
  type EntryExposure,
  type EpisodeEnd,
  type ModelCall,
  type Outcome,
  type RecallNote,
  type Task,
  type Trust,
} from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { WriteBehind, type OnError } from './write-behind.ts';
import { actionOf, chatMessageOf, textOf, usageOf, type ToolAnswer } from './messages.ts';

/** An episode that an agent is at work on in this process. */
export interface OpenEpisode {
  readonly id: string;
  readonly memory: Memory;
  readonly task: Task;
  /** How many of the thread's messages came before this run, when it began. */
  readonly start: number;
  /** The message that asked; absent when it has no id. */
  readonly askedId?: string;
  /** Set once: whoever closes it first. */
  closing?: Promise<void>;
}

/** What tells an episode again after a pause, in another process perhaps. Kept in the thread's private state. */
export interface EpisodeState {
  readonly episodeId: string;
  readonly namespace: string;
  readonly task: Task;
  readonly start: number;
  readonly askedId?: string;
}

/** What is known of a run that came to its end. */
export interface Ending {
  readonly finalAnswer?: string;
  readonly outcome?: () => Promise<Outcome | undefined>;
}

interface Writing extends OpenEpisode {
  /** Positions of the next call and the next action; absent where another process began the episode, so that the store counts. */
  positions?: { call: number; step: number };
  /** The prompt and completion of the last call, which the next one continues. */
  seen: readonly BaseMessage[];
  lastCall?: string;
  note?: RecallNote;
}

/** Most paused episodes that this process remembers; the state of their threads tells the others. */
const mostOpen = 10_000;

/**
 * The episodes that agents are at work on, by id and by the run of their graph. Writes in the background, in order. Nothing of it throws at
 * the agent: failures go to `onError`.
 */
export class OpenEpisodes {
  readonly #byId = new Map<string, Writing>();
  readonly #byRun = new Map<string, string>();
  readonly #paused = new Set<string>();
  /** Of runs that go on: the run they are part of. */
  readonly #parents = new Map<string, string>();
  readonly #writes: WriteBehind<OpenEpisode>;
  readonly #onError: OnError;

  constructor(onError: OnError) {
    this.#onError = onError;
    this.#writes = new WriteBehind(onError);
  }

  /** How much is remembered: nothing, when no run goes on and none is paused. */
  get sizes(): { readonly episodes: number; readonly runs: number; readonly paused: number; readonly parents: number } {
    const [episodes, runs] = [this.#byId.size, this.#byRun.size];
    return { episodes, runs, paused: this.#paused.size, parents: this.#parents.size };
  }

  /** Begins an episode. */
  begin(memory: Memory, state: EpisodeState): OpenEpisode {
    const episode = this.open(memory, state) as Writing;
    episode.positions = { call: 0, step: 0 };
    return episode;
  }

  /** Takes an episode up where it is: this process may not have begun it. */
  open(memory: Memory, { episodeId, task, start, askedId }: EpisodeState): OpenEpisode {
    const known = this.#byId.get(episodeId);
    if (known !== undefined) return known;
    const episode: Writing = { id: episodeId, memory, task, start, askedId, seen: [] };
    this.#byId.set(episodeId, episode);
    if (this.#byId.size > mostOpen) this.#forget(this.#byId.keys().next().value!);
    return episode;
  }

  get(episodeId: string): OpenEpisode | undefined {
    return this.#byId.get(episodeId);
  }

  /** A run began within another one. */
  began(runId: string, parentRunId: string | undefined): void {
    if (parentRunId !== undefined) this.#parents.set(runId, parentRunId);
  }

  ended(runId: string): void {
    this.#parents.delete(runId);
  }

  /** Says that a node of a graph works on the episode: the end of the graph's run is the episode's end. @returns whether that run is known. */
  belongs(nodeRunId: string | undefined, episodeId: string): boolean {
    const graphRunId = nodeRunId === undefined ? undefined : this.#parents.get(nodeRunId);
    if (graphRunId !== undefined) this.#byRun.set(graphRunId, episodeId);
    return graphRunId !== undefined;
  }

  /** The episode that a node of a graph works on. */
  ofNode(nodeRunId: string | undefined): OpenEpisode | undefined {
    const graphRunId = nodeRunId === undefined ? undefined : this.#parents.get(nodeRunId);
    return graphRunId === undefined ? undefined : this.ofRun(graphRunId);
  }

  ofRun(runId: string): OpenEpisode | undefined {
    const id = this.#byRun.get(runId);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** The run stopped to ask somebody: its end is a pause, not an end. */
  pause(runId: string): void {
    if (this.#byRun.has(runId)) this.#paused.add(runId);
    // Another process may go on with it.
    this.#writes.now();
  }

  /** Whether the run that ends was only paused. Asked once a run. */
  wasPaused(runId: string): boolean {
    const paused = this.#paused.delete(runId);
    if (paused) this.#byRun.delete(runId);
    return paused;
  }

  /** What was recalled is written with the next call that shows it. */
  recalled(episode: OpenEpisode, note: RecallNote): void {
    (episode as Writing).note = note;
  }

  /** What the next call shows besides. */
  recalledToo(episode: OpenEpisode, note: RecallNote): void {
    const own = episode as Writing;
    own.note = own.note === undefined ? note : joinedNote(own.note, note);
  }

  call(episode: OpenEpisode, prompt: readonly BaseMessage[], reply: BaseMessage, model: string): void {
    this.#safely('record a model call', () => this.#call(episode as Writing, prompt, reply, model));
  }

  #call(own: Writing, prompt: readonly BaseMessage[], reply: BaseMessage, model: string): void {
    const isContinued = own.lastCall !== undefined && own.seen.every((message, at) => isSame(message, prompt[at]));
    const call: ModelCall = {
      id: newId('call'),
      ...(isContinued && { parent: own.lastCall }),
      model,
      newMessages: prompt.slice(isContinued ? own.seen.length : 0).map(chatMessageOf),
      completion: textOf(reply),
      ...usageOf(reply, prompt),
      ...(own.note !== undefined && { recall: own.note }),
    };
    own.note = undefined;
    own.lastCall = call.id;
    own.seen = [...prompt, reply];
    const index = own.positions && own.positions.call++;
    this.write(own, 'record a model call', () => own.memory.recorder.modelCall(own.id, call, { index }));
  }

  /** @returns the id under which the answer is given. */
  act(episode: OpenEpisode, call: { readonly name: string; readonly args: unknown }): string {
    return this.#act(episode as Writing, actionOf(call));
  }

  answer(episode: OpenEpisode, actionId: string, { text }: ToolAnswer, trust: Trust): void {
    const answer = { observation: text, trust };
    this.write(episode, 'record an answer', () => episode.memory.recorder.answer(episode.id, actionId, answer));
  }

  /** Closes the episode; a second time does nothing. Settles when all of it is written. */
  close(episode: OpenEpisode, end: EpisodeEnd, ending: Ending = {}): Promise<void> {
    const own = episode as Writing;
    own.closing ??= this.#close(own, end, ending);
    return own.closing;
  }

  async #close(episode: Writing, end: EpisodeEnd, { finalAnswer, outcome }: Ending): Promise<void> {
    const { recorder } = episode.memory;
    if (finalAnswer !== undefined && finalAnswer !== '') this.#act(episode, finalAnswer);
    const judged = await outcome?.().catch((error: unknown) => {
      this.#onError('grade an episode', error);
      return undefined;
    });
    this.write(episode, 'close an episode', () => recorder.end(episode.id, end));
    if (judged !== undefined) {
      this.write(episode, 'record an outcome', () => recorder.outcome(episode.id, judged));
    }
    await this.#writes.written(episode);
    this.#forget(episode.id);
  }

  write(episode: OpenEpisode, what: string, work: () => Promise<unknown>): void {
    this.#writes.add(episode, what, work);
  }

  #act(episode: Writing, action: string): string {
    const actionId = newId('action');
    const index = episode.positions && episode.positions.step++;
    // Parallel tool calls share the model call that asked for them.
    const callIds = episode.lastCall === undefined ? [] : [episode.lastCall];
    const act = { action, actionId, index, callIds };
    this.write(episode, 'record an action', () => episode.memory.recorder.act(episode.id, act));
    return actionId;
  }

  /** Waits until everything is written, and what is being closed is closed. */
  async flush(): Promise<void> {
    const episodes = [...this.#byId.values()];
    await this.hurry(Promise.all(episodes.map((episode) => episode.closing ?? this.#writes.written(episode))));
  }

  /** Waits for the work, and writes at once what it has to write. */
  hurry(work: Promise<unknown>): Promise<void> {
    return this.#writes.hurry(work);
  }

  /** Whatever a message is made of, reading it must not fail the run. */
  #safely(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onError(what, error);
    }
  }

  #forget(episodeId: string): void {
    this.#byId.delete(episodeId);
    for (const [run, id] of this.#byRun) if (id === episodeId) this.#byRun.delete(run);
  }
}

/** Withholding draws of an episode: the same however often it is asked, another for each episode of a task. */
export function drawSeed(episodeId: string): number {
  return Number.parseInt(contentHash(episodeId).slice(0, 8), 16);
}

/** Two recalls for one call: an entry that either of them shows is shown. */
function joinedNote(first: RecallNote, second: RecallNote): RecallNote {
  const shown = distinct([...first.shown, ...second.shown]);
  const ids = new Set(shown.map(({ entryId }) => entryId));
  const withheld = distinct([...first.withheld, ...second.withheld]).filter(({ entryId }) => !ids.has(entryId));
  const degraded = first.degraded ?? second.degraded;
  const tokens = first.tokens + second.tokens;
  return { ...first, shown, withheld, tokens, ...(degraded !== undefined && { degraded }) };
}

function distinct(exposures: readonly EntryExposure[]): EntryExposure[] {
  return exposures.filter(({ entryId }, at) => exposures.findIndex((one) => one.entryId === entryId) === at);
}

function isSame(one: BaseMessage, other: BaseMessage | undefined): boolean {
  if (one === other) return true;
  if (other === undefined) return false;
  if (one.id !== undefined && other.id !== undefined) return one.id === other.id;
  // The system message has no id, and is made anew for each call.
  return one.getType() === other.getType() && isDeepEqual(one.content, other.content);
}

function isDeepEqual(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));
}
