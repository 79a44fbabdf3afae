import { z } from 'zod';
import { clipped } from '../../src/domain/clipped.js';
import type { ConfigTarget } from '../../src/domain/pipeline.js';
import type { ConfigRollback, ProposalStep } from '../../src/domain/proposal.js';
import { configVerification, rollbackTitle } from '../../src/domain/step-text.js';
import type { ProposeTool, ToolContext } from '../../src/domain/tool.js';
import { readSetting, type SettingVersion, settingHistory } from '../config-file.js';
import { datasetsOfTarget, findTarget, similar } from '../resolve.js';
import { ageOf } from '../text.js';
import { protectedFault, type Refusal, stillHolds } from './drafting.js';

const Args = z.strictObject({
  target: z.string().min(1).max(250).describe('Config path of the inventory, e.g. feature_export.memory_gi'),
  to: z
    .union([z.literal('prev'), z.string().regex(/^[0-9a-f]{7,40}$/)])
    .optional()
    .describe('prev (default), or a commit: the value as of that commit'),
});

const VERSIONS = 7;
/** A GitOps controller looks for new commits every few minutes. */
const APPLIES_WITHIN = 600;

/** Puts one setting back to a value that the config repository has held before. */
export const proposeConfigRollback: ProposeTool<typeof Args> = {
  name: 'propose_config_rollback',
  version: '1',
  description:
    'Drafts one step: put one setting of the config repository back by a new commit, to its value before the last change or as of a commit. ' +
    'Only that setting changes, not the rest of the commit. Use it when a change of ours is the cause. Nothing is changed by drafting.',
  args: Args,
  readOnly: true,
  async draft(args, context) {
    const { readers, inventory, policy, signal } = context;
    const target = findTarget(inventory, args.target);
    if (!target) return { refused: unknownTarget(args.target, context) };
    const fault = protectedFault(policy, [target.path]);
    if (fault !== undefined) return { refused: fault };
    if (target.managed === 'live') {
      return {
        refused: `${target.path} is patched on the live resource, no commit takes effect on it. Raise it with propose_resource_increase or escalate.`,
      };
    }
    const versions = await settingHistory(readers.config, target, VERSIONS, signal);
    const restored = await restoredValue(args.to ?? 'prev', target, versions, context);
    if ('refused' in restored) return restored;
    return {
      step: stepOf(
        { do: 'config_rollback', target: target.path, to: args.to ?? 'prev' },
        target,
        versions,
        restored.value,
        context,
      ),
    };
  },
};

/** What to say about a setting that is not in the inventory. */
export function unknownTarget(name: string, { inventory }: ToolContext): string {
  const known = inventory.configTargets.map(({ path }) => path);
  const near = similar(name, known);
  return `${name} is no setting of the inventory. Known: ${(near.length > 0 ? near : known.slice(0, 10)).join(', ') || 'none'}.`;
}

async function restoredValue(
  to: string,
  target: ConfigTarget,
  versions: readonly SettingVersion[],
  { readers, signal }: ToolContext,
): Promise<{ value: string } | Refusal> {
  const [now, before] = versions;
  if (now?.value === undefined) return { refused: `The config repository has no plain value for ${target.path} now.` };
  const value =
    to === 'prev' ? before?.value : readSetting((await readers.config.file(target.file, to, signal)) ?? '', target.key);
  if (value === undefined) {
    return {
      refused:
        to === 'prev'
          ? `${target.path} has had no other value in the history that was read.`
          : `${target.path} had no plain value as of commit ${to}.`,
    };
  }
  return String(value) === String(now.value)
    ? { refused: `${target.path} is ${String(value)} already.` }
    : { value: String(value) };
}

function stepOf(
  action: ConfigRollback,
  target: ConfigTarget,
  versions: readonly SettingVersion[],
  value: string,
  { inventory, now }: ToolContext,
): ProposalStep {
  const [current] = versions;
  const was = String(current?.value);
  const commit = current?.commit;
  const sha = commit?.sha ?? '';
  const others = versions.slice(1).flatMap(({ value: held, commit: by }) =>
    held === undefined || String(held) === was
      ? []
      : [
          {
            to: by.sha,
            value: clipped(String(held), 500),
            text: clipped(`${String(held)} (${by.sha.slice(0, 8)}, ${ageOf(by.at, now()) ?? '?'} ago)`, 300),
          },
        ],
  );
  return {
    action,
    title: rollbackTitle(action, value),
    before: clipped(
      `${target.key}: ${was}\n(${target.file}, commit ${sha.slice(0, 12)} by ${commit?.author ?? '?'}, ${ageOf(commit?.at, now()) ?? '?'} ago: ${commit?.summary ?? ''})`,
      4000,
    ),
    after: clipped(`${target.key}: ${value}\n(${target.file}, new commit)`, 4000),
    effects: [
      'One commit in the config repository; the GitOps controller applies it.',
      'What reads the setting takes it from its next run on.',
      'Other settings changed by the same commit stay as they are.',
    ],
    idempotency: 'idempotent',
    restorePoint: clipped(`commit ${sha} (${target.path} = ${was})`, 300),
    touches: datasetsOfTarget(inventory, target).slice(0, 50),
    preconditions: [
      stillHolds('config.value', target.path, was, `${target.path} is ${was}`),
      stillHolds(
        'config.commit',
        target.path,
        sha,
        `Commit ${sha.slice(0, 12)} is the last that changed ${target.path}`,
      ),
    ],
    verification: [configVerification(target.path, value, APPLIES_WITHIN)],
    alternatives: others.slice(0, 8),
    // People are known by their address; a name in a commit is whatever its author typed.
    authors: commit ? [clipped(commit.email ?? commit.author, 250)] : [],
  };
}
