import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayWrite as airflowRights } from '../../adapters/airflow/rights.js';
import { mayWrite as gitRights } from '../../adapters/git/rights.js';
import { createHttpClient } from '../../adapters/http/client.js';
import { mayWrite as kubernetesRights } from '../../adapters/kubernetes/rights.js';
import { mayWrite as prometheusRights } from '../../adapters/prometheus/rights.js';
import { mayWrite as registryRights } from '../../adapters/schema-registry/rights.js';
import { mayWrite as trinoRights } from '../../adapters/trino/rights.js';
import type { HttpClient } from '../../src/domain/platform-ports.js';
import type { WriteRight } from '../../src/domain/rights.js';
import { addressOf } from './up.js';

const cache = mkdtempSync(join(tmpdir(), 'rights-'));
const SYSTEMS = ['airflow3', 'airflow2', 'kubernetes', 'trino', 'registry', 'prometheus', 'git'] as const;
type Address = Record<string, string> & { version: string };
const up = new Map<string, Address>();
const down: string[] = [];

beforeAll(async () => {
  for (const name of SYSTEMS) {
    const address = await addressOf(name).catch(() => undefined);
    if (address === undefined) down.push(name);
    else up.set(name, address);
  }
  if (down.length > 0) process.stderr.write(`Rights were not asked of ${down.join(', ')}: not up.\n`);
}, 60_000);
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const http = (address: Address, login: string, password: string): HttpClient =>
  createHttpClient({
    system: 'X',
    baseUrl: address['url'] ?? '',
    headers: { authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}` },
    timeoutMs: 30_000,
  });

/** Asks the question with both logins of a system; a system that is not up is named above and its test skipped, not passed. */
function twoLogins(
  name: (typeof SYSTEMS)[number],
  ask: (address: Address, login: 'read' | 'write') => Promise<WriteRight>,
) {
  it(`${name} tells a reading login from a writing one, and nothing is changed by asking`, async (context) => {
    const address = up.get(name);
    if (address === undefined) return context.skip(`${name} is not up`);
    expect(await ask(address, 'read')).toMatchObject({ may: 'refused' });
    expect(await ask(address, 'write')).toMatchObject({ may: 'allowed' });
  }, 60_000);
}

describe('rights of logins on real systems', () => {
  for (const name of ['airflow3', 'airflow2'] as const) {
    twoLogins(name, (address, login) => {
      const who = login === 'read' ? 'viewer' : 'op';
      return airflowRights({
        http: createHttpClient({ system: 'Airflow', baseUrl: address['url'] ?? '', timeoutMs: 30_000 }),
        user: address[`${who}User`] ?? '',
        password: address[`${who}Password`] ?? '',
        version: name === 'airflow3' ? '3' : '2',
      });
    });
  }
  twoLogins('kubernetes', ({ url = '', ca = '', namespace = '', ...tokens }, login) =>
    kubernetesRights({
      http: createHttpClient({
        system: 'Kubernetes',
        baseUrl: url,
        ca: readFileSync(ca, 'utf8'),
        headers: { authorization: `Bearer ${tokens[login === 'read' ? 'readerToken' : 'repairerToken']}` },
      }),
      namespaces: [namespace],
    }),
  );
  it('finds more rights than any login needs', async (context) => {
    const { url = '', ca = '', namespace = '', adminToken = '' }: Record<string, string> = up.get('kubernetes') ?? {};
    if (url === '') return context.skip('kubernetes is not up');
    const admin = createHttpClient({
      system: 'Kubernetes',
      baseUrl: url,
      ca: readFileSync(ca, 'utf8'),
      headers: { authorization: `Bearer ${adminToken}` },
    });
    const { may, words } = await kubernetesRights({ http: admin, namespaces: [namespace] });
    expect(may).toBe('allowed');
    expect(words).toContain('more than any login of ours needs: create sparkapplications');
    expect(words).toContain('get secrets');
  });
  twoLogins('trino', async ({ url = '', ...address }, login) => {
    const client = createHttpClient({ system: 'Trino', baseUrl: url, timeoutMs: 30_000 });
    const user = address[login === 'read' ? 'reader' : 'repairer'] ?? '';
    const catalog = address['catalog'] ?? '';
    return trinoRights({
      http: client,
      user,
      catalog,
      tables: ['nowhere.nothing', ...(await trinoTables(client, catalog))],
    });
  });
  twoLogins('registry', (address, login) => {
    const who = login === 'read' ? 'reader' : 'repairer';
    return registryRights({ http: http(address, address[who] ?? '', address[`${who}Password`] ?? '') });
  });
  it('registry has no subject of the doctor afterwards', async (context) => {
    const address = up.get('registry');
    if (address === undefined) return context.skip('registry is not up');
    const client = http(address, address['reader'] ?? '', address['readerPassword'] ?? '');
    expect((await client.request({ method: 'GET', path: '/subjects' })).text).not.toContain('countersign-doctor');
  });
  it('prometheus says that nothing can be changed over HTTP', async (context) => {
    const address = up.get('prometheus');
    if (address === undefined) return context.skip('prometheus is not up');
    const client = http(address, address['user'] ?? '', address['password'] ?? '');
    expect(await prometheusRights({ http: client })).toMatchObject({ may: 'refused' });
  });
  twoLogins('git', (address, login) =>
    gitRights({
      repository: address[login === 'read' ? 'configRepository' : 'writableConfigRepository'] ?? '',
      cache: join(cache, login),
      environment: { PATH: process.env['PATH'] ?? '', HOME: cache },
    }),
  );
});

/** Some tables of the shared lake. */
async function trinoTables(client: HttpClient, catalog: string): Promise<string[]> {
  const headers = { 'x-trino-user': 'pipeline' };
  const sql = `SELECT table_schema || '.' || table_name FROM ${catalog}.information_schema.tables WHERE table_schema <> 'information_schema' LIMIT 1`;
  let answer = await client.request({ method: 'POST', path: '/v1/statement', headers, body: sql });
  for (;;) {
    const page = JSON.parse(answer.text) as { nextUri?: string; data?: [string][] };
    if (page.data !== undefined || page.nextUri === undefined) return (page.data ?? []).flat();
    const { pathname } = new URL(page.nextUri);
    answer = await client.request({ method: 'GET', path: pathname, headers });
  }
}
