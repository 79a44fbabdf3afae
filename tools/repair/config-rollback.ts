import { AppError } from '../../src/domain/errors.js';
import type { ConfigTarget, Inventory } from '../../src/domain/pipeline.js';
import type { ConfigRollback } from '../../src/domain/proposal.js';
import type { RepairKey, RepairTool } from '../../src/domain/tool.js';
import { differsOnlyAt, readSetting } from '../config-file.js';
import { findTarget } from '../resolve.js';
import { type ConfigCommitDeps, checkCommitted, commitMessage, commitSetting, promisedValue } from './config-commit.js';

export interface ConfigRollbackDeps extends ConfigCommitDeps {
  inventory: Inventory;
}

/**
 * Puts one setting back: a revert where the commit at fault changed nothing else, else a commit that sets the one value. The
 * commit carries our key, so a second try finds the first.
 */
export function createConfigRollbackRepair(deps: ConfigRollbackDeps): RepairTool<ConfigRollback> {
  const targetOf = (action: ConfigRollback): ConfigTarget => {
    const target = findTarget(deps.inventory, action.target);
    if (!target)
      throw new AppError('precondition', { safeText: `${action.target} is no setting of the inventory any more.` });
    return target;
  };
  return {
    kind: 'config_rollback',
    check: async (action, key) => checkCommitted(deps, targetOf(action), key),
    async apply(action, key) {
      const target = targetOf(action);
      const value = promisedValue(key.step, target.path);
      const culprit = await soleCulprit(deps, target, value);
      const reverted = culprit === undefined ? undefined : await revert(deps, target, culprit, value, key);
      const sha = reverted ?? (await commitSetting(deps, target, value, key));
      return {
        detail: `${target.path} is put back to ${value} by ${reverted ? 'reverting one commit' : 'a commit'} (${sha.slice(0, 12)}).`,
      };
    },
  };
}

/** The commit that set the present value, when it touched this setting alone and undoing it gives the wanted value. */
async function soleCulprit(
  { readers }: ConfigRollbackDeps,
  target: ConfigTarget,
  value: string,
): Promise<string | undefined> {
  const commits = await readers.config.log({ file: target.file, limit: 2 });
  const [newest, previous] = commits;
  if (!newest || !previous || newest.files.length !== 1) return undefined;
  const after = await readers.config.file(target.file, newest.sha);
  const before = await readers.config.file(target.file, previous.sha);
  if (before === undefined || after === undefined || String(readSetting(before, target.key)) !== value)
    return undefined;
  return differsOnlyAt(before, after, target.key) ? newest.sha : undefined;
}

/** Undefined when the revert does not apply any more: git said so before anything was pushed. */
async function revert(
  { writers }: ConfigRollbackDeps,
  target: ConfigTarget,
  sha: string,
  value: string,
  key: RepairKey,
): Promise<string | undefined> {
  try {
    return (await writers.config.revert({ sha, message: commitMessage(target, value, key), key: key.idempotencyKey }))
      .sha;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'conflict') return undefined;
    throw thrown;
  }
}
