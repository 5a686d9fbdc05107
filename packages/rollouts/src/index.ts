// Plan first: which rollouts, with which seeds.
export { planRollouts, type RolloutPlan } from './plan.ts';
export { keyedSeed } from './seed.ts';

// Then run: one episode, or a whole plan that can be stopped and taken up again.
export { collect, type CollectOptions, type RolloutRunner } from './collect.ts';
export { reachedLimit, type RolloutLimits, type RolloutUsage } from './limits.ts';
export { localRunner } from './local-runner.ts';
export { episodeIdOf, runEpisode, type RunEpisodeOptions } from './run-episode.ts';

// A chat model as a policy.
export { promptedPolicy, type PromptedPolicyOptions, type PromptFormat } from './prompted-policy.ts';
