import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import type { DiagnoseTool, ToolAnswer, ToolContext } from '../../src/domain/tool.js';
import { createMemoryPlatform } from '../testing/memory-platform.js';
import { deltaTable, type MemoryWorld } from '../testing/memory-world.js';
import { INVENTORY, NOW, POLICY, RUN, scene } from '../testing/scenes.js';
import { airflowDagStatus } from './airflow-dag-status.js';
import { deltaHistory } from './delta-history.js';
import { gitBlame } from './git-blame.js';
import { kyuubiQueryPlan } from './kyuubi-query-plan.js';
import { metricQuery } from './metric-query.js';

async function ask<A extends z.ZodObject>(
  tool: DiagnoseTool<A>,
  args: z.infer<A>,
  world: MemoryWorld = scene(),
): Promise<ToolAnswer> {
  const { readers } = createMemoryPlatform(world);
  const context: ToolContext = {
    readers,
    inventory: INVENTORY,
    policy: POLICY,
    now: () => NOW,
    signal: new AbortController().signal,
  };
  return tool.run(args, context);
}
async function text<A extends z.ZodObject>(
  tool: DiagnoseTool<A>,
  args: z.infer<A>,
  world?: MemoryWorld,
): Promise<string> {
  const answer = await ask(tool, args, world);
  return answer.status === 'ok'
    ? answer.text
    : `${answer.status}: ${answer.status === 'no_data' ? answer.searched : answer.safeText}`;
}

describe('airflow_dag_status', () => {
  it('shows the newest failed run with the log of what failed', async () => {
    expect(await text(airflowDagStatus, { dag_id: 'daily-transactions' })).toMatchInlineSnapshot(`
      "dag id=daily_transactions paused=false owners=payments-data schedule="0 2 * * *" file=dags/daily_transactions.py
      run id=scheduled__2026-03-11T00:00:00+00:00 state=failed type=scheduled logical_date=2026-03-11T00:00:00Z started=2026-03-11T02:00:08Z ended=2026-03-11T02:13:30Z
      run id=scheduled__2026-03-10T00:00:00+00:00 state=success type=scheduled logical_date=2026-03-10T00:00:00Z started=2026-03-10T02:00:08Z ended=2026-03-10T02:06:22Z
      task run=scheduled__2026-03-11T00:00:00+00:00 id=ingest state=success try=1 max_tries=2 operator=SparkKubernetesOperator started=2026-03-11T02:00:10Z
      task run=scheduled__2026-03-11T00:00:00+00:00 id=transform state=failed try=2 max_tries=2 operator=SparkKubernetesOperator started=2026-03-11T02:10:00Z
      task run=scheduled__2026-03-11T00:00:00+00:00 id=publish state=upstream_failed try=0 max_tries=2 operator=SparkKubernetesOperator
      task run=scheduled__2026-03-11T00:00:00+00:00 id=notify state=upstream_failed try=0 max_tries=2 operator=SparkKubernetesOperator
      log run=scheduled__2026-03-11T00:00:00+00:00 task=transform try=2
      | [02:12:50] INFO Reading bronze.transactions
      | [02:13:30] ERROR Task failed with exception
      | AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name \`merchant_subcategory_v2\` cannot be resolved. SQLSTATE: 42703"
    `);
  });

  it('finds a run by its date, and a task by the name dag.task', async () => {
    const found = await text(airflowDagStatus, { dag_id: 'daily_transactions.ingest', run_id: '2026-03-10' });
    expect(found).not.toContain('log run=');
    const named = await text(airflowDagStatus, {
      dag_id: 'daily_transactions',
      run_id: RUN,
      task_id: 'daily_transactions.transform',
    });
    expect(named).toContain(`log run=${RUN} task=transform try=2`);
  });

  it('shows the log of the try before when the current one has not run', async () => {
    const world = scene();
    const [, transform] = world.dags['daily_transactions']?.instances[RUN] ?? [];
    if (transform) Object.assign(transform, { state: 'queued', tryNumber: 3 });
    expect(await text(airflowDagStatus, { dag_id: 'daily_transactions', task_id: 'transform' }, world)).toContain(
      'task=transform try=2\n| [02:12:50]',
    );
  });

  it('shows import errors, a paused DAG, and that a log is missing', async () => {
    const world = scene();
    const dag = world.dags['daily_transactions'];
    if (dag)
      Object.assign(dag, {
        paused: true,
        importErrors: ['Traceback (most recent call last):\nModuleNotFoundError: No module named "rio"'],
      });
    world.logs = {};
    const shown = await text(airflowDagStatus, { dag_id: 'daily_transactions' }, world);
    expect(shown).toContain('paused=true');
    expect(shown).toContain('import_error text="ModuleNotFoundError: No module named \\"rio\\""\n| Traceback');
    expect(shown).toContain('task=transform try=2 missing="Airflow has no log of this try"');
  });

  it.each([
    [
      { dag_id: 'transactions' },
      'no_data: Airflow for DAG "transactions"; DAGs with a similar name: daily_transactions',
    ],
    [
      { dag_id: 'daily_transactions', run_id: '1999-01-01' },
      `no_data: Airflow DAG daily_transactions for a run "1999-01-01"; its newest runs: ${RUN}, scheduled__2026-03-10T00:00:00+00:00`,
    ],
  ])('says what it searched: %j', async (args, expected) => {
    expect(await text(airflowDagStatus, args)).toBe(expected);
  });
});

