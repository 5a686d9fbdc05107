import { HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { getCurrentTaskInput } from '@langchain/langgraph';
import { InputError } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';
import type { BackendProtocolV2, FileInfo, GrepMatch } from 'deepagents';

import { isObject, textOf } from '../messages.ts';
import type { RunUnderway, SkillMemory } from '../skill-memory.ts';
import { matchesGlob } from './glob.ts';
import { listSkills, type SkillListing } from './listed-skills.ts';
import { SkillNames } from './skill-names.ts';
import { skillText } from './skill-text.ts';

export interface SkillBackendOptions {
  /** Folder of the skills within the backend. Default `/skills/`; `/` for a route of a `CompositeBackend`, which takes its prefix off. */
  readonly root?: string;
  /** The folder as the agent sees it, where that is another. Default: `root`. */
  readonly shownRoot?: string;
  /** Tokens that the listed skills may take in the prompt. Default 800. */
  readonly budgetTokens?: number;
  /** Skills less relevant than this are not listed, in [0, 1.3]. Default 0.1: the agent chooses among what is listed. */
  readonly minRelevance?: number;
  /** What is asked, from the state of the agent. Default: the text of its last human message. */
  readonly task?: (state: unknown) => string | undefined;
  /**
   * Of an agent that has its middleware too: what was listed is written on the run's episode, and what the episode withholds by
   * chance is not listed. Default: listings are on no episode.
   */
  readonly recordedBy?: Pick<SkillMemory, 'running'>;
  /** Is told of every listing that was made. */
  readonly onListed?: (listing: SkillListing) => void;
  /** Is told when the memory could not be read; the agent then goes on without skills. Default: `console.warn`. */
  readonly onError?: (error: unknown) => void;
}

/** A backend of deepagents that holds the bank's skills and nothing else. */
export type SkillBackend = BackendProtocolV2;

const readOnly = { error: 'permission_denied: skills are read only; they are learned from episodes.' };

/**
 * A virtual, read-only backend for deepagents that lists the skills which the memory recalls for the present task, within a budget, instead of
 * all of them. Every skill of the bank that may be served can be read by its path, listed or not. Nothing is written to a disk.
 *
 * @throws {InputError} `BUDGET_INVALID`, `ROOT_INVALID`.
 * @example
 * createSkillsMiddleware({ backend: skillBackend(memory), sources: ['/skills/'] })
 */
export function skillBackend(memory: Memory, options: SkillBackendOptions = {}): SkillBackend {
  const { root = '/skills/', budgetTokens = 800, task = askedLast, onListed, onError = warn } = options;
  const { shownRoot = root, minRelevance = 0.1, recordedBy } = options;
  refuse(budgetTokens, root);
  const names = new SkillNames(memory);
  const madeAt = new Date().toISOString();

  /** The run that this is called in, when its episode is one of this tenant. */
  function run(): RunUnderway | undefined {
    const underway = recordedBy?.running();
    return underway?.namespace === memory.namespace ? underway : undefined;
  }

  async function listing(): Promise<SkillListing> {
    const instruction = task(currentState())?.trim() ?? '';
    const nothing = { task: instruction, skills: [], tokens: 0 };
    if (instruction === '') return nothing;
    try {
      const { seed } = run() ?? {};
      const found = await listSkills(memory, instruction, { budgetTokens, minRelevance, shownRoot, seed });
      names.add(found.skills);
      return found;
    } catch (error) {
      onError(error);
      return nothing;
    }
  }

  /** The text of a file; `undefined` where there is none. */
  async function textAt(path: string): Promise<string | undefined> {
    const name = nameIn(path, root);
    if (name === undefined) return undefined;
    try {
      const entry = await names.entry(name);
      return entry && skillText(entry);
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  return {
    ls: async (path) => {
      const folder = path.endsWith('/') ? path : `${path}/`;
      if (folder === root) {
        const found = await listing();
        if (found.recall !== undefined) run()?.shows(found.recall);
        onListed?.(found);
        return { files: found.skills.map(({ name }): FileInfo => ({ path: `${root}${name}/`, is_dir: true })) };
      }
      if (root !== '/' && root.startsWith(folder)) {
        const next = root.slice(folder.length).split('/')[0];
        return { files: [{ path: `${folder}${next}/`, is_dir: true }] };
      }
      const text = await textAt(`${folder}SKILL.md`);
      return text === undefined ? missing(path) : { files: [{ path: `${folder}SKILL.md`, size: text.length }] };
    },
    read: async (path, offset = 0, limit = 500) => {
      const text = await textAt(path);
      if (text === undefined) return missing(path);
      const lines = text.split('\n');
      const end = Math.min(lines.length, offset + limit);
      const content = lines.slice(offset, end).join('\n');
      const more = end < lines.length ? { nextOffset: end } : {};
      return {
        content,
        mimeType: 'text/markdown',
        totalLines: lines.length,
        startLine: offset + 1,
        endLine: end,
        ...more,
      };
    },
    readRaw: async (path) => {
      const content = await textAt(path);
      if (content === undefined) return missing(path);
      return { data: { content, mimeType: 'text/markdown', created_at: madeAt, modified_at: madeAt } };
    },
    downloadFiles: (paths) =>
      Promise.all(
        paths.map(async (path) => {
          const text = await textAt(path);
          return text === undefined
            ? { path, content: null, error: 'file_not_found' as const }
            : { path, content: new TextEncoder().encode(text), error: null };
        }),
      ),
    grep: async (pattern, path, glob, maxCount) => {
      const matches: GrepMatch[] = [];
      const most = maxCount ?? Infinity;
      for (const { name, text } of (await listing()).skills) {
        const file = `${root}${name}/SKILL.md`;
        if (!file.startsWith(path ?? '/') || (glob != null && !matchesGlob(file, glob))) continue;
        for (const [index, line] of text.split('\n').entries()) {
          if (!line.includes(pattern)) continue;
          if (matches.length >= most) return { matches, truncated: true };
          matches.push({ path: file, line: index + 1, text: line });
        }
      }
      return { matches };
    },
    glob: async (pattern, path = '/') => {
      const files = (await listing()).skills.map(({ name, text }) => ({
        path: `${root}${name}/SKILL.md`,
        size: text.length,
      }));
      return { files: files.filter((file) => file.path.startsWith(path) && matchesGlob(file.path, pattern)) };
    },
    write: () => readOnly,
    edit: () => readOnly,
    delete: () => readOnly,
    uploadFiles: (files) => files.map(([path]) => ({ path, error: 'permission_denied' as const })),
  };
}

/** `/skills/brew-coffee/SKILL.md` → `brew-coffee`. */
function nameIn(path: string, root: string): string | undefined {
  if (!path.startsWith(root)) return undefined;
  return /^([^/]+)\/SKILL\.md$/u.exec(path.slice(root.length))?.[1];
}

function missing(path: string): { readonly error: string } {
  return { error: `File '${path}' not found` };
}

function refuse(budgetTokens: number, root: string): void {
  if (!(budgetTokens >= 1)) {
    throw new InputError({
      code: 'BUDGET_INVALID',
      message: `The budget of the listed skills must be at least one token, not ${budgetTokens}.`,
    });
  }
  if (!/^\/(?:[^/]+\/)*$/u.test(root)) {
    throw new InputError({ code: 'ROOT_INVALID', message: `A root is written '/skills/', not '${root}'.` });
  }
}

/** The state of the agent in whose run we are called; `undefined` outside of one. */
function currentState(): unknown {
  try {
    return getCurrentTaskInput();
  } catch {
    return undefined;
  }
}

function askedLast(state: unknown): string | undefined {
  const messages = isObject(state) && Array.isArray(state['messages']) ? (state['messages'] as BaseMessage[]) : [];
  const last = messages.findLast((message) => HumanMessage.isInstance(message));
  return last && textOf(last);
}

function warn(error: unknown): void {
  console.warn(`skillrl: could not read the memory: ${error instanceof Error ? error.message : String(error)}`);
}
