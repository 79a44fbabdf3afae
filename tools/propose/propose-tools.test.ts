import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { ProposalStep } from '../../src/domain/proposal.js';
import type { ProposeTool, ToolContext } from '../../src/domain/tool.js';
import { createFactReader } from '../facts.js';
import { createMemoryPlatform } from '../testing/memory-platform.js';
import type { MemoryWorld } from '../testing/memory-world.js';
import { INVENTORY, NOW, POLICY, RUN, scene } from '../testing/scenes.js';
import { proposeConfigRollback } from './propose-config-rollback.js';
import { proposeDagRetry } from './propose-dag-retry.js';
import { proposeResourceIncrease } from './propose-resource-increase.js';
import { proposeSchemaEvolution } from './propose-schema-evolution.js';

async function draft<A extends z.ZodObject>(
  tool: ProposeTool<A>,
  args: z.infer<A>,
  world: MemoryWorld = scene(),
): Promise<{ step: ProposalStep } | { refused: string }> {
  const { readers } = createMemoryPlatform(world);
  const context: ToolContext = {
    readers,
    inventory: INVENTORY,
    policy: POLICY,
    now: () => NOW,
    signal: new AbortController().signal,
  };
  const drafted = await tool.draft(args, context);
  if ('step' in drafted) await holds(drafted.step, world);
  return drafted;
}
async function stepOf<A extends z.ZodObject>(
  tool: ProposeTool<A>,
  args: z.infer<A>,
  world?: MemoryWorld,
): Promise<ProposalStep> {
  const drafted = await draft(tool, args, world);
  if ('refused' in drafted) throw new Error(drafted.refused);
  return drafted.step;
}
async function refusalOf<A extends z.ZodObject>(
  tool: ProposeTool<A>,
  args: z.infer<A>,
  world?: MemoryWorld,
): Promise<string> {
  const drafted = await draft(tool, args, world);
  return 'refused' in drafted ? drafted.refused : `drafted ${drafted.step.title}`;
}

/** Every step fits the schema, and its preconditions are true of the world it was drafted from. */
async function holds(step: ProposalStep, world: MemoryWorld): Promise<void> {
  expect(ProposalStep.parse(step)).toEqual(step);
  expect(step.verification.length).toBeGreaterThan(0);
  const facts = createFactReader(createMemoryPlatform(world).readers, INVENTORY);
  for (const { fact, target, op, value } of step.preconditions) {
    expect(op).toBe('equals');
    expect(`${fact} ${target}: ${await facts.read(fact, target)}`).toBe(`${fact} ${target}: ${value}`);
  }
}
const changed = (change: (world: MemoryWorld) => void): MemoryWorld => {
  const world = scene();
  change(world);
  return world;
};

