import { z } from 'zod';
import { clipped } from '../../src/domain/clipped.js';
import type { ConfigTarget } from '../../src/domain/pipeline.js';
import type { SparkApplicationResource } from '../../src/domain/platform-ports.js';
import type { Expectation, ProposalStep, ResourceIncrease } from '../../src/domain/proposal.js';
import { amountIn, bytesOf, parseQuantity, writtenAs } from '../../src/domain/quantity.js';
import { configVerification, increaseTitle } from '../../src/domain/step-text.js';
import type { ProposeTool, ToolContext } from '../../src/domain/tool.js';
import { settingHistory } from '../config-file.js';
import { liveValue, readTarget } from '../config-target.js';
import { datasetsOfTarget, findTarget } from '../resolve.js';
import { protectedFault, type Refusal, stillHolds } from './drafting.js';
import { unknownTarget } from './propose-config-rollback.js';

const Args = z.strictObject({
  target: z.string().min(1).max(250).describe('Config path of the inventory, e.g. feature_export.memory_gi'),
  value: z
    .number()
    .positive()
    .describe('The new value, in the unit of the setting; must be above the present one and within the cap'),
});

const APPLIES_WITHIN = 600;

/** Raises one resource setting within the policy's cap, in the live resource or in the repository that owns it. */
export const proposeResourceIncrease: ProposeTool<typeof Args> = {
  name: 'propose_resource_increase',
  version: '1',
  description:
    'Drafts one step: raise one resource setting (memory, cores, instances…) within the cap that the policy sets for it. ' +
    'Use it when demand grew and no change of ours explains the failure. Nothing is changed by drafting.',
  args: Args,
  readOnly: true,
  async draft(args, context) {
    const { inventory, policy, readers, signal } = context;
    const target = findTarget(inventory, args.target);
    if (!target) return { refused: unknownTarget(args.target, context) };
    const fault = protectedFault(policy, [target.path]) ?? capFault(target, args.value, policy.caps[target.path]);
    if (fault !== undefined) return { refused: fault };
    const raw = await readTarget(readers, target, signal);
    const current = raw === undefined ? undefined : amountIn(String(raw), target.unit);
    if (raw === undefined || current === undefined) return { refused: `${target.path} has no numeric value now.` };
    if (args.value <= current)
      return { refused: `${target.path} is ${String(raw)} already; ${args.value} would be no increase.` };
    const action: ResourceIncrease = { do: 'resource_increase', target: target.path, value: args.value };
    const written = writtenAs(String(raw), args.value, target.unit);
    const place =
      target.managed === 'live' ? await livePlace(target, written, context) : await repositoryPlace(target, context);
    return 'refused' in place ? place : { step: stepOf(action, target, String(raw), written, place, context) };
  },
};

function capFault(target: ConfigTarget, value: number, cap: number | undefined): string | undefined {
  if (cap === undefined)
    return `${target.path} has no cap in the policy, so it may not be increased. Escalate to its owner.`;
  return value > cap ? `${target.path} may be set to ${cap} at most by the policy; ${value} is above it.` : undefined;
}

interface Place {
  effects: string[];
  restorePoint: string;
  preconditions: Expectation[];
  place: string;
}

async function repositoryPlace(target: ConfigTarget, { readers, signal }: ToolContext): Promise<Place | Refusal> {
  const [newest] = await settingHistory(readers.config, target, 1, signal);
  if (!newest) return { refused: `The config repository has no commit that set ${target.path}.` };
  const { sha } = newest.commit;
  return {
    effects: [
      'One commit in the config repository; the GitOps controller applies it.',
      'It counts from the next start of what reads it.',
    ],
    restorePoint: `commit ${sha}`,
    preconditions: [
      stillHolds(
        'config.commit',
        target.path,
        sha,
        `Commit ${sha.slice(0, 12)} is the last that changed ${target.path}`,
      ),
    ],
    place: target.file,
  };
}

async function livePlace(target: ConfigTarget, written: string, context: ToolContext): Promise<Place | Refusal> {
  const { resource } = target;
  if (!resource) return { refused: `${target.path} is live, but the inventory names no resource for it.` };
  const { namespace, name, field } = resource;
  const found = await context.readers.kubernetes.sparkApplication(namespace, name, context.signal);
  if (!found) return { refused: `There is no SparkApplication ${namespace}/${name}.` };
  if (found.managedBy !== undefined) {
    return {
      refused: `${namespace}/${name} is owned by ${found.managedBy}, which would revert a live patch: it needs a commit in the repository that ${found.managedBy} follows.`,
    };
  }
  const fault =
    (await quotaFault(found, field, written, context)) ?? (await limitFault(found, field, written, context));
  if (fault !== undefined) return { refused: fault };
  const place = `${namespace}/${name}`;
  return {
    effects: [effectOf(found, place)],
    restorePoint: `${place} ${field} = ${String(liveValue(found, field))}`,
    preconditions: [
      stillHolds(
        'k8s.spark_spec',
        place,
        found.specVersion,
        `The spec of ${place} is unchanged (generation ${found.specVersion.slice(0, 80)})`,
      ),
      stillHolds('k8s.spark_state', place, found.state, `${place} is ${found.state || 'new'}`),
    ],
    place: `${place} ${field}`,
  };
}

