import { policyRegistry, tokenScorer } from '@skillrl/drivers';
import { describeWith, requirement, startOllamaWireServer, temporaryFolder } from '@skillrl/testing';
import { trainingRecipe } from '@skillrl/training';
import { expect, it } from 'vitest';

import { smallSets } from '../../test-support/play-training-games.ts';
import { loadConfig } from '../config.ts';
import { modelServer } from '../model-servers.ts';
import { chatModel } from '../models.ts';
import { projectFolder } from '../project-folder.ts';
import { publishPolicy, rollBackPolicy } from './publish-policy.ts';
import { runTrainJob } from './train-job.ts';

describeWith(requirement('python'), 'the whole loop with an Ollama alone as model server', () => {
  it('samples, trains, publishes and goes back', async () => {
    const wire = await startOllamaWireServer();
    const folder = temporaryFolder();
    const { config } = await loadConfig({ environment: {}, flags: { folder, workers: 2 } });
    const server = `ollama:trained@${wire.url}`;
    const recipe = trainingRecipe({ name: 'short', memory: 'none', groups: 4, groupSize: 4 });
    const { state, report } = await runTrainJob(config, {
      question: 'Does the loop run on Ollama?',
      recipe,
      base: 'warm',
      sets: smallSets,
      iterations: 1,
      evaluateEvery: 0,
      evaluationPlays: 1,
      publishes: false,
      server,
    });
    expect(report.iterations).toBe(1);
    expect(state.served.model).toContain(`ollama:trained:`);

    const registry = policyRegistry({ folder: projectFolder(folder).policies });
    const versions = await registry.list();
    expect(versions.length).toBeGreaterThanOrEqual(2);
    const [first, last] = [versions[0]!, versions.at(-1)!];
    expect(last.parent).toBe(first.version);
    const ports = { registry, server: modelServer(server, { folder, tokenizer: `${last.path}/model-f16.gguf` }) };
    await publishPolicy(first.version, ports);
    const live = chatModel(ports.server.liveModel);
    // The version that Ollama calls live is the one in the registry: its tokens have the probabilities that its file gives them.
    const expectLive = async (path: string): Promise<void> => {
      await using scorer = await tokenScorer(`${path}/model-f16.gguf`);
      const prompt = 'task put mug in desk\n';
      const { tokens } = await live.chat({ prompt, temperature: 1, seed: 1, maxTokens: 16 });
      const ids = scorer.tokenize(prompt);
      const known = (await scorer.logprobs([...ids, ...(tokens?.completionIds ?? [])])).slice(ids.length - 1);
      for (const [place, logprob] of known.entries()) expect(tokens?.logprobs[place]).toBeCloseTo(logprob, 2);
    };
    await expectLive(first.path);
    await publishPolicy(last.version, ports);
    await expectLive(last.path);
    expect((await rollBackPolicy(undefined, ports)).version).toBe(first.version);
    await expectLive(first.path);
    await wire.close();
    // The wire's Ollama evaluates each prompt anew: a second an episode on a quiet machine, seven on a crowded one.
  }, 900_000);
});