describe('propose_dag_retry', () => {
  const retry = { dag_id: 'daily_transactions', run_id: RUN };

  it('names exactly the tasks that will run', async () => {
    const step = await stepOf(proposeDagRetry, {
      dag_id: 'Daily-Transactions',
      run_id: '2026-03-11',
      not_before_minutes: 30,
    });
    expect(step).toMatchInlineSnapshot(`
      {
        "action": {
          "dag": "daily_transactions",
          "do": "retry",
          "mark_success": [],
          "not_before_minutes": 30,
          "run": "scheduled__2026-03-11T00:00:00+00:00",
          "tasks": [
            "transform",
            "publish",
            "notify",
          ],
        },
        "after": "run scheduled__2026-03-11T00:00:00+00:00: runs again, 30 min after approval at the earliest
      task transform: cleared, runs again
      task publish: cleared, runs again
      task notify: cleared, runs again",
        "before": "run scheduled__2026-03-11T00:00:00+00:00: failed
      task transform: failed
      task publish: upstream_failed
      task notify: upstream_failed",
        "effects": [
          "Callbacks and alerts of the tasks fire again as the tasks run.",
        ],
        "idempotency": "guarded",
        "preconditions": [
          {
            "fact": "airflow.dag_paused",
            "op": "equals",
            "target": "daily_transactions",
            "text": "DAG daily_transactions is not paused",
            "value": "false",
            "withinSeconds": 0,
          },
          {
            "fact": "airflow.run_state",
            "op": "equals",
            "target": "daily_transactions/scheduled__2026-03-11T00:00:00+00:00",
            "text": "Run scheduled__2026-03-11T00:00:00+00:00 is failed",
            "value": "failed",
            "withinSeconds": 0,
          },
          {
            "fact": "airflow.task_state",
            "op": "equals",
            "target": "daily_transactions/scheduled__2026-03-11T00:00:00+00:00/transform",
            "text": "Task transform is failed",
            "value": "failed",
            "withinSeconds": 0,
          },
          {
            "fact": "airflow.task_state",
            "op": "equals",
            "target": "daily_transactions/scheduled__2026-03-11T00:00:00+00:00/publish",
            "text": "Task publish is upstream_failed",
            "value": "upstream_failed",
            "withinSeconds": 0,
          },
          {
            "fact": "airflow.task_state",
            "op": "equals",
            "target": "daily_transactions/scheduled__2026-03-11T00:00:00+00:00/notify",
            "text": "Task notify is upstream_failed",
            "value": "upstream_failed",
            "withinSeconds": 0,
          },
          {
            "fact": "delta.rows",
            "op": "equals",
            "target": "gold.merchant_daily",
            "text": "publish has not written to gold.merchant_daily: it holds 1000 rows",
            "value": "1000",
            "withinSeconds": 0,
          },
        ],
        "restorePoint": "silver.transactions at version 0; gold.merchant_daily at version 0",
        "title": "Retry daily_transactions (scheduled__2026-03-11T00:00:00+00:00): transform, publish, notify",
        "touches": [
          "gold.merchant_daily",
          "silver.transactions",
        ],
        "verification": [
          {
            "fact": "airflow.run_state",
            "op": "equals",
            "target": "daily_transactions/scheduled__2026-03-11T00:00:00+00:00",
            "text": "Run scheduled__2026-03-11T00:00:00+00:00 of daily_transactions ends in success",
            "value": "success",
            "withinSeconds": 7200,
          },
        ],
      }
    `);
  });

  it('of an append that has not written is guarded by the rows of its table', async () => {
    const step = await stepOf(proposeDagRetry, retry);
    expect(step.idempotency).toBe('guarded');
    expect(step.preconditions).toContainEqual(
      expect.objectContaining({ fact: 'delta.rows', target: 'gold.merchant_daily', value: '1000' }),
    );
  });

  it('runs what comes after a task that is taken as done, when its table proves it', async () => {
    const world = changed(({ dags, tables }) => {
      const instances = dags['daily_transactions']?.instances[RUN] ?? [];
      for (const item of instances)
        if (item.task !== 'notify') item.state = item.task === 'publish' ? 'failed' : 'success';
      Object.assign(instances[2] ?? {}, { tryNumber: 2, startedAt: '2026-03-11T02:09:00Z' });
      const table = tables['gold.merchant_daily'];
      table?.commits.unshift({
        version: 1,
        at: '2026-03-11T02:09:30Z',
        operation: 'WRITE',
        user: 'daily_transactions',
        parameters: {},
        metrics: { numOutputRows: '1200000' },
      });
    });
    expect(await refusalOf(proposeDagRetry, retry, world)).toBe(
      'publish appends rows and this run has already written 1200000 rows to gold.merchant_daily (version 1): running it again would double them. Propose it again with mark_success: ["publish"], so that only what follows runs, or escalate.',
    );
    const step = await stepOf(proposeDagRetry, { ...retry, mark_success: ['publish'] }, world);
    expect(step.action).toMatchObject({ tasks: ['notify'], mark_success: ['publish'] });
  });

  it('counts what an earlier try wrote before the run was cleared and its start moved', async () => {
    const world = changed(({ dags, tables }) => {
      const dag = dags['daily_transactions'];
      const [, , publish] = dag?.instances[RUN] ?? [];
      Object.assign(publish ?? {}, { state: 'failed', tryNumber: 2, startedAt: '2026-03-11T02:12:00Z' });
      Object.assign(dag?.runs[0] ?? {}, { startedAt: '2026-03-11T02:11:00Z' });
      tables['gold.merchant_daily']?.commits.unshift({
        version: 1,
        at: '2026-03-11T02:09:30Z',
        operation: 'WRITE',
        user: 'daily_transactions',
        parameters: {},
        metrics: {},
      });
    });
    expect(await refusalOf(proposeDagRetry, retry, world)).toContain(
      'publish appends rows and this run has already written',
    );
  });

  it('of a DAG that the inventory does not know is not known to be safe to repeat', async () => {
    const world = changed(({ dags }) => {
      const known = dags['daily_transactions'];
      if (known) dags['strange'] = { ...known, dag: 'strange' };
    });
    const step = await stepOf(proposeDagRetry, { ...retry, dag_id: 'strange' }, world);
    expect(step.idempotency).toBe('not_idempotent');
  });

  it.each<[string, object, (world: MemoryWorld) => void, RegExp]>([
    [
      'an unknown DAG',
      { dag_id: 'transactions' },
      () => undefined,
      /knows no DAG transactions; similar: daily_transactions/,
    ],
    ['an unknown run', { run_id: '1999' }, () => undefined, /has no run 1999; its newest: scheduled__2026-03-11/],
    [
      'an unknown task',
      { tasks: ['load'] },
      () => undefined,
      /has no task load; it has ingest, transform, publish, notify/,
    ],
    [
      'a task both run and skipped',
      { tasks: ['transform'], mark_success: ['transform'] },
      () => undefined,
      /can not be run again and taken as done at once/,
    ],
    ['a paused DAG', {}, ({ dags }) => Object.assign(dags['daily_transactions'] ?? {}, { paused: true }), /is paused/],
    [
      'a run in which nothing failed',
      { run_id: 'scheduled__2026-03-10T00:00:00+00:00' },
      () => undefined,
      /Nothing in run scheduled__2026-03-10T00:00:00\+00:00 .* has failed: it is success/,
    ],
    [
      'a task that runs now',
      { tasks: ['transform'] },
      ({ dags }) => Object.assign(dags['daily_transactions']?.instances[RUN]?.[1] ?? {}, { state: 'running' }),
      /transform is running now/,
    ],
    [
      'an append that succeeded',
      { tasks: ['ingest', 'transform'] },
      () => undefined,
      /ingest appends rows and has succeeded/,
    ],
    [
      'to skip what was not written',
      { mark_success: ['transform'] },
      () => undefined,
      /transform can not be taken as done.*no commit of this run is in silver\.transactions/,
    ],
    ['to skip what writes nothing', { mark_success: ['notify'] }, () => undefined, /notify can not be taken as done/],
  ])('refuses %s', async (_, args, change, expected) => {
    expect(await refusalOf(proposeDagRetry, { ...retry, ...args }, changed(change))).toMatch(expected);
  });

  it('refuses an append when the history of its table can not be read', async () => {
    const world = changed(({ dags }) => {
      for (const item of dags['daily_transactions']?.instances[RUN] ?? [])
        item.state = item.task === 'publish' ? 'failed' : 'success';
    });
    world.failBefore['delta.table'] = new AppError('unavailable', { safeText: 'The lake does not answer.' });
    expect(await refusalOf(proposeDagRetry, retry, world)).toMatch(
      /whether it has written is not known: the history of gold\.merchant_daily can not be read \(The lake does not answer\.\)/,
    );
  });
});

