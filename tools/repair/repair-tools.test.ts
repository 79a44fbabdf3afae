import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { isMet } from '../../src/domain/expectation.js';
import type { ProposalStep, RepairAction } from '../../src/domain/proposal.js';
import type { ProposeTool, RepairKey, RepairTool } from '../../src/domain/tool.js';
import { createFactReader } from '../facts.js';
import { proposeConfigRollback } from '../propose/propose-config-rollback.js';
import { proposeDagRetry } from '../propose/propose-dag-retry.js';
import { proposeResourceIncrease } from '../propose/propose-resource-increase.js';
import { proposeSchemaEvolution } from '../propose/propose-schema-evolution.js';
import { createMemoryPlatform } from '../testing/memory-platform.js';
import type { MemoryWorld } from '../testing/memory-world.js';
import { INVENTORY, NOW, POLICY, RUN, scene } from '../testing/scenes.js';
import { createConfigRollbackRepair } from './config-rollback.js';
import { createDagRetryRepair } from './dag-retry.js';
import { createResourceIncreaseRepair } from './resource-increase.js';
import { createSchemaEvolutionRepair } from './schema-evolution.js';

interface Bench {
  world: MemoryWorld;
  step: ProposalStep;
  key: RepairKey;
  check: () => Promise<'done' | 'not_done' | 'unknown'>;
  apply: (key?: RepairKey) => Promise<{ detail: string }>;
  /** Whether the promises of the card are true of the world now. */
  verified: () => Promise<boolean>;
}

/** A step as the drafting tool makes it, and the repair tool that carries it out, over one world. */
async function bench<A extends z.ZodObject>(tool: ProposeTool<A>, args: z.infer<A>, world = scene()): Promise<Bench> {
  const { readers, writers } = createMemoryPlatform(world);
  const drafted = await tool.draft(args, {
    readers,
    inventory: INVENTORY,
    policy: POLICY,
    now: () => NOW,
    signal: new AbortController().signal,
  });
  if ('refused' in drafted) throw new Error(drafted.refused);
  const { step } = drafted;
  const facts = createFactReader(readers, INVENTORY);
  const deps = { readers, writers, facts, inventory: INVENTORY };
  const tools = {
    retry: createDagRetryRepair(deps),
    schema_evolution: createSchemaEvolutionRepair(deps),
    config_rollback: createConfigRollbackRepair(deps),
    resource_increase: createResourceIncreaseRepair(deps),
  };
  const repair = tools[step.action.do] as unknown as RepairTool<RepairAction>;
  const key: RepairKey = {
    idempotencyKey: 'D-1:0',
    fence: 1,
    incident: 'INC-1',
    approvedBy: ['ada@example.com'],
    step,
  };
  return {
    world,
    step,
    key,
    check: () => repair.check(step.action, key),
    apply: (other = key) => repair.apply(step.action, other),
    verified: async () =>
      (
        await Promise.all(
          step.verification.map(async (promise) => isMet(promise, await facts.read(promise.fact, promise.target))),
        )
      ).every(Boolean),
  };
}

const lost = (): AppError => new AppError('timeout', { safeText: 'No answer in time.' });
const add = (): Promise<Bench> =>
  bench(proposeSchemaEvolution, {
    table: 'bronze.transactions',
    op: 'add_column',
    arg: { name: 'v2', type: 'string' },
  });
const subject = (): Promise<Bench> => {
  const world = scene();
  world.subjects['core_banking.transactions'] = [4, 3].map((version) => ({
    version,
    id: version,
    at: undefined,
    type: 'AVRO',
    schema: `{"v":${version}}`,
  }));
  return bench(
    proposeSchemaEvolution,
    { table: 'core_banking.transactions', op: 'set_reader_schema', arg: { version: 3 } },
    world,
  );
};
const withFeature = (
  op: 'drop_feature' | 'rename' | 'set_type' | 'set_property',
  arg: Record<string, string>,
): Promise<Bench> => {
  const world = scene();
  Object.assign(world.tables['bronze.transactions'] ?? {}, { features: ['deletionVectors'] });
  return bench(proposeSchemaEvolution, { table: 'bronze.transactions', op, arg }, world);
};

