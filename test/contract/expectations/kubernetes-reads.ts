import { expect } from 'vitest';
import type { Contract } from '../contract.js';
import { held, type KubernetesGiven, memory } from './kubernetes-given.js';

/** What the reader finds. */
export const reads: Contract<KubernetesGiven>['expectations'] = [
  {
    name: 'reads an application with its state, error and spec',
    async check(given) {
      const found = await held(given);
      expect(found).toMatchObject({
        namespace: given.namespace,
        name: given.app,
        state: 'FAILED',
        managedBy: undefined,
      });
      expect(found.errorMessage).toMatch(/driver container failed/);
      expect(found.spec).toMatchObject(memory('12g'));
      expect(found.driverPod).toMatch(/-driver$/);
      expect(found.scheduled).toBeUndefined();
    },
  },
  {
    name: 'an application, scheduled or not, that does not exist is none',
    async check({ reader, namespace }) {
      expect(await reader.sparkApplication(namespace, 'there-is-none')).toBeUndefined();
    },
  },
  {
    name: 'sees that a GitOps controller owns an application',
    async check({ reader, namespace, owned }) {
      expect((await reader.sparkApplication(namespace, owned))?.managedBy).toBe('argocd');
    },
  },
  {
    name: 'reads a scheduled application as the template of its runs',
    async check({ reader, namespace, scheduled }) {
      const found = await reader.sparkApplication(namespace, scheduled);
      expect(found).toMatchObject({ name: scheduled, state: 'Scheduled', spec: memory('2g') });
      expect(found?.scheduled).toEqual({ schedule: '0 3 * * *', suspended: false });
    },
  },
  {
    name: 'lists applications by the beginning of their name',
    async check({ reader, app }) {
      expect((await reader.sparkApplications(app.slice(0, 8))).map(({ name }) => name)).toContain(app);
      expect(await reader.sparkApplications('no-such-')).toEqual([]);
    },
  },
  {
    name: 'chooses pods by label and tells how each ended',
    async check({ reader, namespace, pod }) {
      const found = await reader.pods(namespace, pod.selector);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ name: pod.name, phase: 'Failed', node: pod.node });
      expect(found[0]?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
      expect(Date.parse(found[0]?.terminated?.at ?? '')).toBeGreaterThan(0);
      expect((await reader.pods(namespace, '')).length).toBeGreaterThanOrEqual(3);
      expect(await reader.pods(namespace, 'spark-role=nobody')).toEqual([]);
    },
  },
  {
    name: 'gives events of one object, newest first',
    async check({ reader, namespace, pod, events }) {
      const reasons = (await reader.events(namespace, pod.name)).map(({ reason }) => reason);
      expect(reasons.indexOf(events.newest)).toBe(0);
      expect(reasons.indexOf(events.older)).toBeGreaterThan(0);
      expect(await reader.events(namespace, 'nobody')).toEqual([]);
    },
  },
  {
    name: 'reads quotas and limit ranges',
    async check({ reader, namespace, quota, limit }) {
      expect(await reader.quotas(namespace)).toContainEqual(quota);
      const [found] = (await reader.limits(namespace)).filter(({ name }) => name === limit.name);
      expect(found).toMatchObject({ type: 'Container', max: { memory: limit.maxMemory } });
    },
  },
  {
    name: 'has no log of a pod that does not exist',
    async check({ reader, namespace }) {
      expect(await reader.podLog(namespace, 'nobody', 10, false)).toBeUndefined();
    },
  },
];

/** How the server answers lists and logs. */
export const lists: Contract<KubernetesGiven>['expectations'] = [
  {
    name: 'lists come in pages, in order of name, and a page leads to the next',
    async check({ wire, namespace }) {
      const names: string[] = [];
      let next = '';
      for (let page = 0; page < 50; page += 1) {
        const { body } = await wire('read', 'GET', `/api/v1/namespaces/${namespace}/pods?limit=2&continue=${next}`);
        const items = body['items'] as { metadata: { name: string } }[];
        expect(items.length).toBeLessThanOrEqual(2);
        names.push(...items.map((item) => item.metadata.name));
        next = encodeURIComponent((body['metadata'] as { continue?: string }).continue ?? '');
        if (next === '') break;
      }
      expect(names.length).toBeGreaterThanOrEqual(3);
      expect(names).toEqual([...names].sort());
      expect(new Set(names).size).toBe(names.length);
    },
  },
  {
    name: 'refuse a page token that is none, and a selector that is none',
    async check({ wire, namespace }) {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      for (const query of ['limit=2&continue=abc', 'labelSelector=%3D%3D', 'fieldSelector=spec.bogus%3Dx']) {
        const { status, body } = await wire('read', 'GET', `${pods}?${query}`);
        expect({ query, status, reason: body['reason'] }).toEqual({ query, status: 400, reason: 'BadRequest' });
      }
    },
  },
  {
    name: 'refuse a log of a container that the pod does not have, and a negative tail',
    async check({ wire, namespace, pod }) {
      const log = `/api/v1/namespaces/${namespace}/pods/${pod.name}/log`;
      expect(await wire('read', 'GET', `${log}?container=nope`)).toMatchObject({
        status: 400,
        body: { reason: 'BadRequest', message: `container nope is not valid for pod ${pod.name}` },
      });
      expect((await wire('read', 'GET', `${log}?tailLines=-1`)).status).toBe(422);
    },
  },
];
