import type { TrainingEvent } from '@skillrl/training';

import type { EvaluationPoint } from './train-evaluation.ts';

/** News of a training run: stages, finished iterations, points of the curve. */
export type TrainNews = TrainingEvent | { readonly type: 'point'; readonly point: EvaluationPoint };
