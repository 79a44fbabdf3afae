import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { ToolContext } from '../../src/domain/tool.js';
import { createMemoryPlatform } from '../testing/memory-platform.js';
import type { MemoryWorld } from '../testing/memory-world.js';
import { INVENTORY, NOW, POLICY, scene } from '../testing/scenes.js';
import { sparkJobLogs } from './spark-job-logs.js';

function world(): MemoryWorld {
  const made = scene();
  const app = (id: string, startedAt: string) => ({
    id,
    name: 'daily-transactions-transform',
    startedAt,
    endedAt: '2026-03-11T02:13:28Z',
    completed: true,
  });
  const failure = {
    stages: [
      {
        id: 5,
        attempt: 0,
        name: 'join',
        failedTasks: 4,
        reason: 'Job aborted due to stage failure\nCaused by: executor 2 exited with exit code 137',
        spilledBytes: 81_333,
      },
    ],
    taskErrors: [1, 2, 3].map((index) => ({
      stage: 5,
      index,
      executor: '2',
      host: 'ip-10-0-0-7',
      message: `Lost task ${index}.3 in stage 5.0: ExecutorLostFailure`,
      inputBytes: 1,
      durationMs: 1,
    })),
    queries: [],
    taskSummary: [{ stage: 5, metric: 'input_bytes', median: 100, max: 4_200 }],
    executors: [
      { id: '1', host: 'ip-10-0-0-6', active: true, removeReason: undefined, failedTasks: 0, maxMemory: 1 },
      {
        id: '2',
        host: 'ip-10-0-0-7',
        active: false,
        removeReason: 'Command exited\nwith code 137',
        failedTasks: 4,
        maxMemory: 1,
      },
    ],
    settings: {
      'spark.executor.memory': '4g',
      'spark.hadoop.fs.s3a.secret.key': 'x',
      'spark.executor.extraJavaOptions': '-Dpw=x',
      'spark.sql.shuffle.partitions': '128',
    },
  };
  const quiet = { stages: [], taskErrors: [], queries: [], taskSummary: [], executors: [], settings: {} };
  made.sparkApps = [
    {
      app: app('spark-2', '2026-03-11T02:11:00Z'),
      failure: { app: app('spark-2', '2026-03-11T02:11:00Z'), ...failure },
    },
    { app: app('spark-1', '2026-03-10T02:11:00Z'), failure: { app: app('spark-1', '2026-03-10T02:11:00Z'), ...quiet } },
  ];
  const pod = (name: string, reason?: string, exitCode?: number) => ({
    name,
    phase: exitCode ? 'Failed' : 'Running',
    reason: undefined,
    node: 'n1',
    terminated: exitCode === undefined ? undefined : { exitCode, reason, at: undefined },
  });
  made.pods = [
    pod('daily-transactions-transform-exec-1'),
    pod('daily-transactions-transform-exec-2', 'OOMKilled', 137),
  ];
  made.podEvents['daily-transactions-transform-exec-2'] = [
    { at: '2026-03-11T02:11:00Z', type: 'Warning', reason: 'OOMKilling', message: 'Memory cgroup out of memory' },
  ];
  made.quotas = [{ name: 'compute', hard: { 'limits.memory': '400Gi' }, used: { 'limits.memory': '96Gi' } }];
  made.podLogs['daily-transactions-transform-driver#previous'] = '26/03/11 INFO start\n26/03/11 ERROR Lost executor 2';
  return made;
}

async function ask(app: string, made = world()): Promise<string> {
  const { readers } = createMemoryPlatform(made);
  const context: ToolContext = {
    readers,
    inventory: INVENTORY,
    policy: POLICY,
    now: () => NOW,
    signal: new AbortController().signal,
  };
  const answer = await sparkJobLogs.run({ app }, context);
  return answer.status === 'ok'
    ? answer.text
    : `${answer.status}: ${answer.status === 'no_data' ? answer.searched : answer.safeText}`;
}

