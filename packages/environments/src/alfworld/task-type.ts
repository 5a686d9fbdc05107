/** The six types of task, as the official games name them. */
export type AlfworldTaskType = (typeof types)[number][0];

const types = [
  ['look_at_obj_in_light', /^(?:look at|examine) .+ (?:under|with) (?:the|a) \S+$/],
  ['pick_two_obj_and_place', /^(?:put|find) two .+ (?:in|on) /],
  ['pick_heat_then_place_in_recep', /^(?:heat .+ and put (?:it|them)|put (?:an?|some) hot .+) (?:in|on) /],
  ['pick_cool_then_place_in_recep', /^(?:cool .+ and put (?:it|them)|put (?:an?|some) cool .+) (?:in|on) /],
  ['pick_clean_then_place_in_recep', /^(?:clean .+ and put (?:it|them)|put (?:an?|some) clean .+) (?:in|on) /],
  ['pick_and_place_simple', /^put (?:an?|some) .+ (?:in|on) /],
] as const;

/**
 * The type of a task from its goal sentence, as the games' grammar writes it: `put a hot mug in cabinet.`
 *
 * @returns `undefined` for a sentence that the grammar does not write, such as a person's own words.
 */
export function alfworldTaskType(goal: string): AlfworldTaskType | undefined {
  const sentence = goal.toLowerCase().replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '');
  return types.find(([, pattern]) => pattern.test(sentence))?.[0];
}