function effectOf({ scheduled }: SparkApplicationResource, place: string): string {
  if (!scheduled) return `Patching ${place} kills the application if it runs, and starts it again with the new value.`;
  const next = scheduled.suspended
    ? 'once it is resumed: it is suspended now'
    : `from its next run (${scheduled.schedule})`;
  return `Patching ${place} changes the template of a scheduled application: it counts ${next.slice(0, 120)}. No run is killed.`;
}

/** A patch beyond the namespace's quota would leave the application unable to start. */
async function quotaFault(
  app: SparkApplicationResource,
  field: string,
  written: string,
  { readers, signal }: ToolContext,
): Promise<string | undefined> {
  if (!/\.memory$/.test(field)) return undefined;
  const [old, now] = [String(liveValue(app, field) ?? ''), written].map(
    (text) => bytesOf(parseQuantity(text) ?? { amount: 0, suffix: '' }) ?? 0,
  );
  const instances = field.startsWith('executor.') ? Number(liveValue(app, 'executor.instances') ?? 1) : 1;
  const more = ((now ?? 0) - (old ?? 0)) * instances;
  for (const quota of await readers.kubernetes.quotas(app.namespace, signal)) {
    for (const key of ['limits.memory', 'requests.memory', 'memory']) {
      const [hard, used] = [quota.hard[key], quota.used[key] ?? '0'].map((text) =>
        bytesOf(parseQuantity(text ?? '') ?? { amount: Number.NaN, suffix: '' }),
      );
      if (hard === undefined || used === undefined || !(used + more > hard)) continue;
      return `Quota ${quota.name} of ${app.namespace} leaves no room: ${key} ${quota.used[key] ?? '0'} of ${quota.hard[key]} is used, and ${Math.ceil(more / 2 ** 30)} GiB more would be needed.`;
    }
  }
  return undefined;
}

/** A container beyond the namespace's LimitRange is refused when the pod is made: the application would fail to start. */
async function limitFault(
  app: SparkApplicationResource,
  field: string,
  written: string,
  { readers, signal }: ToolContext,
): Promise<string | undefined> {
  const [, role = ''] = /^(driver|executor)\.memory$/.exec(field) ?? [];
  if (role === '') return undefined;
  const memory = bytesIn(written);
  // What Spark asks for beside the heap when nothing is set: a tenth for JVM programs, at least 384 MiB.
  const overhead =
    bytesIn(String(liveValue(app, `${role}.memoryOverhead`) ?? '')) ?? Math.max(384 * 2 ** 20, (memory ?? 0) / 10);
  for (const limit of await readers.kubernetes.limits(app.namespace, signal)) {
    const most = bytesIn(limit.max['memory'] ?? '');
    if (!['Container', 'Pod'].includes(limit.type) || most === undefined || !((memory ?? 0) + overhead > most))
      continue;
    return `Limit range ${limit.name} of ${app.namespace} lets one ${limit.type.toLowerCase()} have ${limit.max['memory']} of memory; ${written} with its overhead is more.`;
  }
  return undefined;
}

function bytesIn(text: string): number | undefined {
  const read = parseQuantity(text);
  return read && bytesOf(read);
}

function stepOf(
  action: ResourceIncrease,
  target: ConfigTarget,
  raw: string,
  written: string,
  place: Place,
  { inventory }: ToolContext,
): ProposalStep {
  return {
    action,
    title: increaseTitle(action, written),
    before: `${target.key}: ${raw}\n(${place.place})`,
    after: `${target.key}: ${written}\n(${place.place})`,
    effects: [...place.effects, 'Costs more for as long as it stays.'],
    idempotency: 'idempotent',
    restorePoint: clipped(place.restorePoint, 300),
    touches: datasetsOfTarget(inventory, target).slice(0, 50),
    preconditions: [stillHolds('config.value', target.path, raw, `${target.path} is ${raw}`), ...place.preconditions],
    verification: [configVerification(target.path, written, APPLIES_WITHIN)],
  };
}
