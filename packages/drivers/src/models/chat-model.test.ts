import { join } from 'node:path';

import { temporaryFolder, writeTinyModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { chatModel } from './chat-model.ts';

describe('chatModel', () => {
  it('chooses a model of Ollama, whose names have colons too', () => {
    const model = chatModel('ollama:qwen3:4b');
    expect(model.id).toBe('ollama:qwen3:4b');
    expect(model.capabilities).toMatchObject({ messages: true, rawPrompt: true, tokens: false });
    expect(chatModel('ollama:hf.co/some/model@http://far:1234').id).toBe('ollama:hf.co/some/model');
  });

  it('chooses a model behind an OpenAI-compatible server', () => {
    expect(chatModel('openai:gpt-4o-mini').id).toBe('openai:gpt-4o-mini@https://api.openai.com/v1');
    expect(chatModel('openai:gpt-4o-mini').capabilities.rawPrompt).toBe(false);
    expect(chatModel('openai:my/model@http://user:secret@host:8000/v1/').id).toBe(
      'openai:my/model@http://host:8000/v1',
    );
  });

  it('chooses a file, and loads it with the first request', async () => {
    const path = join(temporaryFolder(), 'a model.gguf');
    writeTinyModel(path);
    const model = chatModel(`llama:${path}`, { contextSize: 64 });
    expect(model.capabilities).toEqual({ tokens: true, rawPrompt: true, messages: false, jsonSchema: true });
    await expect(model.chat({ prompt: ' go to desk 1'.repeat(20) })).rejects.toMatchObject({
      code: 'CONTEXT_OVERFLOW',
    });
    await model.close?.();
  });

  it('notices a missing file at once', () => {
    expect(() => chatModel('llama:./nosuch.gguf')).toThrow(
      expect.objectContaining({ code: 'MODEL_FILE_MISSING' }) as Error,
    );
  });

  it.each([
    '',
    'qwen3:4b',
    'ollama:',
    'builtin:nosuch',
    'gpt-4o-mini',
    'OLLAMA:x',
    'vllm:m',
    'tinker://m/sampler_weights/v1',
  ])("lists the forms for '%s'", (spec) => {
    expect(() => chatModel(spec)).toThrow(
      expect.objectContaining({
        code: 'MODEL_SPEC_INVALID',
        hint: expect.stringContaining('ollama:qwen3:4b') as string,
      }) as Error,
    );
  });
});