describe('delta_history', () => {
  it('lists shape, properties and commits, and tells renames from drops', async () => {
    const world = scene();
    const column = (name: string, type: string, physical?: string) => ({
      name,
      type,
      nullable: true,
      ...(physical === undefined ? {} : { physical }),
    });
    const table = deltaTable('silver.transactions', { id: 'string', total: 'double', kind: 'string' }, [
      { at: '2026-03-11T01:39:00Z', operation: 'WRITE', user: 'daily_transactions', metrics: { numOutputRows: '12' } },
      {
        at: '2026-03-10T20:14:00Z',
        operation: 'RENAME COLUMN',
        user: 'ops',
        columnsBefore: [column('id', 'string', 'c1'), column('sum', 'double', 'c2')],
        columnsAfter: [column('id', 'string', 'c1'), column('total', 'double', 'c2')],
      },
      {
        at: '2026-03-09T00:00:00Z',
        operation: 'CHANGE COLUMN',
        columnsBefore: [column('id', 'long'), column('gone', 'date')],
        columnsAfter: [column('id', 'string'), column('kind', 'string')],
        propertiesChanged: { 'delta.enableDeletionVectors': { from: undefined, to: 'true' } },
      },
      {
        at: '2026-03-01T00:00:00Z',
        operation: 'ADD FEATURE',
        featuresAdded: ['deletionVectors'],
        featuresRemoved: ['v2Checkpoint'],
      },
    ]);
    world.tables['silver.transactions'] = {
      ...table,
      properties: { 'delta.appendOnly': 'false' },
      features: ['deletionVectors'],
      partitionColumns: ['kind'],
      historyComplete: false,
    };
    expect(await text(deltaHistory, { table: 'lake.silver.transactions' }, world)).toMatchInlineSnapshot(`
      "table name=silver.transactions version=3 columns=id:string,total:double,kind:string partitions=kind features=deletionVectors rows=1000 files=4 history_complete=false
      property key=delta.appendOnly value=false
      schema_change version=2 at=2026-03-10T20:14:00Z age=6h renamed=sum->total
      schema_change version=1 at=2026-03-09T00:00:00Z age=2d added=kind:string removed=gone:date changed=id:long->string
      property_change version=1 at=2026-03-09T00:00:00Z age=2d key=delta.enableDeletionVectors from=unset to=true
      feature_change version=0 at=2026-03-01T00:00:00Z age=10d added=deletionVectors removed=v2Checkpoint
      commit version=3 at=2026-03-11T01:39:00Z age=35m operation=WRITE user=daily_transactions rows_written=12
      commit version=2 at=2026-03-10T20:14:00Z age=6h operation="RENAME COLUMN" user=ops
      commit version=1 at=2026-03-09T00:00:00Z age=2d operation="CHANGE COLUMN"
      commit version=0 at=2026-03-01T00:00:00Z age=10d operation="ADD FEATURE""
    `);
  });

  it.each([
    'silver.transactions',
    'lake.silver.transactions',
    'delta:silver.transactions',
    '`silver`.`transactions`',
    'SILVER.transactions',
    'fraud_scores',
  ])('finds %s', async (name) => {
    const world = scene();
    world.tables['gold.fraud_scores'] = deltaTable('gold.fraud_scores', { id: 'string' });
    expect(await text(deltaHistory, { table: name }, world)).toMatch(
      /^table name=(silver\.transactions|gold\.fraud_scores) /,
    );
  });

  it('says what it searched', async () => {
    expect(await text(deltaHistory, { table: 'lake.silver.transaction_fees' })).toBe(
      'no_data: the Delta tables lake.silver.transaction_fees and silver.transaction_fees; datasets of the inventory with a similar name: silver.transactions, bronze.transactions',
    );
  });
});

