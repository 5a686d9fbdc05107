export { packageBuild as default } from '../../tsdown.shared.ts';
