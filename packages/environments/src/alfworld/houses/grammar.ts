/**
 * The text of household games in TextWorld's `.twl2` notation: word for word what the official games print, derived from rules of our own.
 *
 * @param instruction - the sentence after `Your task is to: `.
 */
export function householdGrammar(instruction: string): string {
  return `grammar :: """
${JSON.stringify({ ...sentences, task: [{ rhs: `Your task is to: ${instruction}` }] }, undefined, 1)}
""";
${actions.map(([name, template, feedback]) => actionText(name, template, feedback)).join('')}`;
}

// Some conditions and lists are used twice. Lower case: the engine lowers the domain before it matches.
const here = 'atlocation(a:agent, l:place) & receptacleatlocation(r:receptacle, l:place)';
// Items before receptacles: the order of the conditions is the order of the list.
const setDownHere =
  'atlocation(a:agent, l:place) & objectatlocation(o:item, l:place) & receptacleatlocation(r:receptacle, l:place) & not_inreceptacle(o:item, r:receptacle)';
const contents = "[{o.indefinite + ' ' + o.name | inreceptacle(o:item, r:receptacle)}]";

const sentences = {
  intro: [{ rhs: '-= Welcome to TextWorld, ALFRED! =-\n\n#surroundings#\n\n#task#' }],

  surroundings: [
    { condition: here, rhs: `You are facing the [{r.name | ${here}}]. Next to it, you see #set-down-here#.` },
    { rhs: 'You are in the middle of a room. Looking quickly around you, you see #furniture#.' },
  ],
  'set-down-here': [
    { condition: setDownHere, rhs: `[{o.indefinite + ' ' + o.name | ${setDownHere}}]` },
    { rhs: 'nothing' },
  ],
  furniture: [{ rhs: "[{r.indefinite + ' ' + r.name | receptacleatlocation(r:receptacle, l:place)}]" }],

  receptacle: [
    {
      condition: 'openable(r:receptacle) & opened(r:receptacle)',
      rhs: `The {r.name} is open. In it, you see ${contents}.`,
    },
    { condition: 'opened(r:receptacle)', rhs: `On the {r.name}, you see ${contents}.` },
    { rhs: 'The {r.name} is closed.' },
  ],

  item: [
    { condition: 'isreceptacleobject(o:item)', rhs: 'This is a normal {o.name}. In it, you see nothing.' },
    { condition: 'isclean(o:item) & ishot(o:item)', rhs: 'This is a hot and clean #cut#.' },
    { condition: 'isclean(o:item) & iscool(o:item)', rhs: 'This is a cool and clean #cut#.' },
    { condition: 'isclean(o:item)', rhs: 'This is a clean #cut#.' },
    { condition: 'ishot(o:item)', rhs: 'This is a hot #cut#.' },
    { condition: 'iscool(o:item) & issliced(o:item)', rhs: 'This is a cool #cut#.' },
    { condition: 'iscool(o:item)', rhs: 'This is a cold #cut#.' },
    { condition: 'issliced(o:item)', rhs: 'This is a #cut#.' },
    { rhs: "There's nothing special about {o.name}." },
  ],
  cut: [{ condition: 'issliced(o:item)', rhs: 'sliced {o.name}' }, { rhs: '{o.name}' }],

  hand: [
    { condition: 'handfree(a:agent)', rhs: 'You are not carrying anything.' },
    { rhs: "You are carrying: [{o.indefinite + ' ' + o.name | holds(a:agent, o:item)}]." },
  ],

  list_empty: [{ rhs: 'nothing' }],
  list_separator: [{ rhs: ', ' }],
  list_last_separator: [{ rhs: ', and ' }],
};

const help = `
Available commands:
  look:                             look around your current location
  inventory:                        check your current inventory
  go to (receptacle):               move to a receptacle
  open (receptacle):                open a receptacle
  close (receptacle):               close a receptacle
  take (object) from (receptacle):  take an object from a receptacle
  move (object) to (receptacle):  place an object in or on a receptacle
  examine (something):              examine a receptacle or an object
  use (object):                     use an object
  heat (object) with (receptacle):  heat an object using a receptacle
  clean (object) with (receptacle): clean an object using a receptacle
  cool (object) with (receptacle):  cool an object using a receptacle
  slice (object) with (object):     slice an object using a sharp object
`;

// Action of the domain, the command that does it, and what is printed.
const actions: readonly (readonly [name: string, template: string, feedback: string])[] = [
  ['look', 'look', '#surroundings#'],
  ['inventory', 'inventory', '#hand#'],
  ['help', 'help', help],
  ['walk', 'go to {r}', 'You arrive at {r.name}. #receptacle#'],
  ['open', 'open {r}', 'You open the {r.name}. #receptacle#'],
  ['close', 'close {r}', 'You close the {r.name}.'],
  ['inspect-receptacle', 'examine {r}', '#receptacle#'],
  ['inspect-item', 'examine {o}', '#item#'],
  ['take', 'take {o} from {r}', 'You pick up the {o.name} from the {r.name}.'],
  ['move', 'move {o} to {r}', 'You move the {o.name} to the {r.name}.'],
  ['clean', 'clean {o} with {r}', 'You clean the {o.name} using the {r.name}.'],
  ['heat', 'heat {o} with {r}', 'You heat the {o.name} using the {r.name}.'],
  ['cool', 'cool {o} with {r}', 'You cool the {o.name} using the {r.name}.'],
  ['use', 'use {o}', 'You turn on the {o.name}.'],
  ['slice', 'slice {co} with {ko}', 'You sliced the {co.name} with the {ko.name}.'],
];

function actionText(name: string, template: string, feedback: string): string {
  return `
action ${name} {
  template :: "${template}";
  feedback :: "${feedback}";
}
`;
}
