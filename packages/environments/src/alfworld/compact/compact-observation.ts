import { parseList, parseReceptacle } from '../expert/observation.ts';

/**
 * An answer of the game in the few words that the small policy reads: what is visible (`bread 1 mug 2`, `nothing`), `closed`, `ok` for
 * an action that worked, `nothing happens` for one that did not. Every noun is followed by its number. Reads all data versions.
 */
export function compactObservation(text: string): string {
  const answer = text.trim();
  if (/^nothing happens\.?$/i.test(answer)) return 'nothing happens';
  if (answer.startsWith('You are facing the ')) return facing(answer);
  if (answer.startsWith('You are in the middle of a room')) return 'middle';
  if (answer.startsWith('You are not carrying')) return 'carrying nothing';
  const carried = /^You are carrying: ([^\n]*)/.exec(answer);
  if (carried) return `carrying ${listed(carried[1]!)}`;
  if (answer.startsWith('Available commands')) return 'help';
  const inside = /^This is a normal [^.]*\. In it, you see ([^\n]*)/.exec(answer);
  if (inside) return listed(inside[1]!);
  if (answer.startsWith("There's nothing special")) return 'plain';
  const state = /^This (?:is an? (.+) [a-z]+ \d+|[a-z]+ \d+ is (on|off))\.$/.exec(answer);
  if (state) return (state[1] ?? state[2])!.toLowerCase();
  const view = parseReceptacle(answer);
  if (view) return view.state === 'closed' ? 'closed' : view.objects.join(' ') || 'nothing';
  if (/^You (pick up|move|put|heat|cool|clean|turn|close|sliced) /.test(answer)) return 'ok';
  return words(answer);
}

function listed(list: string): string {
  return parseList(list).join(' ') || 'nothing';
}

function facing(answer: string): string {
  const match = /^You are facing the ([^.]*)\. Next to it, you see ([^\n]*)/.exec(answer);
  if (!match) return words(answer);
  const beside = listed(match[2]!);
  return `facing ${parseList(match[1]!).join(' ')}${beside === 'nothing' ? '' : ` beside ${beside}`}`;
}

/** Text of no known form: its first words, in the small alphabet. */
function words(text: string): string {
  const kept = text
    .toLowerCase()
    .replace(/[^a-z0-9 ]+/g, ' ')
    .split(' ')
    .filter(Boolean)
    .slice(0, 12);
  return kept.join(' ') || 'nothing';
}