/** Each kind of step, the write it makes, and how often that may ever happen. */
const STEPS: [name: string, make: () => Promise<Bench>, write: string, effect: RegExp][] = [
  [
    'retry',
    () => bench(proposeDagRetry, { dag_id: 'daily_transactions', run_id: RUN }),
    'airflow.clear',
    /^clear daily_transactions/,
  ],
  ['add_column', add, 'trino.alter', /^trino add_column/],
  ['rename', () => withFeature('rename', { from: 'qty', to: 'quantity' }), 'trino.alter', /^trino rename/],
  ['set_type', () => withFeature('set_type', { column: 'qty', type: 'long' }), 'trino.alter', /^trino set_type/],
  ['set_property', () => withFeature('set_property', { key: 'x.y', value: 'z' }), 'trino.alter', /^trino set_property/],
  [
    'drop_feature',
    () => withFeature('drop_feature', { feature: 'deletionVectors' }),
    'spark.alter',
    /^spark drop_feature/,
  ],
  ['set_reader_schema', subject, 'registry.promote', /^promote core_banking/],
  [
    'rollback by revert',
    () => bench(proposeConfigRollback, { target: 'daily_transactions.image' }),
    'config.revert',
    /^revert /,
  ],
  [
    'rollback by commit',
    () => bench(proposeConfigRollback, { target: 'daily_transactions.executor_memory_gi' }),
    'config.commit',
    /^commit Set daily/,
  ],
  [
    'increase by commit',
    () => bench(proposeResourceIncrease, { target: 'daily_transactions.executor_memory_gi', value: 16 }),
    'config.commit',
    /^commit Set daily/,
  ],
  [
    'increase by patch',
    () => bench(proposeResourceIncrease, { target: 'transform.memory', value: 6 }),
    'k8s.patch',
    /^patch spark-jobs/,
  ],
];

describe.each(STEPS)('%s', (name, make, write, effect) => {
  const times = ({ world }: Bench): number => world.effects.filter((line) => effect.test(line)).length;

  it('is not done, is carried out once, is done then, and keeps what the card promised', async () => {
    const made = await make();
    expect(await made.check()).toBe('not_done');
    await made.apply();
    expect(times(made)).toBe(1);
    expect(await made.check()).toBe('done');
    if (name !== 'retry') expect(await made.verified()).toBe(true);
  });

  it('failed and not done: the target says so, and a second try does it once', async () => {
    const made = await make();
    made.world.failBefore[write] = lost();
    await expect(made.apply()).rejects.toMatchObject({ kind: 'timeout' });
    expect(await made.check()).toBe('not_done');
    await made.apply();
    expect(times(made)).toBe(1);
    expect(await made.check()).toBe('done');
  });

  it('failed but done: the target says so, so that nobody does it again', async () => {
    const made = await make();
    made.world.failAfter[write] = lost();
    await expect(made.apply()).rejects.toMatchObject({ kind: 'timeout' });
    expect(times(made)).toBe(1);
    expect(await made.check()).toBe('done');
  });
});

describe('a retry', () => {
  const retry = (): Promise<Bench> => bench(proposeDagRetry, { dag_id: 'daily_transactions', run_id: RUN });
  const tasks = ({ world }: Bench) => world.dags['daily_transactions']?.instances[RUN] ?? [];

  it('that ran and failed again after the clear is told from one that was never cleared', async () => {
    const made = await retry();
    await made.apply();
    for (const item of tasks(made))
      if (item.task !== 'ingest') Object.assign(item, { state: 'failed', tryNumber: item.tryNumber + 1 });
    expect(await made.check()).toBe('done');
  });

  it('is not taken for done because of another repair of the same run', async () => {
    const made = await retry();
    await made.apply({ ...made.key, idempotencyKey: 'D-0:0' });
    for (const item of tasks(made))
      if (item.task !== 'ingest') Object.assign(item, { state: 'failed', tryNumber: item.tryNumber + 1 });
    expect(await made.check()).toBe('not_done');
  });

  it('keeps the note that a person left on the run', async () => {
    const made = await retry();
    Object.assign(made.world.dags['daily_transactions']?.runs[0] ?? {}, { note: 'Called the source team.' });
    await made.apply();
    expect(made.world.dags['daily_transactions']?.runs[0]?.note).toMatch(
      /^Called the source team\.\nCountersign INC-1: retry \[D-1:0 after 2 tries\]$/,
    );
  });

  it('clears nothing when the run is gone, and says that it can not know', async () => {
    const made = await retry();
    made.world.dags = {};
    expect(await made.check()).toBe('unknown');
    await expect(made.apply()).rejects.toMatchObject({ kind: 'precondition' });
    expect(made.world.effects).toEqual([]);
  });

  it('clears what waits behind a mark with the rest, and a mark alone is not taken for the clear', async () => {
    const made = await retry();
    const { readers, writers } = createMemoryPlatform(made.world);
    for (const item of tasks(made)) if (item.task === 'ingest') item.state = 'failed';
    const action = { ...made.step.action, tasks: ['transform', 'publish'], mark_success: ['ingest'] };
    if (action.do !== 'retry') throw new Error('no retry');
    const cleared: string[][] = [];
    let beforeClear: Promise<string> = Promise.resolve('never');
    const airflow: typeof writers.airflow = {
      ...writers.airflow,
      // As Airflow does: what had been given up behind the marked task waits again.
      async markSuccess(dag, run, task) {
        await writers.airflow.markSuccess(dag, run, task);
        for (const item of tasks(made)) if (item.task === 'publish') item.state = 'queued';
      },
      async clear(dag, run, names, dryRun) {
        if (dryRun) return names.map((task) => ({ task, state: 'failed' }));
        beforeClear = repair.check(action, made.key);
        await beforeClear;
        cleared.push(names);
        return writers.airflow.clear(dag, run, names, dryRun);
      },
    };
    const repair = createDagRetryRepair({ readers, writers: { ...writers, airflow } });
    await repair.apply(action, made.key);
    expect(cleared).toEqual([['transform', 'publish']]);
    expect(await beforeClear).toBe('not_done');
    expect(await repair.check(action, made.key)).toBe('done');
  });

  it('refuses when Airflow would clear more than was approved', async () => {
    const made = await retry();
    const { readers, writers } = createMemoryPlatform(made.world);
    const wide = {
      ...writers,
      airflow: { ...writers.airflow, clear: async () => [{ task: 'ingest', state: 'success' }] },
    };
    const { action } = made.step;
    if (action.do !== 'retry') throw new Error('no retry');
    await expect(createDagRetryRepair({ readers, writers: wide }).apply(action, made.key)).rejects.toMatchObject({
      kind: 'precondition',
    });
    expect(made.world.effects).toEqual([]);
  });
});