describe('propose_schema_evolution', () => {
  const change = (op: string, arg: Record<string, string | number | boolean>, table = 'bronze.transactions') =>
    ({ table, op, arg }) as z.infer<typeof proposeSchemaEvolution.args>;

  it('adds a column that may be empty', async () => {
    expect(
      await stepOf(
        proposeSchemaEvolution,
        change('add_column', { name: 'merchant_subcategory_v2', type: 'varchar' }, 'lake.bronze.transactions'),
      ),
    ).toMatchInlineSnapshot(`
      {
        "action": {
          "arg": {
            "name": "merchant_subcategory_v2",
            "type": "string",
          },
          "do": "schema_evolution",
          "op": "add_column",
          "table": "bronze.transactions",
        },
        "after": "merchant_subcategory_v2: string (may be empty)",
        "before": "merchant_subcategory_v2: not there",
        "effects": [
          "Old rows read empty in the new column; nothing is rewritten.",
          "Readers that select columns by name are not affected.",
        ],
        "idempotency": "idempotent",
        "preconditions": [
          {
            "fact": "delta.schema",
            "op": "equals",
            "target": "bronze.transactions",
            "text": "The columns of bronze.transactions are those of version 1",
            "value": "5ca3ae8882fc9b4752cbab4aafeb765b90edae817eb9a3a9ecf1850ced8d518a",
            "withinSeconds": 0,
          },
          {
            "fact": "delta.column_type",
            "op": "equals",
            "target": "bronze.transactions/merchant_subcategory_v2",
            "text": "Column merchant_subcategory_v2 of bronze.transactions is absent",
            "value": "absent",
            "withinSeconds": 0,
          },
        ],
        "restorePoint": "bronze.transactions at version 1",
        "title": "bronze.transactions: add column merchant_subcategory_v2 string",
        "touches": [
          "bronze.transactions",
        ],
        "verification": [
          {
            "fact": "delta.column_type",
            "op": "equals",
            "target": "bronze.transactions/merchant_subcategory_v2",
            "text": "Column merchant_subcategory_v2 of bronze.transactions is string",
            "value": "string",
            "withinSeconds": 300,
          },
        ],
      }
    `);
  });

  it.each<[string, Record<string, string | number | boolean>, string, string]>([
    ['set_type', { column: 'qty', type: 'bigint' }, 'qty: integer', 'qty: long'],
    ['set_type', { column: 'amount', type: 'decimal(22,2)' }, 'amount: decimal(18,2)', 'amount: decimal(22,2)'],
    ['rename', { from: 'qty', to: 'quantity' }, 'qty: integer', 'quantity: same type and data as qty has now'],
    [
      'set_property',
      { key: 'enableDeletionVectors', value: false },
      'delta.enableDeletionVectors = true',
      'delta.enableDeletionVectors = false',
    ],
    [
      'drop_feature',
      { feature: 'deletionVectors' },
      'table feature deletionVectors: supported',
      'table feature deletionVectors: gone',
    ],
    [
      'add_feature',
      { feature: 'typeWidening' },
      'table feature typeWidening: not supported',
      'table feature typeWidening: supported',
    ],
  ])('drafts %s %j', async (op, arg, before, after) => {
    const world = changed(({ tables }) =>
      Object.assign(tables['bronze.transactions'] ?? {}, {
        properties: { 'delta.enableDeletionVectors': 'true' },
        features: ['deletionVectors'],
      }),
    );
    const step = await stepOf(proposeSchemaEvolution, change(op, arg), world);
    expect([step.before, step.after]).toEqual([before, after]);
    expect(step.restorePoint).toBe('bronze.transactions at version 1');
  });

  it('goes back to a type that the history shows', async () => {
    const world = changed(({ tables }) => {
      const columns = (type: string) => [{ name: 'qty', type, nullable: true }];
      tables['bronze.transactions']?.commits.unshift({
        version: 2,
        at: '2026-03-11T00:00:00Z',
        operation: 'CHANGE COLUMN',
        user: 'ops',
        parameters: {},
        metrics: {},
        columnsBefore: columns('short'),
        columnsAfter: columns('integer'),
      });
    });
    expect(
      (await stepOf(proposeSchemaEvolution, change('revert_type', { column: 'qty', type: 'smallint' }), world)).after,
    ).toBe('qty: short');
    expect(
      await refusalOf(proposeSchemaEvolution, change('revert_type', { column: 'qty', type: 'string' }), world),
    ).toContain('does not show that qty was ever string');
  });

  it('makes an earlier schema of a subject the newest', async () => {
    const world = changed(({ subjects }) => {
      subjects['core_banking.transactions-value'] = [4, 3].map((version) => ({
        version,
        id: version,
        at: undefined,
        type: 'AVRO',
        schema: `{"v":${version}}`,
      }));
    });
    const step = await stepOf(
      proposeSchemaEvolution,
      change('set_reader_schema', { version: 3 }, 'core_banking.transactions'),
      world,
    );
    expect(step.touches).toEqual(['bronze.transactions']);
    expect(step.verification).toEqual([
      expect.objectContaining({ fact: 'registry.latest', op: 'at_least', value: '5' }),
    ]);
    expect(
      await refusalOf(
        proposeSchemaEvolution,
        change('set_reader_schema', { version: 4 }, 'core_banking.transactions'),
        world,
      ),
    ).toContain('newest');
    expect(
      await refusalOf(
        proposeSchemaEvolution,
        change('set_reader_schema', { version: 9 }, 'core_banking.transactions'),
        world,
      ),
    ).toContain('has no version 9');
    expect(
      await refusalOf(proposeSchemaEvolution, change('set_reader_schema', { version: 1 }, 'nobody.knows'), world),
    ).toContain('knows neither');
  });

  it.each<[string, string, Record<string, string | number | boolean>, string, RegExp]>([
    [
      'an unknown table',
      'add_column',
      { name: 'a', type: 'int' },
      'silver.nothing',
      /There is no Delta table silver\.nothing/,
    ],
    ['a protected table', 'add_column', { name: 'a', type: 'int' }, 'tmp.dump', /tmp\.dump is protected by the policy/],
    [
      'a table nobody answers for',
      'add_column',
      { name: 'a', type: 'int' },
      'stray.table',
      /is in no pipeline of the inventory/,
    ],
    ['a column that is there', 'add_column', { name: 'QTY', type: 'int' }, '', /has a column qty already \(integer\)/],
    [
      'an argument that is missing',
      'add_column',
      { name: 'a' },
      '',
      /add_column needs arg \{name, type, comment\}: arg\.type: /,
    ],
    [
      'an argument too many',
      'add_column',
      { name: 'a', type: 'int', default: '0' },
      '',
      /an argument that this operation does not have/,
    ],
    ['a name that is SQL', 'add_column', { name: 'a; drop table x', type: 'int' }, '', /arg\.name: /],
    [
      'a type that is SQL',
      'add_column',
      { name: 'a', type: "int default 'x'" },
      '',
      /arg\.type: The column type is not on the list/,
    ],
    ['a narrowing', 'set_type', { column: 'qty', type: 'smallint' }, '', /integer to short is no widening/],
    [
      'a destructive type',
      'set_type',
      { column: 'merchant_subcategory', type: 'int' },
      '',
      /string to integer is no widening/,
    ],
    [
      'less precision',
      'set_type',
      { column: 'amount', type: 'decimal(18,4)' },
      '',
      /decimal\(18,2\) to decimal\(18,4\) is no widening/,
    ],
    ['the type that it is', 'set_type', { column: 'qty', type: 'int' }, '', /is integer already/],
    ['an unknown column', 'set_type', { column: 'nope', type: 'int' }, '', /has no column nope; it has id, amount/],
    ['a rename onto another column', 'rename', { from: 'qty', to: 'amount' }, '', /has a column amount already/],
    [
      'a guarding property',
      'set_property',
      { key: 'delta.appendOnly', value: false },
      '',
      /guards the data or the protocol/,
    ],
    [
      'the protocol',
      'set_property',
      { key: 'delta.minReaderVersion', value: 3 },
      '',
      /guards the data or the protocol/,
    ],
    [
      'the retention of history',
      'set_property',
      { key: 'logRetentionDuration', value: 'interval 1 hour' },
      '',
      /decides what history can still be restored/,
    ],
    [
      'a feature that is not there',
      'drop_feature',
      { feature: 'deletionVectors' },
      '',
      /does not have the feature deletionVectors/,
    ],
  ])('refuses %s', async (_, op, arg, table, expected) => {
    const world = changed(({ tables }) => {
      const base = tables['silver.transactions'];
      if (base) {
        tables['tmp.dump'] = { ...base, table: 'tmp.dump' };
        tables['stray.table'] = { ...base, table: 'stray.table' };
      }
    });
    expect(await refusalOf(proposeSchemaEvolution, change(op, arg, table || 'bronze.transactions'), world)).toMatch(
      expected,
    );
  });
});

