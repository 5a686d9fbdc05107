import { classOf, numberOf } from '../expert/goal.ts';
import { parseRoom, parseTaskSentence } from '../expert/observation.ts';

/**
 * The first two lines of a prompt: the goal, and the room as classes of receptacle with their highest numbers, in alphabetical order.
 * `task put a mug in desk` · `room bed 1 desk 2 drawer 6`.
 *
 * @param instruction - the goal sentence; when empty, the one in the first observation.
 */
export function compactTask(instruction: string, firstObservation: string): string {
  const sentence = (instruction || (parseTaskSentence(firstObservation) ?? '')).replace(/^Your task is to: /i, '');
  const goal = sentence.trim().replace(/\.$/, '').toLowerCase();
  const sizes = new Map<string, number>();
  for (const name of parseRoom(firstObservation)) {
    sizes.set(classOf(name), Math.max(sizes.get(classOf(name)) ?? 0, numberOf(name)));
  }
  const room = [...sizes].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, size]) => `${name} ${size}`);
  return `task ${goal}\nroom ${room.join(' ')}`;
}
