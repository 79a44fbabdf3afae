import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorLine } from '../../src/roles/role-process.js';
import { countersign, startStack, type TestStack } from '../support/stack.js';

const CONNECTIONS = [
  'Airflow',
  'Spark History Server',
  'Kubernetes',
  'Delta folder',
  'Trino',
  'Kyuubi',
  'Schema registry',
  'Code repository',
  'Configuration repository',
  'Prometheus',
];

describe('countersign doctor', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  const examine = async (): Promise<{ code: number | null; lines: DoctorLine[]; said: string }> => {
    const { code, out, err } = await countersign(['doctor', '--json'], stack.commandEnvironment);
    return { code, lines: JSON.parse(out) as DoctorLine[], said: out + err };
  };
  /** Changes what one role is configured with; the answer puts it back. */
  const configure = (role: string, change: NodeJS.ProcessEnv): (() => void) => {
    const file = join(stack.dataDir, 'env', `${role}.json`);
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(before) as NodeJS.ProcessEnv), ...change }));
    return () => writeFileSync(file, before);
  };
  const failing = (lines: DoctorLine[]): string[] =>
    lines.filter((one) => !one.ok).map((one) => `${one.role} ${one.check}`);

  it('finds every connection of every role in order', async () => {
    const { code, lines, said } = await examine();
    expect(failing(lines)).toEqual([]);
    expect(code).toBe(0);
    for (const role of ['investigator', 'repairer'])
      expect(lines.filter((one) => one.role === role).map((one) => one.check)).toEqual(
        expect.arrayContaining(CONNECTIONS),
      );
    for (const role of ['web', 'sealer']) expect(lines.some((one) => one.role === role)).toBe(true);
    expectNoSecret(said);
  });

  it('takes a system that is left out for no fault, and says so', async () => {
    const restore = configure('investigator', { KYUUBI_URL: '', PROMETHEUS_URL: '' });
    const { code, lines } = await examine().finally(restore);
    const details = new Map(lines.filter(({ role }) => role === 'investigator').map((one) => [one.check, one.detail]));
    expect([details.get('Kyuubi'), details.get('Prometheus')]).toEqual(['not connected', 'not connected']);
    expect([...details.keys()]).not.toContain('Prometheus rights');
    expect(code).toBe(0);
  });

  it('says in our own words which system is down, and exits with 1', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/hush-hush-9`;
    const restore = configure('investigator', { SCHEMA_REGISTRY_URL: url });
    const { code, lines, said } = await examine().finally(restore);
    expect(failing(lines)).toEqual(['investigator Schema registry']);
    const line = lines.find((one) => !one.ok);
    expect(line?.detail).toBe('Schema registry can not be reached (ECONNREFUSED).');
    expect(said).not.toMatch(/fetch failed|connect ECONN|hush-hush-9|at .*\.js:\d/);
    expect(code).toBe(1);
    expectNoSecret(said);
  });

  it('tells a refused login from a dead system, without the password', async () => {
    const restore = configure('repairer', {
      AIRFLOW_PASSWORD: 'not-the-password-42',
      KUBERNETES_TOKEN: 'not-the-token-42',
    });
    const { code, lines, said } = await examine().finally(restore);
    expect(failing(lines).sort()).toEqual(['repairer Airflow', 'repairer Kubernetes']);
    for (const line of lines.filter((one) => !one.ok))
      expect(line.detail).toMatch(/does not accept|refuse|credential|not allowed/i);
    expect(said).not.toContain('not-the-');
    expect(code).toBe(1);
    expectNoSecret(said);
  });

  it('says what is not configured, naming the variable and not its value, and goes on with the other roles', async () => {
    const restore = configure('web', { COUNTERSIGN_COOKIE_SECRET: 'short-secret' });
    const { code, lines, said } = await examine().finally(restore);
    expect(failing(lines)).toEqual(['web configuration']);
    expect(said).toContain('COUNTERSIGN_COOKIE_SECRET');
    expect(said).not.toContain('short-secret');
    expect(lines.filter((one) => one.ok).length).toBeGreaterThan(20);
    expect(code).toBe(1);
  });

  const GUARDED = ['Airflow', 'Configuration repository', 'Kubernetes', 'Schema registry', 'Trino'];
  /** The logins of one role, to be given to another. */
  const loginsOf = (role: 'investigator' | 'repairer'): NodeJS.ProcessEnv =>
    Object.fromEntries(
      Object.entries(stack.environments[role] ?? {}).filter(([name]) =>
        /^(AIRFLOW|KUBERNETES|TRINO|KYUUBI|SCHEMA_REGISTRY|PROMETHEUS)_(USER|PASSWORD|TOKEN)$|^CONFIG_REPOSITORY$/.test(
          name,
        ),
      ),
    );

  it('finds a reading login that could write, system by system, and changes nothing by it', async () => {
    const before = await stack.changes();
    const restore = configure('investigator', loginsOf('repairer'));
    const { code, lines, said } = await examine().finally(restore);
    expect(failing(lines).sort()).toEqual(GUARDED.map((system) => `investigator ${system} rights`));
    for (const line of lines.filter((one) => !one.ok))
      expect(line.detail).toMatch(/^may .*: this login must only read$/);
    expect(code).toBe(1);
    expect(await stack.changes()).toEqual(before);
    expectNoSecret(said);
  });

  it("finds that the repairer's login could not write", async () => {
    const restore = configure('repairer', loginsOf('investigator'));
    const { code, lines, said } = await examine().finally(restore);
    expect(failing(lines).sort()).toEqual(GUARDED.map((system) => `repairer ${system} rights`));
    for (const line of lines.filter((one) => !one.ok)) expect(line.detail).toMatch(/^may not .*: repairs need it$/);
    expect(code).toBe(1);
    expectNoSecret(said);
  });

  it('says what it could not find out, and fails nothing by it', async () => {
    const { lines } = await examine();
    const kyuubi = lines.filter(({ check }) => check === 'Kyuubi rights');
    expect(kyuubi.map(({ ok, role }) => [role, ok])).toEqual([
      ['investigator', true],
      ['repairer', true],
    ]);
    for (const { detail } of kyuubi) expect(detail).toMatch(/^not found out: /);
  });

  it('finds that the rights of a Redis user are wider than its role needs', async () => {
    const redis = await stack.administrator();
    await redis.acl('SETUSER', 'cs-web', '~{cs}:log:*', '+del');
    redis.disconnect();
    const { code, lines } = await examine();
    expect(failing(lines)).toEqual(['web Redis']);
    expect(code).toBe(1);
  });

  /** No login of any role, and no key. */
  function expectNoSecret(said: string): void {
    const secrets = Object.values(stack.environments).flatMap((env) =>
      Object.entries(env).flatMap(([name, value = '']) => {
        if (/PASSWORD|TOKEN|SECRET|REDACTION_KEY/.test(name)) return [value];
        return /^[a-z]+:\/\/[^/]*@/.test(value) ? [new URL(value).password] : [];
      }),
    );
    expect(secrets.length).toBeGreaterThan(8);
    expect(secrets.filter((secret) => secret !== '' && said.includes(secret))).toEqual([]);
  }
});

/** A port of this machine at which nobody listens. */
function closedPort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