describe('git_blame', () => {
  const world = (): MemoryWorld => {
    const made = scene();
    made.code = [
      {
        sha: 'ab12'.repeat(10),
        author: 's.ferreira',
        at: '2026-01-23T02:14:00Z',
        summary: 'Read the source contract',
        files: ['dags/transactions/transform.py'],
        contents: { 'dags/transactions/transform.py': 'FEE = "merchant_subcategory"\n' },
      },
    ];
    made.blames['dags/transactions/transform.py'] = [
      {
        line: 11,
        sha: 'ab12'.repeat(10),
        author: 's.ferreira',
        at: '2026-01-23T02:14:00Z',
        summary: 'Read the source contract',
        text: 'FEE = "merchant_subcategory"',
      },
    ];
    return made;
  };

  it('blames the lines that hold a text, with the commits of the file', async () => {
    expect(
      await text(gitBlame, { file: 'transactions/transform.py', lines: 'merchant_subcategory' }, world()),
    ).toMatchInlineSnapshot(`
      "file path=dags/transactions/transform.py repo=code lines=1 newest_age=47d oldest_age=47d
      blame line=11 sha=ab12ab12ab12 author=s.ferreira at=2026-01-23T02:14:00Z age=47d summary="Read the source contract"
      | FEE = "merchant_subcategory"
      commit sha=ab12ab12ab12 author=s.ferreira at=2026-01-23T02:14:00Z age=47d summary="Read the source contract" files=dags/transactions/transform.py repo=code
      diff sha=ab12ab12ab12 file=dags/transactions/transform.py
      | +++ b/dags/transactions/transform.py
      | +FEE = "merchant_subcategory""
    `);
  });

  it('lists the recent commits of both repositories with their diffs', async () => {
    expect(await text(gitBlame, { since: '24h' }, world())).toMatchInlineSnapshot(`
      "commit sha=c0dec0dec0de author=s.okafor email=sam.okafor@example.com at=2026-03-10T23:14:00Z age=3h summary="Base image 4.0.2" files=apps/daily_transactions.yaml repo=config
      diff sha=c0dec0dec0de file=apps/daily_transactions.yaml
      | +++ b/apps/daily_transactions.yaml
      | +# Applied by the GitOps controller.
      | +executor_memory_gi: 8 # raised in winter
      | +spark:
      | +  image: "spark:4.0.2""
    `);
  });

  it.each([
    [{ file: 'dags/other.py' }, /^no_data: the code and the config repository for a file "dags\/other.py"/],
    [
      { file: 'transform.py', lines: 'nothing like it' },
      /^no_data: dags\/transactions\/transform.py of the code repository for lines that match "nothing like it"/,
    ],
    [{ since: '1h' }, /^no_data: the code and the config repository for commits in the last 1h/],
  ])('says what it searched: %j', async (args, expected) => {
    expect(await text(gitBlame, args, world())).toMatch(expected);
  });

  it('shows the values that a setting has had, each with who set it, and who took a text away', async () => {
    const said = await text(gitBlame, { file: 'daily_transactions.yaml', lines: 'spark.image' }, world());
    expect(said.split('\n').filter((line) => line.startsWith('value '))).toMatchInlineSnapshot(`
      [
        "value key=spark.image before=spark:4.0.1 after=spark:4.0.2 sha=c0dec0dec0de author=s.okafor email=sam.okafor@example.com at=2026-03-10T23:14:00Z age=3h summary="Base image 4.0.2"",
        "value key=spark.image before=spark:4.0.0 after=spark:4.0.1 sha=beefbeefbeef author=r.castell at=2026-02-01T00:00:00Z age=38d summary="More memory"",
        "value key=spark.image before=none after=spark:4.0.0 sha=facefaceface author=platform-bot at=2025-09-01T00:00:00Z age=191d summary="Import settings"",
      ]
    `);
    const gone = await text(gitBlame, { file: 'daily_transactions.yaml', lines: 'spark:4.0.1', since: '1d' }, world());
    expect(gone.split('\n').filter((line) => line.startsWith('touched '))).toMatchInlineSnapshot(`
      [
        "touched text=spark:4.0.1 sha=beefbeefbeef author=r.castell at=2026-02-01T00:00:00Z age=38d summary="More memory"",
      ]
    `);
  });

  it('finds a file of the config repository, and a range of lines', async () => {
    expect(await text(gitBlame, { file: 'daily_transactions.yaml' }, world())).toMatch(
      /^file path=apps\/daily_transactions\.yaml repo=config newest_age=3h oldest_age=38d/,
    );
    expect(await text(gitBlame, { file: 'transform.py', lines: '10-12' }, world())).toContain('blame line=11');
    expect(await text(gitBlame, { file: 'transform.py', lines: '12' }, world())).toMatch(/^no_data/);
  });
});

