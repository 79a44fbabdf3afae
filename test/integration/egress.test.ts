import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Left } from '../support/egress-recorder.js';
import { obedientReply } from '../support/obedient-model.js';
import { startOpenAiServer } from '../support/openai-server.js';
import { AT_REST, countersign, freshEnvironment, startCommand, startStack, temporaryFolder } from '../support/stack.js';

const RECORDER = resolve(import.meta.dirname, '../../dist/test/support/egress-recorder.js');
const folder = temporaryFolder();
afterAll(() => folder.remove());

/** NODE_OPTIONS that record into a file of this name, and what was recorded. */
function recording(name: string): { options: string; seen(): Left[] } {
  const file = join(folder.path, `${name}.ndjson`);
  return {
    options: `--import=${pathToFileURL(RECORDER).href}?to=${file}`,
    seen: () =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line) as Left)
        : [],
  };
}

/** `host:port` of every address in an environment, as a process would connect to it. */
function addressesIn(env: NodeJS.ProcessEnv): string[] {
  return Object.values(env).flatMap((value) => {
    const url = /^(?:https?|rediss?):\/\//.test(value ?? '') ? new URL(value ?? '') : undefined;
    return url === undefined ? [] : [url.host];
  });
}

/** What was reached that the process was not configured with. `git` talks for itself: its command line is looked at. */
function strangersAmong(seen: readonly Left[], allowed: (by: string) => readonly string[]): Left[] {
  return seen.filter(({ by, did, to }) => {
    if (did === 'connect') return !allowed(by).includes(to);
    if (did === 'listen') return !to.startsWith('127.0.0.1:');
    if (did === 'start')
      return addressesIn(Object.fromEntries(to.split(' ').map((word, index) => [index, word]))).some(
        (host) => !allowed(by).includes(host),
      );
    return true;
  });
}

type Environments = Record<string, NodeJS.ProcessEnv>;

/** Each role may reach what its own environment names; who starts them, what they and the platform listen on. */
function configured(environments: Environments, seen: readonly Left[]): (by: string) => string[] {
  const ours = seen.filter((one) => one.did === 'listen').map((one) => one.to);
  const redis = Object.values(environments).flatMap((env) => new URL(env['REDIS_URL'] ?? '').host);
  return (by) => {
    const environment = environments[by.replace(/\.js$/, '')];
    if (environment !== undefined) return addressesIn(environment);
    return by === 'cli.js' ? [...ours, ...redis] : [];
  };
}

describe('what leaves a process', () => {
  it('is seen by the recorder, whichever way it leaves', async () => {
    const record = recording('proof');
    const program = `
      import { connect } from 'node:net';
      import { lookup } from 'node:dns';
      import { execFile } from 'node:child_process';
      connect(40009, '127.0.0.1').on('error', () => {});
      fetch('http://127.0.0.1:40011/').catch(() => {});
      import('undici').then(({ request }) => request('http://127.0.0.1:40013/').catch(() => {}));
      lookup('telemetry.invalid', () => {});
      execFile('git', ['ls-remote', 'http://127.0.0.1:40015/x.git'], () => {});`;
    const env = { ...process.env, NODE_OPTIONS: record.options };
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env });
    const strangers = strangersAmong(record.seen(), () => ['127.0.0.1:40010']);
    const expected = ['127.0.0.1:40009', '127.0.0.1:40011', '127.0.0.1:40013', 'telemetry.invalid'];
    expect(strangers.map((one) => one.to)).toEqual(
      expect.arrayContaining([...expected, expect.stringContaining('127.0.0.1:40015')]),
    );
    expect(strangersAmong([{ by: 'web.js', pid: 1, did: 'listen', to: '0.0.0.0:80' }], () => [])).toHaveLength(1);
  });

  it('is only what was configured, from the first start to a verified repair, with the playbook', async () => {
    const record = recording('playbook');
    const data = join(folder.path, 'data');
    mkdirSync(data);
    const env = freshEnvironment(data, { NODE_OPTIONS: record.options });
    const running = startCommand(['start'], env);
    const [, incident = ''] = await running.says(/incidents\/(INC-\w+)/);
    const decide = () =>
      countersign(['decide', incident, 'approve', '--as', 'you@example.com', '--check', 'schema diff matches'], env);
    await expect.poll(async () => (await decide()).code, { timeout: 30_000, interval: 300 }).toBe(0);
    await expect
      .poll(async () => (await countersign(['list'], env)).out, { timeout: 40_000, interval: 500 })
      .toContain('resolved');
    running.interrupt();
    expect(await running.ended).toBe(0);
    const environments = Object.fromEntries(
      readdirSync(join(data, 'env')).map((name) => [
        name.replace('.json', ''),
        JSON.parse(readFileSync(join(data, 'env', name), 'utf8')) as NodeJS.ProcessEnv,
      ]),
    );
    const seen = record.seen();
    expect(strangersAmong(seen, configured(environments, seen))).toEqual([]);
    // It was looked at: the connections that this incident needs are there, git among the programs, and nothing of the platform's own.
    const reached = (by: string): string[] => [
      ...new Set(seen.filter((one) => one.by === by && one.did === 'connect').map((one) => one.to)),
    ];
    const hosts = (role: string, ...names: string[]): string[] =>
      names.map((name) => new URL(environments[role]?.[name] ?? '').host);
    expect(reached('investigator.js')).toEqual(
      expect.arrayContaining(hosts('investigator', 'REDIS_URL', 'AIRFLOW_URL', 'SCHEMA_REGISTRY_URL')),
    );
    expect(reached('repairer.js')).toEqual(
      expect.arrayContaining(hosts('repairer', 'REDIS_URL', 'AIRFLOW_URL', 'TRINO_URL')),
    );
    expect(reached('web.js')).toEqual(hosts('web', 'REDIS_URL'));
    expect(reached('sealer.js')).toEqual(hosts('sealer', 'REDIS_URL'));
    expect(reached('main.js')).toEqual([]);
    expect(seen.some((one) => one.by === 'investigator.js' && one.did === 'start' && one.to.startsWith('git '))).toBe(
      true,
    );
  });

  it('is only what was configured with a model, although its library would send traces elsewhere', async () => {
    const record = recording('model');
    const server = await startOpenAiServer(obedientReply);
    const stack = await startStack({
      inherited: { NODE_OPTIONS: record.options },
      model: {
        COUNTERSIGN_REASONER: 'openai',
        OPENAI_BASE_URL: server.baseUrl,
        OPENAI_API_KEY: 'a-key-of-this-test',
        OPENAI_MODEL: 'a-model',
        LANGSMITH_TRACING: 'true',
        LANGCHAIN_TRACING_V2: 'true',
        LANGSMITH_API_KEY: 'another-key',
      },
    });
    try {
      const incident = await stack.alert();
      await stack.until(incident, AT_REST);
      expect(server.requests.length).toBeGreaterThan(2);
      const seen = record.seen();
      expect(strangersAmong(seen, configured(stack.environments, seen))).toEqual([]);
      expect(seen.filter((one) => one.by === 'investigator.js' && one.to === new URL(server.baseUrl).host)).not.toEqual(
        [],
      );
    } finally {
      await stack.stop();
      await server.stop();
    }
  });
});
