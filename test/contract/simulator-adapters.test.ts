import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAirflowReader } from '../../adapters/airflow/read.js';
import { createAirflowWriter } from '../../adapters/airflow/write.js';
import { createGitReader } from '../../adapters/git/read.js';
import { createGitWriter } from '../../adapters/git/write.js';
import { createHttpClient } from '../../adapters/http/client.js';
import { createKubernetesReader } from '../../adapters/kubernetes/read.js';
import { createKubernetesWriter } from '../../adapters/kubernetes/write.js';
import { createKyuubiReader } from '../../adapters/kyuubi/read.js';
import { createKyuubiTableWriter } from '../../adapters/kyuubi/write.js';
import { createMetricReader } from '../../adapters/prometheus/read.js';
import { createRegistryReader } from '../../adapters/schema-registry/read.js';
import { createSparkReader } from '../../adapters/spark/read.js';
import { createQueryReader } from '../../adapters/trino/read.js';
import { createTrinoTableWriter } from '../../adapters/trino/write.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let platform: TestPlatform;
/** The same incident without a broken query engine. */
let twin: TestPlatform;
let cache: string;
beforeAll(async () => {
  platform = await startPlatform('s05');
  twin = await startPlatform('s04');
  cache = mkdtempSync(join(tmpdir(), 'git-cache-'));
});
afterAll(async () => {
  rmSync(cache, { recursive: true, force: true });
  await platform.stop();
  await twin.stop();
});

type System = 'airflow' | 'spark' | 'kubernetes' | 'trino' | 'kyuubi' | 'registry' | 'prometheus';
const http = (system: System, headers: Record<string, string> = {}, of: TestPlatform = platform) =>
  createHttpClient({ system, baseUrl: of.addresses[system], headers });
const bearer = (rights: 'read' | 'write') => ({
  authorization: `Bearer ${platform.credentials[rights].kubernetesToken}`,
});
const basic = (rights: 'read' | 'write', of: TestPlatform) => ({
  authorization: `Basic ${Buffer.from(`${of.credentials[rights].kyuubiUser}:`).toString('base64')}`,
});
const DAG = 'usage_rollup';
const RUN = 'scheduled__2026-02-17T04:15:00+00:00';