describe('a change of shape', () => {
  it('that met another of the same name is for a person', async () => {
    const made = await add();
    made.world.tables['bronze.transactions']?.columns.push({ name: 'v2', type: 'long', nullable: true });
    expect(await made.check()).toBe('unknown');
  });

  it('of a registry in which somebody else registered in between is for a person', async () => {
    const made = await subject();
    made.world.subjects['core_banking.transactions']?.unshift({
      version: 5,
      id: 5,
      at: undefined,
      type: 'AVRO',
      schema: '{"v":5}',
    });
    expect(await made.check()).toBe('unknown');
  });
});

describe('a change of a setting', () => {
  const file = ({ world }: Bench): string => world.config[0]?.contents['apps/daily_transactions.yaml'] ?? '';

  it('keeps every other byte of the file', async () => {
    const made = await bench(proposeResourceIncrease, { target: 'daily_transactions.executor_memory_gi', value: 16 });
    await made.apply();
    expect(file(made)).toBe(
      '# Applied by the GitOps controller.\nexecutor_memory_gi: 16 # raised in winter\nspark:\n  image: "spark:4.0.2"\n',
    );
  });

  it('is a commit and no revert when the commit at fault changed more than this', async () => {
    const world = scene();
    Object.assign(world.config[0] ?? {}, {
      contents: {
        'apps/daily_transactions.yaml':
          '# Applied by the GitOps controller.\nexecutor_memory_gi: 2 # raised in winter\nspark:\n  image: "spark:4.0.2"\n',
      },
    });
    const made = await bench(proposeConfigRollback, { target: 'daily_transactions.image' }, world);
    await made.apply();
    expect(world.effects).toEqual(['commit Set daily_transactions.image to spark:4.0.1']);
    expect(file(made)).toBe(
      '# Applied by the GitOps controller.\nexecutor_memory_gi: 2 # raised in winter\nspark:\n  image: "spark:4.0.1"\n',
    );
  });

  it('is a commit when the revert does not apply any more', async () => {
    const made = await bench(proposeConfigRollback, { target: 'daily_transactions.image' });
    made.world.failBefore['config.revert'] = new AppError('conflict', { safeText: 'It does not apply.' });
    await made.apply();
    expect(made.world.effects).toEqual(['commit Set daily_transactions.image to spark:4.0.1']);
  });

  it('says who approved it and for which incident', async () => {
    const made = await bench(proposeConfigRollback, { target: 'daily_transactions.executor_memory_gi' });
    await made.apply();
    expect(made.world.config[0]).toMatchObject({
      key: 'D-1:0',
      summary: 'Set daily_transactions.executor_memory_gi to 6',
    });
  });
});

describe('a live increase', () => {
  const raise = (): Promise<Bench> => bench(proposeResourceIncrease, { target: 'transform.memory', value: 6 });

  it('is refused when the spec was changed, or the resource made anew, since it was approved', async () => {
    for (const specVersion of ['4 of 0d15ea5e', '3 of another']) {
      const made = await raise();
      Object.assign(made.world.resources[0] ?? {}, { specVersion, resourceVersion: '101' });
      await expect(made.apply()).rejects.toMatchObject({ kind: 'conflict', retryable: false });
      expect(made.world.effects).toEqual([]);
    }
  });

  it('is carried out when the operator has only noted a new state meanwhile', async () => {
    const made = await raise();
    Object.assign(made.world.resources[0] ?? {}, { state: 'PENDING_RERUN', resourceVersion: '107' });
    await made.apply();
    expect(made.world.effects).toEqual(['patch spark-jobs/daily-transactions-transform {"executor":{"memory":"6g"}}']);
  });

  it('sends nothing when the dry run is refused, or a controller has taken the resource over', async () => {
    const made = await raise();
    made.world.failBefore['k8s.dry_run'] = new AppError('invalid_input', { safeText: 'No such quantity.' });
    await expect(made.apply()).rejects.toMatchObject({ kind: 'invalid_input' });
    Object.assign(made.world.resources[0] ?? {}, { managedBy: 'argocd' });
    await expect(made.apply()).rejects.toMatchObject({ kind: 'precondition' });
    expect(made.world.effects).toEqual([]);
  });
});
