import type { EngineModule } from './engine.ts';
import { openUsearch } from './usearch.ts';

export const open: EngineModule['open'] = (options) => openUsearch(options, 'f32');
