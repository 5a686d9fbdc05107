import { fileURLToPath } from 'node:url';

import { describeWith, ownDisk, requirement, runOnOwnDisk } from '@skillrl/testing';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../test-support/full-disk-training.ts', import.meta.url));

describeWith(requirement('python'), 'a training run', () => {
  describeWith(ownDisk(), 'on a disk that is full at its save, then at its export', () => {
    it('says so, leaves nothing half-written, and comes to the same end when there is room', async () => {
      const [ended] = await runOnOwnDisk<{ readonly undisturbed: readonly object[] }>('300m', program);
      // Of the exports here only that of the version which the run began with is whole, and no part of another is left.
      const exported = [expect.stringMatching(/-v0$/)];
      const full = { code: 'DISK_FULL', hint: expect.stringMatching(/space/) as string, exported };
      const save = (version: number) => expect.stringMatching(new RegExp(`^weights/\\w+-v${version}$`)) as string;
      expect(ended).toEqual({
        refused: [
          { stage: 'saved', ...full, atTrainer: [save(0)] },
          { stage: 'exported', ...full, atTrainer: [save(0), save(1)] },
        ],
        iteration: 1,
        atTrainer: [save(1)],
        result: ended?.undisturbed,
        undisturbed: [expect.objectContaining({ training: expect.objectContaining({ steps: 4 }) as object })],
      });
    }, 1_200_000);
  });
});
