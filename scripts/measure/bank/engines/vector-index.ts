import { vectorIndex } from '../../../../packages/drivers/src/index.ts';
import type { EngineModule } from './engine.ts';
import { ours } from './ours.ts';

export const open: EngineModule['open'] = ({ dimensions }) => {
  const index = vectorIndex({ dimensions });
  return { ...ours(index), finish: () => index.settled() };
};
