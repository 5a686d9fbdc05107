/** What a template can put in. */
export interface TemplateValues {
  readonly System: string;
  readonly Prompt: string;
  readonly Response: string;
}

/**
 * Renders the part of Go's template language that prompts use: `{{ .System }}`, `{{ .Prompt }}`, `{{ .Response }}`,
 * `{{ if .System }}…{{ else }}…{{ end }}`, and `{{-`, `-}}`, which eat blanks. Where a template does not say where the response goes, it
 * goes to the end.
 *
 * @throws {RangeError} for any other action.
 */
export function renderTemplate(template: string, values: TemplateValues): string {
  const whole = template.includes('.Response') ? template : `${template}{{ .Response }}`;
  const trimmed = whole.replaceAll(/\s*\{\{-/g, '{{').replaceAll(/-\}\}\s*/g, '}}');
  let text = '';
  /** Whether each `if` around is in a branch that is taken. */
  const taken: boolean[] = [];
  for (const [piece, action] of pieces(trimmed)) {
    const isShown = taken.every(Boolean);
    if (isShown) text += piece;
    if (action === undefined) break;
    const [word = '', argument = ''] = action.split(/\s+/);
    if (word === 'if') taken.push(valueOf(argument, values) !== '');
    else if (word === 'else') taken.push(!(taken.pop() ?? false));
    else if (word === 'end') taken.pop();
    else if (isShown) text += valueOf(word, values);
  }
  return text;
}

/** A conversation as one prompt; each message of the user begins a rendering of the template, and the last one is left open. */
export function renderConversation(
  template: string,
  messages: readonly { readonly role: string; readonly content: string }[],
  defaultSystem = '',
): string {
  let text = '';
  let open = { System: defaultSystem, Prompt: '', Response: '' };
  let isEmpty = true;
  const close = (): void => {
    if (!isEmpty) text += renderTemplate(template, open);
    open = { System: '', Prompt: '', Response: '' };
    isEmpty = true;
  };
  for (const { role, content } of messages) {
    if (role === 'system') {
      if (!isEmpty) close();
      open = { ...open, System: content };
    } else if (role === 'assistant') {
      open = { ...open, Response: content };
      isEmpty = false;
      close();
    } else {
      if (!isEmpty) close();
      open = { ...open, Prompt: content };
      isEmpty = false;
    }
  }
  close();
  return text;
}

/** What `/api/chat` puts messages into when a model has no template. */
export const chatMl =
  '{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}<|im_start|>user\n{{ .Prompt }}<|im_end|>\n<|im_start|>assistant\n{{ .Response }}{{ if .Response }}<|im_end|>\n{{ end }}';

function* pieces(template: string): Iterable<[text: string, action: string | undefined]> {
  let at = 0;
  for (const found of template.matchAll(/\{\{(.*?)\}\}/gs)) {
    yield [template.slice(at, found.index), found[1]?.trim()];
    at = found.index + found[0].length;
  }
  yield [template.slice(at), undefined];
}

function valueOf(name: string, values: TemplateValues): string {
  const key = name.slice(1);
  if (name.startsWith('.') && key in values) return values[key as keyof TemplateValues];
  throw new RangeError(`template: function or field "${name}" is not offered by this server`);
}