describe('kyuubi_query_plan', () => {
  const world = (): MemoryWorld => {
    const made = scene();
    const query = {
      user: 'etl_tx',
      source: 'airflow',
      catalog: 'lake',
      schema: 'gold',
      createdAt: '2026-03-11T01:14:00Z',
      elapsedMs: 42_000,
      peakMemory: '25.79GB',
    };
    made.queries = [
      { ...query, id: '20260311_011400_00002_abcde', state: 'FINISHED', sql: 'SELECT 1', error: undefined },
      {
        ...query,
        id: '20260311_011300_00001_abcde',
        state: 'FAILED',
        sql: 'SELECT *\nFROM silver.transactions',
        error: {
          name: 'EXCEEDED_LOCAL_MEMORY_LIMIT',
          type: 'INSUFFICIENT_RESOURCES',
          message: 'Query exceeded per-node memory limit of 25.80GB',
        },
      },
    ];
    made.plans['20260311_011300_00001_abcde/logical'] = 'Output[a]\n  Join[hash]';
    made.operations = [
      {
        id: 'op1',
        statement: 'select etl_tx',
        state: 'ERROR',
        user: 'etl_tx',
        createdAt: '2026-03-11T01:10:00Z',
        exception: 'Query failed (#x)\nCaused by: y',
      },
    ];
    return made;
  };

  it('shows the failed query with SQL and plan, found by the task that runs it', async () => {
    expect(
      await text(kyuubiQueryPlan, { query: 'daily_transactions.transform', plan: 'logical' }, world()),
    ).toMatchInlineSnapshot(`
      "query id=20260311_011400_00002_abcde state=FINISHED user=etl_tx source=airflow created=2026-03-11T01:14:00Z age=1h elapsed_ms=42000 peak_memory=25.79GB
      query id=20260311_011300_00001_abcde state=FAILED user=etl_tx source=airflow created=2026-03-11T01:14:00Z age=1h elapsed_ms=42000 peak_memory=25.79GB error=EXCEEDED_LOCAL_MEMORY_LIMIT error_type=INSUFFICIENT_RESOURCES
      | Query exceeded per-node memory limit of 25.80GB
      sql
      | SELECT *
      | FROM silver.transactions
      plan type=logical
      | Output[a]
      |   Join[hash]
      operation id=op1 state=ERROR user=etl_tx created=2026-03-11T01:10:00Z exception="Query failed (#x)"
      | Query failed (#x)
      | Caused by: y"
    `);
  });

  it('says which half could not be asked, and fails only when neither could', async () => {
    const made = world();
    const down = new AppError('unavailable', { safeText: 'Kyuubi does not answer.' });
    made.failBefore['kyuubi.operations'] = down;
    made.failBefore['trino.explain'] = new AppError('forbidden', { safeText: 'EXPLAIN is not allowed.' });
    const shown = await text(kyuubiQueryPlan, { query: 'etl_tx' }, made);
    expect(shown).toMatch(/^unavailable system=kyuubi text="Kyuubi does not answer\."\nquery id=/);
    expect(shown).toMatch(/\nunavailable system=plan text="EXPLAIN is not allowed\."$/);
    const dead = world();
    dead.failBefore['kyuubi.operations'] = down;
    dead.failBefore['trino.queries'] = down;
    await expect(ask(kyuubiQueryPlan, { query: 'etl_tx' }, dead)).rejects.toBe(down);
  });

  it('says what it searched', async () => {
    expect(await text(kyuubiQueryPlan, { query: 'nobody' })).toBe(
      'no_data: recent Trino queries and live Kyuubi operations for "nobody" in id, user, source and SQL',
    );
  });
});

describe('metric_query', () => {
  it('reads a metric of the inventory by its name: figures, and few points with both ends', async () => {
    const world = scene();
    const start = NOW.getTime() / 1000 - 3600;
    world.series['sum(landed_rows_total)'] = [
      {
        labels: { table: 'bronze.transactions', job: 'x' },
        points: Array.from({ length: 61 }, (_, index): [number, number] => [start + index * 60, 1000 + index]),
      },
    ];
    const shown = await text(metricQuery, { expr: 'landed_rows', since: '1h' }, world);
    expect(shown.split('\n')).toHaveLength(25);
    expect(
      shown
        .split('\n')
        .filter((_, index) => index < 2 || index > 23)
        .join('\n'),
    ).toMatchInlineSnapshot(`
      "series labels="job=x,table=bronze.transactions" points=61 first=1000 last=1060 min=1000 max=1060 mean=1030
      point at=2026-03-11T01:14:00Z value=1000
      point at=2026-03-11T02:14:00Z value=1060"
    `);
  });

  it.each(['{}', '{__name__=~".+"}', 'sum({__name__=~".*"})', 'count( { } )', '{__name__!=""}'])(
    'refuses %s: it asks for every series',
    async (expr) => {
      expect(await ask(metricQuery, { expr })).toMatchObject({ status: 'error' });
    },
  );

  it('says what it searched, and never takes nothing for zero', async () => {
    expect(await text(metricQuery, { expr: 'up{job="x"}' })).toBe(
      'no_data: Prometheus for series of up{job="x"} in the last 6h; metrics of the inventory: landed_rows',
    );
  });
});
