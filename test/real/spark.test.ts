import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../adapters/http/client.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import { createDriverLogs } from '../../adapters/spark/driver-logs.js';
import { createSparkReader } from '../../adapters/spark/read.js';
import type { ToolContext } from '../../src/domain/tool.js';
import { sparkJobLogs } from '../../tools/diagnose/spark-job-logs.js';
import { createMemoryPlatform } from '../../tools/testing/memory-platform.js';
import { emptyWorld } from '../../tools/testing/memory-world.js';
import { INVENTORY, POLICY } from '../../tools/testing/scenes.js';
import { holdTo } from '../contract/contract.js';
import { sparkContract } from '../contract/expectations/spark.js';
import { SPARK_KINDS, type SparkGiven, type SparkKind } from '../contract/expectations/spark-world.js';
import { runJob, type SparkJob, startJob } from './spark/submit.js';
import { addressOf } from './up.js';

const JOBS = join(import.meta.dirname, 'spark/jobs');
const PREFIX = `contract-${Date.now().toString(36)}`;
const SECRET = randomBytes(12).toString('hex');
const work = mkdtempSync(join(tmpdir(), 'spark-contract-'));
const nameOf = (kind: SparkKind): string => `${PREFIX}-${kind}`;

/** Jobs that run to their end, and the exit code each has. */
const ENDING: Partial<Record<SparkKind, Omit<SparkJob, 'name'> & { code: number }>> = {
  succeeds: {
    job: 'succeeds.py',
    conf: { 'spark.hadoop.fs.s3a.secret.key': SECRET, 'spark.executor.memory': '1g' },
    code: 0,
  },
  'executor-lost': {
    job: 'executor_lost.py',
    master: 'local-cluster[2,1,1024]',
    conf: { 'spark.task.maxFailures': '1' },
    code: 1,
  },
  skewed: { job: 'skewed_stage.py', conf: { 'spark.sql.adaptive.enabled': 'false' }, code: 1 },
  refused: { job: 'unresolved_column.py', code: 1 },
  mismatch: { job: 'delta_schema_mismatch.py', args: [join(work, 'table')], code: 1 },
  caused: { job: 'corrupt_file.py', args: [join(work, 'files')], code: 1 },
  deep: { job: 'deep_stack.py', code: 1 },
  'too-large': { job: 'result_too_large.py', conf: { 'spark.driver.maxResultSize': '1m' }, code: 1 },
};

let version = '';
let given: SparkGiven;
const drivers: number[] = [];

beforeAll(async () => {
  const { url, events, driverLogs, python, version: found } = await addressOf('spark');
  version = found;
  mkdirSync(join(work, 'files'));
  given = givenOf(url ?? '', driverLogs ?? '');
  await startDriver('driver-killed');
  await startDriver('runs');
  for (const [kind, { code, ...job }] of Object.entries(ENDING)) {
    const ended = await runJob({ ...job, name: nameOf(kind as SparkKind), job: join(JOBS, job.job) });
    if (ended.code !== code) throw new Error(`${kind} ended with ${ended.code}:\n${ended.output.slice(-3_000)}`);
  }
  const driver = await driverOf('driver-killed');
  await listed(['driver-killed', 'runs', 'succeeds']);
  process.kill(driver, 'SIGKILL');
  const [succeeded] = await given.reader.applications(nameOf('succeeds'), 1);
  const attempted = `application_${Date.now()}_0001`;
  const script = join(import.meta.dirname, 'spark/attempts.py');
  execFileSync(python ?? '', [script, events ?? '', succeeded?.id ?? '', attempted, nameOf('attempted')]);
  await listed(SPARK_KINDS);
  await completed();
}, 900_000);

afterAll(() => {
  for (const pid of drivers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Killed before.
    }
  }
  rmSync(work, { recursive: true, force: true });
});

function givenOf(url: string, driverLogs: string): SparkGiven {
  const http = createHttpClient({ system: 'Spark History Server', baseUrl: url, timeoutMs: 30_000 });
  const store = createObjectStore(driverLogs, { purpose: 'driver logs' });
  const reader = createSparkReader({ http, driverLogs: createDriverLogs({ store, pattern: '{app}/' }) });
  return { reader, http, prefix: PREFIX, secret: SECRET, executorMemory: '1g' };
}

/** Starts a job that goes on until it is killed, and waits until it has a stage. */
async function startDriver(kind: SparkKind): Promise<void> {
  const running = startJob({ name: nameOf(kind), job: join(JOBS, 'runs_on.py') });
  await until(`${kind} runs a task`, () => running.output().includes('Running task 0.0'));
  drivers.push(await driverOf(kind));
}

/** Process id of the JVM that runs a driver: the only one with this name among its arguments. */
async function driverOf(kind: SparkKind): Promise<number> {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      const line = commandLine(pid);
      return line.includes('org.apache.spark.deploy.SparkSubmit') && line.includes(nameOf(kind));
    });
  if (found === undefined) throw new Error(`${kind} has no driver`);
  return Number(found);
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

async function listed(kinds: readonly SparkKind[]): Promise<void> {
  await until(`the History Server lists ${kinds.join(', ')}`, async () => {
    const names = (await given.reader.applications(PREFIX, 100)).map(({ name }) => name);
    return kinds.every((kind) => names.includes(nameOf(kind)));
  });
}

/** The server reads event logs in rounds: an application that ended may be listed as running for one of them. */
async function completed(): Promise<void> {
  await until('the History Server has read the end of the jobs', async () => {
    const open = (await given.reader.applications(PREFIX, 100)).filter((app) => !app.completed);
    return open.length === 2;
  });
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 240_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`It was waited in vain until ${what}.`);
    await sleep(300);
  }
}

holdTo(sparkContract, { name: 'spark', version: () => version }, () => given);

describe('spark_job_logs on a real application', () => {
  const ask = async (kind: SparkKind): Promise<string[]> => {
    const { readers } = createMemoryPlatform(emptyWorld());
    const context: ToolContext = {
      readers: { ...readers, spark: given.reader },
      inventory: INVENTORY,
      policy: POLICY,
      now: () => new Date(),
      signal: AbortSignal.timeout(60_000),
    };
    const answer = await sparkJobLogs.run({ app: nameOf(kind) }, context);
    return answer.status === 'ok' ? answer.text.split('\n') : [answer.status];
  };

  it('shows what a query was told and how its driver ended, though no stage failed', async () => {
    const lines = await ask('refused');
    expect(lines[0]).toMatch(/^app id=local-\d+ .* state=FAILED /);
    expect(lines.filter((line) => line.startsWith('query_error '))).toHaveLength(1);
    expect(lines.find((line) => line.startsWith('log driver='))).toMatch(/ file=\S+\/driver\.log$/);
    expect(lines.filter((line) => /^\| .*AnalysisException: \[UNRESOLVED_COLUMN/.test(line))).toHaveLength(1);
    expect(lines.some((line) => / INFO \w+:/.test(line))).toBe(false);
  });

  it('shows the executor that was killed, and not those that were sent home', async () => {
    const executors = (await ask('executor-lost')).filter((line) => line.startsWith('executor '));
    expect(executors).toHaveLength(1);
    expect(executors[0]).toContain('removed="Command exited with code 137"');
  });
});