describe('the production adapters on the simulated platform', () => {
  it('Airflow: reads the run, its tasks and the log; a viewer can not clear, an operator can', async () => {
    const deps = (rights: 'read' | 'write') => ({
      http: http('airflow'),
      user: platform.credentials[rights].airflowUser,
      password: platform.credentials[rights].airflowPassword,
      version: '3' as const,
    });
    const reader = createAirflowReader(deps('read'));
    expect(await reader.dag('nope')).toBeUndefined();
    expect((await reader.dag(DAG))?.paused).toBe(false);
    expect((await reader.runs(DAG, 3))[0]).toMatchObject({ run: RUN, state: 'failed' });
    expect((await reader.tasks(DAG, RUN)).find((task) => task.task === 'build')?.state).toBe('failed');
    expect(await reader.taskLog(DAG, RUN, 'build', undefined, 20_000)).toContain('137');
    await expect(createAirflowWriter(deps('read')).clear(DAG, RUN, ['build'], false)).rejects.toMatchObject({
      kind: 'forbidden',
    });
    const writer = createAirflowWriter(deps('write'));
    expect((await writer.clear(DAG, RUN, ['build'], true)).map(({ task }) => task)).toContain('build');
    await writer.annotate(DAG, RUN, 'countersign:test');
    expect(platform.engine.world().airflow[DAG]?.runs[RUN]).toMatchObject({
      state: 'failed',
      note: 'countersign:test',
    });
  });

  it('Spark and Kubernetes: reads the failure, patches the resource once', async () => {
    const spark = createSparkReader({ http: http('spark') });
    const [app] = await spark.applications('usage-rollup-build', 1);
    expect(app && (await spark.failure(app)).stages[0]?.reason).toBeTypeOf('string');
    const kubernetes = createKubernetesReader({
      http: http('kubernetes', bearer('read')),
      namespaces: platform.addresses.kubernetesNamespaces.split(','),
    });
    const resource = await kubernetes.sparkApplication('spark-jobs', 'usage-rollup-build');
    expect(resource?.driverPod).toBeTypeOf('string');
    expect(await kubernetes.sparkApplications('usage')).toHaveLength(1);
    expect(await kubernetes.podLog('spark-jobs', resource?.driverPod ?? '', 50, false)).toContain('SparkContext');
    expect(await kubernetes.podLog('spark-jobs', resource?.driverPod ?? '', 50, true)).toBeUndefined();
    expect(await kubernetes.pods('spark-jobs', 'spark-role=driver')).not.toHaveLength(0);
    const patch = { spec: { executor: { memory: '16g' } }, resourceVersion: resource?.resourceVersion ?? '' };
    const dryRun = createKubernetesWriter({ http: http('kubernetes', bearer('write')) }).patchSparkApplication(
      'spark-jobs',
      'usage-rollup-build',
      patch,
      true,
    );
    expect((await dryRun).resourceVersion).toBe(resource?.resourceVersion);
    await expect(
      createKubernetesWriter({ http: http('kubernetes', bearer('read')) }).patchSparkApplication(
        'spark-jobs',
        'usage-rollup-build',
        patch,
        false,
      ),
    ).rejects.toMatchObject({ kind: 'forbidden' });
    const writer = createKubernetesWriter({ http: http('kubernetes', bearer('write')) });
    await writer.patchSparkApplication('spark-jobs', 'usage-rollup-build', patch, false);
    await expect(writer.patchSparkApplication('spark-jobs', 'usage-rollup-build', patch, false)).rejects.toMatchObject({
      kind: 'conflict',
    });
  });

  it('registry and Prometheus: versions, compatibility, series', async () => {
    const registry = createRegistryReader({ http: http('registry') });
    for (const subject of await registry.subjects()) {
      expect((await registry.versions(subject))?.length).toBe(platform.engine.subjectVersions(subject).length);
      expect(await registry.compatibility(subject)).toBeTypeOf('string');
    }
    expect(await registry.versions('nope')).toBeUndefined();
    const metrics = createMetricReader({ http: http('prometheus') });
    const end = new Date(platform.engine.now());
    const series = await metrics.range('usage_events_rows', new Date(end.getTime() - 3_600_000), end, 60);
    expect(series[0]?.points).toHaveLength(61);
    expect(await metrics.instant('no_such_metric')).toBeUndefined();
    expect(await metrics.instant('vector(1)')).toBe(1);
  });

  it('git: blames and logs by token; the reader can not push, the repairer’s commit takes effect', async () => {
    const { read, write } = platform.credentials;
    const environment = { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null' };
    const code = createGitReader({ repository: read.codeRepository, cache, environment });
    expect((await code.log({ limit: 3 })).length).toBeGreaterThan(0);
    const target = platform.engine.inventory().configTargets.find((item) => item.path === 'usage_rollup.image');
    const config = createGitReader({ repository: read.configRepository, cache, environment });
    const content = (await config.file(target?.file ?? '')) ?? '';
    expect(await config.blame(target?.file ?? '', { text: 'image' })).not.toHaveLength(0);
    const change = {
      message: 'Put the image back',
      key: 'decision-1:0',
      files: [{ path: target?.file ?? '', content: content.replace(/image: \S+/, 'image: spark-runtime:4.0.0') }],
    };
    const identity = { name: 'Countersign', email: 'countersign@example.com' };
    await expect(
      createGitWriter({ repository: read.configRepository, cache: join(cache, 'r'), identity, environment }).commit(
        change,
      ),
    ).rejects.toThrow();
    const writer = createGitWriter({
      repository: write.configRepository,
      cache: join(cache, 'w'),
      identity,
      environment,
    });
    const { sha } = await writer.commit(change);
    expect(platform.engine.world().config['usage_rollup.image']).toMatchObject({
      value: 'spark-runtime:4.0.0',
      commit: sha,
    });
    expect(await writer.findByKey('decision-1:0')).toBe(sha);
  });
});

describe('the production adapters on a platform without faults', () => {
  it('Trino and Kyuubi: reads queries and plans, alters a table with the right login only', async () => {
    const { read, write } = twin.credentials;
    const queries = createQueryReader({ http: http('trino', {}, twin), user: read.trinoUser, catalog: 'delta' });
    expect(await queries.queries('', 5)).toBeInstanceOf(Array);
    const change = { table: 'gold.usage_daily', op: 'add_column' as const, arg: { name: 'region', type: 'string' } };
    await expect(
      createTrinoTableWriter({ http: http('trino', {}, twin), user: read.trinoUser, catalog: 'delta' }).alter(change),
    ).rejects.toMatchObject({ kind: 'forbidden' });
    await createTrinoTableWriter({ http: http('trino', {}, twin), user: write.trinoUser, catalog: 'delta' }).alter(
      change,
    );
    const property = {
      table: 'gold.usage_daily',
      op: 'set_property' as const,
      arg: { key: 'delta.appendOnly', value: 'true' },
    };
    await createKyuubiTableWriter({ http: http('kyuubi', basic('write', twin), twin), pollMs: 20 }).alter(property);
    await expect(
      createKyuubiTableWriter({ http: http('kyuubi', basic('read', twin), twin), pollMs: 20 }).alter(property),
    ).rejects.toMatchObject({ kind: 'invalid_input' });
    expect(twin.engine.world().delta['gold.usage_daily']).toMatchObject({
      columns: { region: 'string' },
      props: { appendOnly: true },
    });
    expect(await createKyuubiReader({ http: http('kyuubi', basic('read', twin), twin) }).operations('')).toBeInstanceOf(
      Array,
    );
  });
});
