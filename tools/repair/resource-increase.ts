import { AppError } from '../../src/domain/errors.js';
import type { ConfigTarget, Inventory } from '../../src/domain/pipeline.js';
import type { PlatformReaders, PlatformWriters, SparkApplicationResource } from '../../src/domain/platform-ports.js';
import type { ResourceIncrease } from '../../src/domain/proposal.js';
import type { RepairKey, RepairTool } from '../../src/domain/tool.js';
import { typedLike } from '../config-file.js';
import { liveValue, patchOf } from '../config-target.js';
import { findTarget } from '../resolve.js';
import { checkCommitted, commitSetting, promisedValue } from './config-commit.js';

export interface ResourceIncreaseDeps {
  writers: Pick<PlatformWriters, 'config' | 'kubernetes'>;
  readers: Pick<PlatformReaders, 'config' | 'kubernetes'>;
  inventory: Inventory;
}

/** Raises one setting: a commit where the cluster follows a repository, else a patch bound to the version that was approved. */
export function createResourceIncreaseRepair(deps: ResourceIncreaseDeps): RepairTool<ResourceIncrease> {
  const targetOf = (action: ResourceIncrease): ConfigTarget => {
    const target = findTarget(deps.inventory, action.target);
    if (!target)
      throw new AppError('precondition', { safeText: `${action.target} is no setting of the inventory any more.` });
    return target;
  };
  return {
    kind: 'resource_increase',
    async check(action, key) {
      const target = targetOf(action);
      if (target.managed === 'gitops') return checkCommitted(deps, target, key);
      const { resource, field } = await readLive(deps, target);
      if (!resource) return 'unknown';
      return String(liveValue(resource, field)) === promisedValue(key.step, target.path) ? 'done' : 'not_done';
    },
    async apply(action, key) {
      const target = targetOf(action);
      const value = promisedValue(key.step, target.path);
      if (target.managed === 'live') return patchLive(deps, target, value, key);
      const sha = await commitSetting(deps, target, value, key);
      return { detail: `${target.path} is raised to ${value} by a commit (${sha.slice(0, 12)}).` };
    },
  };
}

async function readLive(
  { readers }: ResourceIncreaseDeps,
  target: ConfigTarget,
): Promise<{ resource: SparkApplicationResource | undefined; field: string }> {
  const place = target.resource;
  if (!place) throw new AppError('misconfigured', { safeText: `The inventory names no resource for ${target.path}.` });
  return { resource: await readers.kubernetes.sparkApplication(place.namespace, place.name), field: place.field };
}

/** First as a dry run, which finds what the cluster would refuse; both bound to the spec that the approver saw, whatever the operator notes meanwhile. */
async function patchLive(
  deps: ResourceIncreaseDeps,
  target: ConfigTarget,
  value: string,
  { step }: RepairKey,
): Promise<{ detail: string }> {
  const { resource, field } = await readLive(deps, target);
  if (!resource) throw new AppError('precondition', { safeText: `The SparkApplication of ${target.path} is gone.` });
  if (resource.managedBy !== undefined) {
    throw new AppError('precondition', {
      safeText: `${resource.name} is owned by a GitOps controller now; a patch would be reverted.`,
    });
  }
  const shown = step.preconditions.find(({ fact }) => fact === 'k8s.spark_spec')?.value;
  if (shown !== undefined && shown !== resource.specVersion) {
    throw new AppError('conflict', {
      retryable: false,
      safeText: `Somebody changed the spec of ${resource.name} since it was approved; nothing was patched.`,
    });
  }
  const { resourceVersion, specVersion } = resource;
  const spec = patchOf(resource, field, typedLike(liveValue(resource, field), value));
  const patch = { spec, resourceVersion, specVersion, scheduled: resource.scheduled !== undefined };
  await deps.writers.kubernetes.patchSparkApplication(resource.namespace, resource.name, patch, true);
  const patched = await deps.writers.kubernetes.patchSparkApplication(resource.namespace, resource.name, patch, false);
  return { detail: `${resource.name} ${field} is raised to ${value} (resource version ${patched.resourceVersion}).` };
}
