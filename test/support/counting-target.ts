import { AppError } from '../../src/domain/errors.js';
import type { FactReader } from '../../src/domain/platform-ports.js';
import type { RepairKind } from '../../src/domain/proposal.js';
import type { RepairKey, RepairTool } from '../../src/domain/tool.js';

/** What happens when the target is asked to act: fault pairs, or somebody who does something in the meantime. */
export type ActFault = 'refuse' | 'fail_before' | 'fail_after' | (() => Promise<void>);

/** A target in this process that counts what is done to it, and knows its own keys as real targets do. */
export interface CountingTarget {
  tools: Record<RepairKind, RepairTool>;
  facts: FactReader;
  /** Every effect, in order. */
  effects: { key: string; fence: number }[];
  /** Faults for the next calls of `apply`, in order. */
  faults: ActFault[];
  /** What `check` says whatever was done; `truth` says what is so. */
  says: 'truth' | 'done' | 'not_done' | 'unknown' | 'throws';
  /** Facts by `fact target`; a fact that is not set can not be read. */
  world: Map<string, string>;
}

export function createCountingTarget(): CountingTarget {
  const target: CountingTarget = {
    effects: [],
    faults: [],
    says: 'truth',
    world: new Map(),
    facts: {
      async read(fact, name) {
        const value = target.world.get(`${fact} ${name}`);
        if (value === undefined) throw new AppError('unavailable', { safeText: 'The platform does not answer.' });
        return value;
      },
    },
    tools: {
      retry: tool('retry'),
      schema_evolution: tool('schema_evolution'),
      config_rollback: tool('config_rollback'),
      resource_increase: tool('resource_increase'),
    },
  };

  function tool(kind: RepairKind): RepairTool {
    return { kind, check: (_, key) => check(key), apply: (_, key) => apply(key) };
  }

  async function check(key: RepairKey): Promise<'done' | 'not_done' | 'unknown'> {
    if (target.says === 'throws') throw new AppError('unavailable', { safeText: 'The target does not answer.' });
    if (target.says !== 'truth') return target.says;
    return target.effects.some((effect) => effect.key === key.idempotencyKey) ? 'done' : 'not_done';
  }

  async function apply(key: RepairKey): Promise<{ detail: string }> {
    const fault = target.faults.shift();
    if (fault === 'refuse') throw new AppError('forbidden', { safeText: 'The target refused.' });
    if (fault === 'fail_before') throw new AppError('timeout', { safeText: 'The target did not answer in time.' });
    if (typeof fault === 'function') await fault();
    if (target.effects.some((effect) => effect.key === key.idempotencyKey)) return { detail: 'Was done already.' };
    target.effects.push({ key: key.idempotencyKey, fence: key.fence });
    if (fault === 'fail_after') throw new AppError('timeout', { safeText: 'The target did not answer in time.' });
    return { detail: 'Done by the target.' };
  }
  return target;
}
