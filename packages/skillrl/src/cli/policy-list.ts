import type { PolicyRegistry, RegisteredPolicy } from '@skillrl/drivers';

import { modelServer } from '../model-servers.ts';
import { projectFolder } from '../project-folder.ts';
import type { CommandContext } from './context.ts';
import { table } from './output.ts';

/** What was made live last at a server. */
interface MadeLive {
  readonly version: string;
  readonly server: string;
  /** Nothing is live there any more. */
  readonly isLost: boolean;
}

/** A version as it is listed: `gone` when a server that it was live at has lost it, and it is live nowhere else. */
type ListedPolicy = Omit<RegisteredPolicy, 'status'> & { readonly status: RegisteredPolicy['status'] | 'gone' };

/** Prints every version and what became of it, and what to do about one that was made live and is lost. */
export async function listPolicies({ config, output }: CommandContext, registry: PolicyRegistry): Promise<void> {
  const found = await registry.list();
  const made = await madeLive(registry, config.folder);
  const listed = found.map((policy) => withoutLost(policy, made));
  for (const each of listed) output.data(each);
  if (listed.length === 0) output.line('There is no version yet; skillrl policy add FOLDER takes one in.');
  else for (const line of tableOf(listed)) output.line(line);
  const known = new Set(found.map(({ version }) => version));
  const { policies } = projectFolder(config.folder);
  for (const each of made) {
    if (!known.has(each.version)) output.note(each.isLost ? whatToReplace(each, policies) : whatToKeep(each, policies));
    else if (each.isLost) output.note(whatToPublish(each));
  }
}

/** Ollama is not asked whether it has lost its version: a list contacts nobody. */
async function madeLive(registry: PolicyRegistry, folder: string): Promise<readonly MadeLive[]> {
  const last = new Map((await registry.publications()).map(({ server, version }) => [server, version]));
  return Promise.all(
    [...last].map(async ([server, version]) => {
      const isLost = !server.startsWith('ollama:') && (await modelServer(server, { folder }).live()) === undefined;
      return { version, server, isLost };
    }),
  );
}

function withoutLost(policy: RegisteredPolicy, made: readonly MadeLive[]): ListedPolicy {
  const lost = made.filter(({ version, isLost }) => isLost && version === policy.version).map(({ server }) => server);
  const liveAt = policy.liveAt.filter((server) => !lost.includes(server));
  return { ...policy, liveAt, status: policy.status === 'live' && liveAt.length === 0 ? 'gone' : policy.status };
}

function tableOf(listed: readonly ListedPolicy[]): readonly string[] {
  return table([
    ['version', 'status', 'live at', 'kind', 'from', 'bank', 'weights', 'made'],
    ...listed.map(({ version, status, liveAt, kind, parent, base, bankRevision, sha256, createdAt }) => [
      version,
      status,
      liveAt.join(', '),
      kind,
      parent ?? (base === sha256 ? 'itself' : `base ${base.slice(0, 8)}`),
      bankRevision === undefined ? '' : `r${bankRevision}`,
      sha256.slice(0, 12),
      new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
    ]),
  ]);
}

function whatToPublish({ version, server }: MadeLive): string {
  return `${version}, which was live at ${server}, is gone there, and nothing is live. Put it back: skillrl policy publish ${version} --to ${server}`;
}

function whatToReplace({ version, server }: MadeLive, policies: string): string {
  return `${version}, which was live at ${server}, is gone there and from ${policies}, and nothing is live. Publish another version, skillrl policy publish VERSION --to ${server}, or put the folder of ${version} back from a copy and publish that.`;
}

function whatToKeep({ version, server }: MadeLive, policies: string): string {
  return `${version} is live at ${server}, but gone from ${policies}, so that it cannot be published again. Put its folder back from a copy, or publish another version.`;
}
