import { packageBuild } from '../../tsdown.shared.ts';

/** LangChain apps come in both module systems; mixing them in one process makes two copies of @langchain/core. */
export default { ...packageBuild, format: ['esm', 'cjs'] };
