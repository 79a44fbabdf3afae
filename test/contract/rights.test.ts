import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { type InvestigatorConfig, readConfig } from '../../src/config.js';
import { createPlatformClients } from '../../src/roles/platform-clients.js';
import { rightsChecks } from '../../src/roles/rights-check.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const GUARDED = ['Airflow', 'Configuration repository', 'Kubernetes', 'Schema registry', 'Trino'];

let platform: TestPlatform;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rights-'));
  platform = await startPlatform('s01');
  writeFileSync(join(folder, 'inventory.yaml'), stringify(platform.engine.inventory()));
});
afterAll(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

function configWith(rights: 'read' | 'write', more: NodeJS.ProcessEnv = {}): InvestigatorConfig {
  const { addresses } = platform;
  const login = platform.credentials[rights];
  return readConfig('investigator', {
    REDIS_URL: 'redis://127.0.0.1:1',
    COUNTERSIGN_LOG_VKEY: 'none',
    COUNTERSIGN_POLICY: 'policy.yaml',
    COUNTERSIGN_INVENTORY: join(folder, 'inventory.yaml'),
    COUNTERSIGN_REDACTION_KEY: 'no-secret-of-anybody',
    AIRFLOW_URL: addresses.airflow,
    AIRFLOW_USER: login.airflowUser,
    AIRFLOW_PASSWORD: login.airflowPassword,
    SPARK_HISTORY_URL: addresses.spark,
    KUBERNETES_URL: addresses.kubernetes,
    KUBERNETES_TOKEN: login.kubernetesToken,
    KUBERNETES_NAMESPACES: addresses.kubernetesNamespaces,
    TRINO_URL: addresses.trino,
    TRINO_USER: login.trinoUser,
    TRINO_CATALOG: 'lake',
    KYUUBI_URL: addresses.kyuubi,
    KYUUBI_USER: login.kyuubiUser,
    SCHEMA_REGISTRY_URL: addresses.registry,
    SCHEMA_REGISTRY_USER: login.registryUser,
    SCHEMA_REGISTRY_PASSWORD: login.registryPassword,
    PROMETHEUS_URL: addresses.prometheus,
    PROMETHEUS_USER: login.prometheusUser,
    PROMETHEUS_PASSWORD: login.prometheusPassword,
    DELTA_ROOT: login.deltaRoot,
    CODE_REPOSITORY: login.codeRepository,
    CONFIG_REPOSITORY: login.configRepository,
    GIT_CACHE: join(folder, `git-${rights}`),
    PATH: process.env['PATH'],
    ...more,
  });
}

const examine = (role: 'investigator' | 'repairer', config: InvestigatorConfig) =>
  rightsChecks(role, config, createPlatformClients(config));
const failing = (lines: { ok: boolean; check: string }[]): string[] =>
  lines.flatMap(({ ok, check }) => (ok ? [] : [check])).sort();

describe('the rights of logins on the simulated platform', () => {
  it('are just what each role needs', async () => {
    for (const [role, rights] of [
      ['investigator', 'read'],
      ['repairer', 'write'],
    ] as const) {
      const lines = await examine(role, configWith(rights));
      expect(lines.filter(({ ok }) => !ok)).toEqual([]);
      const found = lines.filter(({ detail }) => !detail.startsWith('not found out')).map(({ check }) => check);
      expect(found).toEqual(expect.arrayContaining(GUARDED.map((system) => `${system} rights`)));
    }
  });

  it('of a reading login that could write are found, system by system, and nothing is changed by asking', async () => {
    const before = platform.engine.changes().length;
    const lines = await examine('investigator', configWith('write'));
    expect(failing(lines)).toEqual(GUARDED.map((system) => `${system} rights`));
    for (const { detail } of lines.filter(({ ok }) => !ok))
      expect(detail).toMatch(/^may .*: this login must only read$/);
    platform.sync();
    expect(platform.engine.changes()).toHaveLength(before);
  });

  it("of the repairer's login that could not write are found", async () => {
    const lines = await examine('repairer', configWith('read'));
    expect(failing(lines)).toEqual(GUARDED.map((system) => `${system} rights`));
    for (const { detail } of lines.filter(({ ok }) => !ok)) expect(detail).toMatch(/^may not .*: repairs need it$/);
  });

  it('are not asked of a system that is not connected, and fail nothing where they can not be found out', async () => {
    const config = configWith('read', { KUBERNETES_URL: '', TRINO_URL: 'http://127.0.0.1:59999' });
    const lines = await examine('investigator', config);
    expect(lines.map(({ check }) => check)).not.toContain('Kubernetes rights');
    const said = Object.fromEntries(lines.map(({ check, ok, detail }) => [check, { ok, detail }]));
    expect(said['Trino rights']).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^not found out: .*ECONNREFUSED/),
    });
    expect(said['Kyuubi rights']).toMatchObject({ ok: true, detail: expect.stringMatching(/^not found out: /) });
    expect(said['Prometheus rights']).toMatchObject({ ok: true, detail: 'nothing can be changed over HTTP' });
  });
});