describe('propose_config_rollback', () => {
  it('puts one value back, keeps the others of the commit, and offers the earlier ones', async () => {
    expect(
      await stepOf(proposeConfigRollback, { target: 'spark:config/daily_transactions.image' }),
    ).toMatchInlineSnapshot(`
      {
        "action": {
          "do": "config_rollback",
          "target": "daily_transactions.image",
          "to": "prev",
        },
        "after": "spark.image: spark:4.0.1
      (apps/daily_transactions.yaml, new commit)",
        "alternatives": [
          {
            "text": "spark:4.0.1 (beefbeef, 38d ago)",
            "to": "beefbeefbeefbeefbeefbeefbeefbeefbeefbeef",
            "value": "spark:4.0.1",
          },
          {
            "text": "spark:4.0.0 (faceface, 191d ago)",
            "to": "facefacefacefacefacefacefacefacefaceface",
            "value": "spark:4.0.0",
          },
        ],
        "authors": [
          "sam.okafor@example.com",
        ],
        "before": "spark.image: spark:4.0.2
      (apps/daily_transactions.yaml, commit c0dec0dec0de by s.okafor, 3h ago: Base image 4.0.2)",
        "effects": [
          "One commit in the config repository; the GitOps controller applies it.",
          "What reads the setting takes it from its next run on.",
          "Other settings changed by the same commit stay as they are.",
        ],
        "idempotency": "idempotent",
        "preconditions": [
          {
            "fact": "config.value",
            "op": "equals",
            "target": "daily_transactions.image",
            "text": "daily_transactions.image is spark:4.0.2",
            "value": "spark:4.0.2",
            "withinSeconds": 0,
          },
          {
            "fact": "config.commit",
            "op": "equals",
            "target": "daily_transactions.image",
            "text": "Commit c0dec0dec0de is the last that changed daily_transactions.image",
            "value": "c0dec0dec0dec0dec0dec0dec0dec0dec0dec0de",
            "withinSeconds": 0,
          },
        ],
        "restorePoint": "commit c0dec0dec0dec0dec0dec0dec0dec0dec0dec0de (daily_transactions.image = spark:4.0.2)",
        "title": "Put daily_transactions.image back to spark:4.0.1",
        "touches": [
          "bronze.transactions",
          "gold.merchant_daily",
          "silver.transactions",
        ],
        "verification": [
          {
            "fact": "config.value",
            "op": "equals",
            "target": "daily_transactions.image",
            "text": "daily_transactions.image is spark:4.0.1",
            "value": "spark:4.0.1",
            "withinSeconds": 600,
          },
        ],
      }
    `);
  });

  it('takes the value as of a commit', async () => {
    const step = await stepOf(proposeConfigRollback, { target: 'daily_transactions.image', to: 'facefaceface' });
    expect(step.after).toContain('spark.image: spark:4.0.0');
  });

  it.each<[string, string, string | undefined, RegExp]>([
    [
      'an unknown setting',
      'daily_transactions.cores',
      undefined,
      /is no setting of the inventory\. Known: daily_transactions\./,
    ],
    ['a protected setting', 'security.token_ttl', undefined, /security\.token_ttl is protected/],
    ['a live setting', 'transform.memory', undefined, /patched on the live resource/],
    ['the value that it has', 'daily_transactions.executor_memory_gi', 'beefbeef', /is 8 already/],
    ['an unknown commit', 'daily_transactions.image', '0123456789', /had no plain value as of commit 0123456789/],
  ])('refuses %s', async (_, target, to, expected) => {
    expect(await refusalOf(proposeConfigRollback, { target, ...(to === undefined ? {} : { to }) })).toMatch(expected);
  });

  it('refuses when there is nothing to go back to', async () => {
    const world = changed(({ config }) => void config.splice(0, 2));
    expect(await refusalOf(proposeConfigRollback, { target: 'daily_transactions.image' }, world)).toMatch(
      /has had no other value/,
    );
  });
});

