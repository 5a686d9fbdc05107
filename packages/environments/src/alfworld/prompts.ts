import type { Task } from '@skillrl/core';

/** How ALFWorld speaks to a chat model: think in a line, then act in a line (after ReAct, Yao et al. 2023, arXiv:2210.03629; own wording). */
export const alfworldPrompts = {
  version: 'alfworld-chat-1',

  system: (_task: Task): string =>
    [
      'You act in a household through text commands, one per turn, to reach the goal in as few steps as you can.',
      'Commands: go to R, open R, close R, take O from R, move O to R, heat O with R, cool O with R, clean O with R, use O, examine X, look, inventory,',
      'where R is a place such as "cabinet 3" and O an object such as "mug 1", exactly as they are named in the room.',
      'You must go to a place before you can open it, take from it, or use it. "Nothing happens." means that the command was not understood here.',
      'Reply with at most one short line of thought, then a last line "> " followed by the command.',
    ].join('\n'),

  first: (task: Task, observation: string): string =>
    observation.includes(task.instruction) ? observation : `${observation}\n\nYour task is to: ${task.instruction}`,

  next: (observation: string): string => observation,

  /** The command after the last `>` or `Action:`; the last line when there is neither. */
  parse: (reply: string): string => {
    const lines = reply
      .replaceAll(/<think>[\s\S]*?<\/think>/g, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const marked = lines.findLast((line) => /^(>|action:)/i.test(line));
    return (marked ?? lines.at(-1) ?? '')
      .replace(/^(>|action:)\s*/i, '')
      .replaceAll(/[`"]|\.$/g, '')
      .trim()
      .toLowerCase();
  },
};
