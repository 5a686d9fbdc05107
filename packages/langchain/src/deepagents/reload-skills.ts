import { skillsMetadataValue } from 'deepagents';
import { createMiddleware } from 'langchain';
import { z } from 'zod';

const state = z.object({ skillsMetadata: skillsMetadataValue });

/**
 * Has the skills listed anew for every run. deepagents lists them once a thread, so that a second task in it would see the skills of the first.
 * Beside `createSkillsMiddleware`, in any order.
 */
export function reloadSkills() {
  return createMiddleware({
    name: 'ReloadSkills',
    stateSchema: state,
    beforeAgent: () => ({ skillsMetadata: null }),
  });
}
