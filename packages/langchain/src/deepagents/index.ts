export { skillBackend, type SkillBackend, type SkillBackendOptions } from './skill-backend.ts';
export { reloadSkills } from './reload-skills.ts';
export type { SkillListing } from './listed-skills.ts';
export type { ServedSkill } from './skill-text.ts';
