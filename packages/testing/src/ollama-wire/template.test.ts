import { describe, expect, it } from 'vitest';

import { chatMl, renderConversation, renderTemplate } from './template.ts';

describe('renderTemplate', () => {
  const values = { System: 'be kind', Prompt: 'hello', Response: '' };

  it('puts values in, and the response at the end where nothing else is said', () => {
    expect(renderTemplate('{{ .System }} task: {{ .Prompt }}\n>', values)).toBe('be kind task: hello\n>');
    expect(renderTemplate('{{ .Prompt }}', { ...values, Response: ' hi' })).toBe('hello hi');
  });

  it('follows conditions and eats blanks', () => {
    const template = '{{- if .System }}[{{ .System }}]{{ else }}none{{ end -}}  \n{{ .Prompt }}';
    expect(renderTemplate(template, values)).toBe('[be kind]hello');
    expect(renderTemplate(template, { ...values, System: '' })).toBe('nonehello');
  });

  it('refuses what it does not know', () => {
    expect(() => renderTemplate('{{ range .Messages }}{{ end }}', values)).toThrow(/not offered/);
  });
});

describe('renderConversation', () => {
  it('leaves the last turn open', () => {
    const messages = [
      { role: 'system', content: 's' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ];
    expect(renderConversation(chatMl, messages)).toBe(
      '<|im_start|>system\ns<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n',
    );
  });
});
