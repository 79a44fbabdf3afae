import { AppError } from '../../src/domain/errors.js';
import type { ConfigTarget } from '../../src/domain/pipeline.js';
import type { PlatformReaders, PlatformWriters } from '../../src/domain/platform-ports.js';
import type { ProposalStep } from '../../src/domain/proposal.js';
import type { RepairKey } from '../../src/domain/tool.js';
import { readSetting, typedLike, writeSetting } from '../config-file.js';

export interface ConfigCommitDeps {
  writers: Pick<PlatformWriters, 'config'>;
  readers: Pick<PlatformReaders, 'config'>;
}

/** The value that the card promised for this setting. @throws AppError `internal` when the step promises none. */
export function promisedValue(step: ProposalStep, target: string): string {
  const promise = step.verification.find((check) => check.fact === 'config.value' && check.target === target);
  if (!promise) throw new AppError('internal', { safeText: `The step does not say what ${target} shall be.` });
  return promise.value;
}

/** Done under this key, done by somebody else to the same effect, or not done; the branch tells. */
export async function checkCommitted(
  { writers, readers }: ConfigCommitDeps,
  target: ConfigTarget,
  key: RepairKey,
): Promise<'done' | 'not_done'> {
  if ((await writers.config.findByKey(key.idempotencyKey)) !== undefined) return 'done';
  const now = readSetting((await readers.config.file(target.file)) ?? '', target.key);
  return String(now) === promisedValue(key.step, target.path) ? 'done' : 'not_done';
}

/** One commit that changes this one value and no other byte of the file, on the file as it was when it was read. */
export async function commitSetting(
  { writers, readers }: ConfigCommitDeps,
  target: ConfigTarget,
  value: string,
  key: RepairKey,
): Promise<string> {
  const [newest] = await readers.config.log({ file: target.file, limit: 1 });
  const text = newest && (await readers.config.file(target.file, newest.sha));
  if (newest === undefined || text === undefined) {
    throw new AppError('precondition', { safeText: `${target.file} is not in the config repository.` });
  }
  const content = writeSetting(text, target.key, typedLike(readSetting(text, target.key), value));
  const { sha } = await writers.config.commit({
    message: commitMessage(target, value, key),
    key: key.idempotencyKey,
    files: [{ path: target.file, content }],
    base: newest.sha,
  });
  return sha;
}

export function commitMessage(target: ConfigTarget, value: string, { incident, approvedBy }: RepairKey): string {
  return `Set ${target.path} to ${value}\n\nRepair of incident ${incident}, approved by ${approvedBy.join(', ')}.`;
}
