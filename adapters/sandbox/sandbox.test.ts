import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxOutcome, type SandboxPlan, sandboxSql } from '../../src/domain/sandbox.js';
import { compileSandboxProgram } from '../../test/support/sandbox-program.js';
import { createSandbox } from './sandbox.js';

let compiled: ReturnType<typeof compileSandboxProgram>;
let sandbox: Sandbox;

const WIDE = 30_000;

beforeAll(() => {
  compiled = compileSandboxProgram();
  sandbox = createSandbox({ program: compiled.program });
});

afterAll(async () => {
  await sandbox.close();
  compiled.remove();
});

const planOf = (...sql: string[]): SandboxPlan => ({
  macros: [],
  sets: [{ id: 'a', tables: [], statements: sql.map((text, index) => ({ id: `${index}`, sql: sandboxSql(text) })) }],
});

async function answered(in_: Sandbox, plan: SandboxPlan) {
  const outcome = await in_.run(plan);
  if (outcome.state !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.answers;
}

describe('a plan in the sandbox', () => {
  it('gives rows with the types of the columns, and no digit is lost', { timeout: WIDE }, async () => {
    const answers = await answered(sandbox, {
      macros: [sandboxSql('CREATE MACRO twice(x) AS x * 2')],
      sets: [
        {
          id: 'a',
          tables: [
            {
              name: 'txn',
              columns: [
                { name: 'id', type: 'BIGINT' },
                { name: 'amount', type: 'DECIMAL(38,4)' },
                { name: 'at', type: 'TIMESTAMP' },
              ],
              rows: [
                ['9223372036854775807', '9999999999999999999999999999999999.9999', '2024-02-29 23:59:59.999999'],
                ['1', null, null],
              ],
            },
          ],
          statements: [
            { id: 'all', keepAs: 'out', sql: sandboxSql('SELECT id, amount, "at" FROM txn') },
            { id: 'next', sql: sandboxSql('SELECT count(*) AS n, twice(2) AS t FROM "out"') },
          ],
        },
      ],
    });
    expect(answers[0]?.result).toEqual({
      columns: [
        { name: 'id', type: 'BIGINT' },
        { name: 'amount', type: 'DECIMAL(38,4)' },
        { name: 'at', type: 'TIMESTAMP' },
      ],
      rows: [
        ['9223372036854775807', '9999999999999999999999999999999999.9999', '2024-02-29 23:59:59.999999'],
        ['1', null, null],
      ],
      rowCount: 2,
    });
    expect(answers[1]?.result?.rows).toEqual([['2', 4]]);
  });

  it('gives each set its own tables', async () => {
    const set = (id: string, value: string) => ({
      id,
      tables: [{ name: 't', columns: [{ name: 'a', type: 'VARCHAR' }], rows: [[value]] }],
      statements: [{ id: 'q', keepAs: 'u', sql: sandboxSql('SELECT a FROM t') }],
    });
    const answers = await answered(sandbox, { macros: [], sets: [set('x', 'one'), set('y', 'two')] });
    expect(answers.map(({ result }) => result?.rows)).toEqual([[['one']], [['two']]]);
  });

  it('answers a statement that fails and goes on with the next', async () => {
    const [bad, good] = await answered(sandbox, planOf("SELECT CAST('x' AS INTEGER) AS a", 'SELECT 1 AS a'));
    expect(bad?.error).toContain('Conversion Error');
    expect(bad?.error).not.toContain('\n');
    expect(good?.result?.rows).toEqual([[1]]);
  });
});

describe('the locks', () => {
  const outside = '/tmp/countersign-sandbox-must-not-exist';
  it.each([
    ["SELECT * FROM read_csv('/etc/passwd')", 'file system operations are disabled'],
    ["SELECT * FROM read_text('/etc/hostname')", 'file system operations are disabled'],
    ["SELECT * FROM glob('/etc/*')", 'file system operations are disabled'],
    ["SELECT * FROM '/etc/passwd'", 'does not exist'],
    ["SELECT * FROM sniff_csv('/etc/passwd')", 'file system operations are disabled'],
    ["SELECT * FROM parquet_scan('https://example.com/a.parquet')", 'disabled'],
    [`COPY (SELECT 1) TO '${outside}'`, 'only queries run'],
    [`ATTACH '${outside}'`, 'only queries run'],
    [`EXPORT DATABASE '${outside}'`, 'only queries run'],
    ['INSTALL httpfs', 'only queries run'],
    ['LOAD httpfs', 'only queries run'],
    ["SET memory_limit='4GB'", 'only queries run'],
    ['RESET lock_configuration', 'only queries run'],
    ['PRAGMA enable_profiling', 'only queries run'],
    ['CALL pragma_version()', 'only queries run'],
    ['CREATE SECRET (TYPE s3)', 'only queries run'],
    ['CREATE TABLE t (a INTEGER)', 'only queries run'],
    ['SELECT 1; SELECT 2', '2 statements'],
    [`SELECT 1; COPY (SELECT 1) TO '${outside}'`, '2 statements'],
    ["SELECT getenv('PATH')", 'getenv'],
    ['SELECT * FROM duckdb_secrets()', 'Error'],
  ])('refuse %s', async (sql, why) => {
    const [answer] = await answered(sandbox, planOf(sql));
    expect(answer?.result).toBeUndefined();
    expect(answer?.error).toContain(why);
    expect(existsSync(outside)).toBe(false);
  });

  it('hold in the database itself, not only before it', async () => {
    const { openLocked } = await import('./locked-database.js');
    const { connection, close } = await openLocked(64);
    for (const sql of [
      `COPY (SELECT 1) TO '${outside}'`,
      `ATTACH '${outside}'`,
      `EXPORT DATABASE '${outside}'`,
      'INSTALL httpfs',
      'LOAD httpfs',
      "SET memory_limit='4GB'",
      'SET enable_external_access=true',
      'RESET lock_configuration',
      'CREATE SECRET (TYPE s3)',
    ]) {
      await expect(connection.run(sql), sql).rejects.toThrow(/disabled|locked/);
    }
    expect(existsSync(outside)).toBe(false);
    close();
  });

  it('reach no server on this machine either', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end('a\n1\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [answer] = await answered(sandbox, planOf(`SELECT * FROM read_csv('http://127.0.0.1:${port}/a.csv')`));
    server.close();
    expect(answer?.error).toMatch(/disabled/);
    expect(asked).toBe(0);
  });
});

describe('the limits', () => {
  const RUNAWAY =
    'SELECT count(*) AS n FROM range(1000000) a, range(1000000) b, range(1000000) c WHERE a.range + b.range = c.range';

  it('stop a runaway cross join, and the next plan runs', { timeout: WIDE }, async () => {
    const quick = createSandbox({ program: compiled.program, limits: { timeMs: 500 } });
    const started = performance.now();
    expect(await quick.run(planOf(RUNAWAY))).toEqual({ state: 'stopped', by: 'time', limit: 0.5 });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect((await quick.run(planOf('SELECT 1 AS a'))).state).toBe('done');
    await quick.close();
  });

  it('stop what takes too much memory', { timeout: WIDE }, async () => {
    const small = createSandbox({ program: compiled.program, limits: { memoryMb: 64 } });
    const outcome = await small.run(planOf('SELECT list(range) AS l FROM range(200000000)'));
    expect(outcome).toEqual({ state: 'stopped', by: 'memory', limit: 64 });
    await small.close();
  });

  it('hand back no more rows than allowed, and count them all', { timeout: WIDE }, async () => {
    const few = createSandbox({ program: compiled.program, limits: { rows: 3 } });
    const [answer] = await answered(few, planOf('SELECT range AS a FROM range(10)'));
    expect(answer?.result).toMatchObject({ rowCount: 10, rows: [['0'], ['1'], ['2']] });
    await few.close();
  });
});

describe('a process that ends', () => {
  const SLOW = 'SELECT count(*) AS n FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7';

  it('is an answer, and a new one takes its place', { timeout: WIDE }, async () => {
    const fragile = createSandbox({ program: compiled.program, limits: { timeMs: 20_000 } });
    const children = async (): Promise<number[]> => childrenOf(process.pid);
    const before = new Set(await children());
    const running = fragile.run(planOf(SLOW));
    await expect.poll(async () => (await children()).filter((pid) => !before.has(pid)).length).toBe(1);
    const [pid] = (await children()).filter((each) => !before.has(each));
    process.kill(pid ?? 0, 'SIGKILL');
    const outcome = (await running) as Extract<SandboxOutcome, { state: 'failed' }>;
    expect(outcome.state).toBe('failed');
    expect((await fragile.run(planOf('SELECT 1 AS a'))).state).toBe('done');
    await fragile.close();
  });

  it('is an answer when its program is missing', { timeout: WIDE }, async () => {
    const none = createSandbox({ program: `${compiled.program}.gone` });
    expect((await none.run(planOf('SELECT 1'))).state).toBe('failed');
    await none.close();
  });

  it('takes no more plans than the queue holds', { timeout: WIDE }, async () => {
    const narrow = createSandbox({ program: compiled.program, queue: 1 });
    const outcomes = await Promise.all([1, 2, 3].map((n) => narrow.run(planOf(`SELECT ${n} AS a`))));
    expect(outcomes.map(({ state }) => state)).toEqual(['done', 'done', 'busy']);
    await narrow.close();
  });
});

async function childrenOf(parent: number): Promise<number[]> {
  const { execFileSync } = await import('node:child_process');
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((found) =>
      found && Number(found[2]) === parent && /child\.js/.test(found[3] ?? '') ? [Number(found[1])] : [],
    );
}