describe('spark_job_logs', () => {
  it('shows the whole failure, history and pods, without a setting that could hold a secret', async () => {
    expect(await ask('daily_transactions.transform')).toMatchInlineSnapshot(`
      "app id=spark-2 name=daily-transactions-transform state=FAILED started=2026-03-11T02:11:00Z ended=2026-03-11T02:13:28Z
      app id=spark-1 name=daily-transactions-transform state=ENDED started=2026-03-10T02:11:00Z ended=2026-03-11T02:13:28Z
      setting key=spark.executor.memory value=4g
      setting key=spark.sql.shuffle.partitions value=128
      stage id=5 attempt=0 failed_tasks=4 spilled_bytes=81333
      | Job aborted due to stage failure
      | Caused by: executor 2 exited with exit code 137
      task_error stage=5 index=1 executor=2 host=ip-10-0-0-7
      | Lost task 1.3 in stage 5.0: ExecutorLostFailure
      skew stage=5 metric=input_bytes median=100 max=4200 ratio=42
      executor id=2 host=ip-10-0-0-7 active=false removed="Command exited\\nwith code 137" failed_tasks=4
      resource namespace=spark-jobs name=daily-transactions-transform state=FAILED error="driver container failed with ExitCode: 137, Reason: OOMKilled"
      field key=image value=spark:4.0.2
      field key=driver.memory value=2g
      field key=executor.instances value=3
      field key=executor.memory value=4g
      pod name=daily-transactions-transform-exec-2 phase=Failed node=n1 exit_code=137 terminated_reason=OOMKilled
      pod name=daily-transactions-transform-exec-1 phase=Running node=n1
      event at=2026-03-11T02:11:00Z age=3m type=Warning reason=OOMKilling message="Memory cgroup out of memory"
      quota name=compute resource=limits.memory hard=400Gi used=96Gi
      log pod=daily-transactions-transform-driver
      | 26/03/11 INFO start
      | 26/03/11 ERROR Lost executor 2"
    `);
  });

  it.each([
    'daily-transactions',
    'spark-2',
    'transform',
    'daily_transactions',
    'spark-jobs/daily-transactions-transform',
  ])('finds the application by %s', async (name) => {
    expect(await ask(name)).toContain('stage id=5 attempt=0 failed_tasks=4');
  });

  it('shows one half when the other can not be asked, and fails only when neither can', async () => {
    const down = new AppError('unavailable', { safeText: 'Kubernetes does not answer.' });
    const half = world();
    half.failBefore['k8s.list'] = down;
    expect(await ask('daily-transactions', half)).toMatch(
      /\nunavailable system=kubernetes text="Kubernetes does not answer\."$/,
    );
    const dead = world();
    dead.failBefore['k8s.list'] = down;
    dead.failBefore['spark.applications'] = down;
    await expect(ask('daily-transactions', dead)).rejects.toBe(down);
  });

  it('says what it searched', async () => {
    expect(await ask('nightly-compaction')).toBe(
      'no_data: the Spark History Server and the SparkApplications for names that start with "nightly-compaction"; applications of the inventory: daily-transactions-transform',
    );
  });

  describe("where drivers' logs are collected", () => {
    const refusal =
      'pyspark.errors.exceptions.captured.AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] `total_price`';
    const log = [
      '26/03/11 02:11:01 INFO SparkContext: Running Spark version 4.2.0',
      '26/03/11 02:11:02 WARN Utils: Service could not bind',
      '{"ts": "2026-03-11 02:11:03.733", "level": "ERROR", "logger": "SQLQueryContextLogger", "msg": "no such column", "exception": {}}',
      'Traceback (most recent call last):',
      refusal,
      '26/03/11 02:11:04 INFO SparkContext: Successfully stopped SparkContext',
    ].join('\n');

    /** The newest application left nothing in the History Server; the one before it failed in a stage. */
    function refused(): MemoryWorld {
      const made = world();
      const [failed, quiet] = made.sparkApps;
      if (!failed || !quiet) throw new Error('the scene has two applications');
      const app = { ...failed.app, id: 'spark-3', startedAt: '2026-03-12T02:11:00Z' };
      made.sparkApps = [
        { app, failure: { ...quiet.failure, app }, driverLogs: [{ source: 'spark-3/driver.log', text: log }] },
        failed,
      ];
      made.resources = [];
      return made;
    }

    it('a driver that gave up before its first stage is the failure, and its log is shown without the chatter', async () => {
      expect(await ask('daily-transactions-transform', refused())).toBe(
        [
          'app id=spark-3 name=daily-transactions-transform state=FAILED started=2026-03-12T02:11:00Z ended=2026-03-11T02:13:28Z',
          'app id=spark-2 name=daily-transactions-transform state=ENDED started=2026-03-11T02:11:00Z ended=2026-03-11T02:13:28Z',
          'log driver=spark-3 file=spark-3/driver.log',
          '| [2 INFO lines left out]',
          '| 26/03/11 02:11:02 WARN Utils: Service could not bind',
          '| 2026-03-11 02:11:03.733 ERROR SQLQueryContextLogger: no such column',
          '| Traceback (most recent call last):',
          `| ${refusal}`,
        ].join('\n'),
      );
    });

    it('is not shown beside the log of the pod', async () => {
      const made = refused();
      made.resources = world().resources;
      const text = await ask('daily-transactions-transform', made);
      expect(text).toContain('log pod=daily-transactions-transform-driver');
      expect(text).not.toContain('log driver=');
    });

    it('says so when the place can not be read, and shows the rest', async () => {
      const made = refused();
      made.failBefore['spark.logs'] = new AppError('forbidden', { safeText: 'The driver logs do not allow this.' });
      const text = await ask('daily-transactions-transform', made);
      expect(text).toContain('unavailable system="driver logs" text="The driver logs do not allow this."');
      expect(text).toContain('app id=spark-3');
    });
  });

  it('shows what Spark said to a query, once, and no executor that was sent home at the end', async () => {
    const made = world();
    const [newest] = made.sparkApps;
    if (!newest) throw new Error('the scene has applications');
    const { app, failure } = newest;
    const gone = { host: 'h', active: false, failedTasks: 0, maxMemory: 1 };
    newest.failure = {
      ...failure,
      queries: [
        { id: 7, description: 'save', error: '[DELTA_METADATA_MISMATCH] A schema mismatch detected' },
        { id: 6, description: 'collect', error: failure.stages[0]?.reason ?? '' },
      ],
      executors: [
        { ...gone, id: '1', removeReason: 'Command exited with code 143', removedAt: app.endedAt ?? '' },
        { ...gone, id: '2', removeReason: 'Command exited with code 143', removedAt: app.startedAt },
      ],
    };
    const lines = (await ask('daily-transactions-transform', made)).split('\n');
    expect(lines.filter((line) => line.startsWith('query_error'))).toEqual(['query_error id=7 description=save']);
    expect(lines).toContain('| [DELTA_METADATA_MISMATCH] A schema mismatch detected');
    expect(lines.filter((line) => line.startsWith('executor '))).toEqual([
      'executor id=2 host=h active=false removed="Command exited with code 143" failed_tasks=0',
    ]);
  });

  it('tells a driver that died without a word from one that runs by its last event', async () => {
    const made = world();
    const [newest] = made.sparkApps;
    if (!newest) throw new Error('the scene has applications');
    newest.app = { ...newest.app, completed: false, endedAt: undefined, lastEventAt: '2026-03-11T02:12:00Z' };
    expect(await ask('daily-transactions-transform', made)).toContain(
      'state=RUNNING started=2026-03-11T02:11:00Z last_event=2026-03-11T02:12:00Z',
    );
  });
});