describe('propose_resource_increase', () => {
  it('raises a setting of the repository', async () => {
    const step = await stepOf(proposeResourceIncrease, { target: 'daily_transactions.executor_memory_gi', value: 16 });
    expect([step.before, step.after]).toEqual([
      'executor_memory_gi: 8\n(apps/daily_transactions.yaml)',
      'executor_memory_gi: 16\n(apps/daily_transactions.yaml)',
    ]);
    expect(step.touches).toEqual(['gold.merchant_daily', 'bronze.transactions', 'silver.transactions'].sort());
  });

  it('raises a live field in its own notation, bound to the resource as it is', async () => {
    expect(await stepOf(proposeResourceIncrease, { target: 'transform.memory', value: 6 })).toMatchInlineSnapshot(`
      {
        "action": {
          "do": "resource_increase",
          "target": "transform.memory",
          "value": 6,
        },
        "after": "memory: 6g
      (spark-jobs/daily-transactions-transform executor.memory)",
        "before": "memory: 4g
      (spark-jobs/daily-transactions-transform executor.memory)",
        "effects": [
          "Patching spark-jobs/daily-transactions-transform kills the application if it runs, and starts it again with the new value.",
          "Costs more for as long as it stays.",
        ],
        "idempotency": "idempotent",
        "preconditions": [
          {
            "fact": "config.value",
            "op": "equals",
            "target": "transform.memory",
            "text": "transform.memory is 4g",
            "value": "4g",
            "withinSeconds": 0,
          },
          {
            "fact": "k8s.spark_spec",
            "op": "equals",
            "target": "spark-jobs/daily-transactions-transform",
            "text": "The spec of spark-jobs/daily-transactions-transform is unchanged (generation 3 of 0d15ea5e)",
            "value": "3 of 0d15ea5e",
            "withinSeconds": 0,
          },
          {
            "fact": "k8s.spark_state",
            "op": "equals",
            "target": "spark-jobs/daily-transactions-transform",
            "text": "spark-jobs/daily-transactions-transform is FAILED",
            "value": "FAILED",
            "withinSeconds": 0,
          },
        ],
        "restorePoint": "spark-jobs/daily-transactions-transform executor.memory = 4g",
        "title": "Raise transform.memory to 6g",
        "touches": [
          "silver.transactions",
        ],
        "verification": [
          {
            "fact": "config.value",
            "op": "equals",
            "target": "transform.memory",
            "text": "transform.memory is 6g",
            "value": "6g",
            "withinSeconds": 600,
          },
        ],
      }
    `);
  });

  it.each<[string, string, number, (world: MemoryWorld) => void, RegExp]>([
    ['an unknown setting', 'x.y', 2, () => undefined, /is no setting of the inventory/],
    ['a setting without a cap', 'daily_transactions.image', 2, () => undefined, /has no cap in the policy/],
    ['more than the cap', 'transform.memory', 17, () => undefined, /may be set to 16 at most/],
    ['no increase', 'transform.memory', 4, () => undefined, /is 4g already; 4 would be no increase/],
    ['a decrease in disguise', 'daily_transactions.executor_memory_gi', 7.5, () => undefined, /would be no increase/],
    [
      'a resource that is gone',
      'transform.memory',
      6,
      ({ resources }) => void resources.splice(0),
      /has no numeric value now/,
    ],
    [
      'a resource that a controller owns',
      'transform.memory',
      6,
      ({ resources }) => Object.assign(resources[0] ?? {}, { managedBy: 'argocd' }),
      /owned by argocd, which would revert a live patch/,
    ],
    [
      'what the quota does not hold',
      'transform.memory',
      16,
      ({ quotas }) =>
        void quotas.push({ name: 'compute', hard: { 'limits.memory': '100Gi' }, used: { 'limits.memory': '70Gi' } }),
      /Quota compute of spark-jobs leaves no room: limits\.memory 70Gi of 100Gi is used, and 36 GiB more/,
    ],
    [
      'what one container may not have: 16 GiB fit, but not with the overhead beside the heap',
      'transform.memory',
      16,
      ({ limits }) =>
        void limits.push({ name: 'sane', type: 'Container', max: { memory: '17Gi' }, min: {}, defaults: {} }),
      /Limit range sane of spark-jobs lets one container have 17Gi of memory; 16g with its overhead is more/,
    ],
  ])('refuses %s', async (_, target, value, change, expected) => {
    expect(await refusalOf(proposeResourceIncrease, { target, value }, changed(change))).toMatch(expected);
  });

  it('says of a scheduled application that no run is killed', async () => {
    const world = changed(({ resources }) =>
      Object.assign(resources[0] ?? {}, { scheduled: { schedule: '0 2 * * *', suspended: false } }),
    );
    const step = await stepOf(proposeResourceIncrease, { target: 'transform.memory', value: 6 }, world);
    expect(step.effects[0]).toBe(
      'Patching spark-jobs/daily-transactions-transform changes the template of a scheduled application: it counts from its next run (0 2 * * *). No run is killed.',
    );
  });
});
