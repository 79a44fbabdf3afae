import { expect } from 'vitest';
import type { Contract } from '../contract.js';
import { API, at, held, type KubernetesGiven, MERGE, memory } from './kubernetes-given.js';
import { lists, reads } from './kubernetes-reads.js';
import { validation, writes } from './kubernetes-writes.js';

const refusals: Contract<KubernetesGiven>['expectations'] = [
  {
    name: 'the read login is refused when used to write, and nothing is changed',
    async check(given) {
      const before = await held(given);
      const patch = { spec: memory('13g'), resourceVersion: before.resourceVersion };
      for (const dryRun of [true, false]) {
        const sent = given.intruder.patchSparkApplication(given.namespace, given.app, patch, dryRun);
        await expect(sent).rejects.toMatchObject({ kind: 'forbidden', retryable: false });
      }
      expect(await held(given)).toEqual(before);
    },
  },
  {
    name: 'the refusal is a Status in the sentence of RBAC',
    async check(given) {
      const { status, body } = await given.wire('read', 'PATCH', at(given), { spec: {} }, MERGE);
      expect({ status, body }).toEqual({
        status: 403,
        body: {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: `sparkapplications.sparkoperator.k8s.io "${given.app}" is forbidden: User "countersign-reader" cannot patch resource "sparkapplications" in API group "sparkoperator.k8s.io" in the namespace "${given.namespace}"`,
          reason: 'Forbidden',
          details: { name: given.app, group: 'sparkoperator.k8s.io', kind: 'sparkapplications' },
          code: 403,
        },
      });
    },
  },
  {
    name: 'the read login may not make pods, run commands in them, or see secrets',
    async check({ wire, namespace, pod }) {
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      expect((await wire('read', 'POST', pods, {}, 'application/json')).status).toBe(403);
      expect((await wire('read', 'DELETE', `${pods}/${pod.name}`)).status).toBe(403);
      expect((await wire('read', 'POST', `${pods}/${pod.name}/exec?command=id`)).status).toBe(403);
      expect((await wire('read', 'GET', `/api/v1/namespaces/${namespace}/secrets`)).status).toBe(403);
    },
  },
  {
    name: "the repairer's login may patch, and not create, replace or delete",
    async check(given) {
      const { wire, namespace } = given;
      expect((await wire('write', 'DELETE', at(given))).status).toBe(403);
      expect((await wire('write', 'PUT', at(given), {}, 'application/json')).status).toBe(403);
      expect((await wire('write', 'PATCH', at(given, '/status'), { status: {} }, MERGE)).status).toBe(403);
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      expect((await wire('write', 'POST', pods, {}, 'application/json')).status).toBe(403);
    },
  },
  {
    name: 'both logins end at their namespaces',
    async check({ reader, wire, elsewhere }) {
      await expect(reader.quotas(elsewhere)).rejects.toMatchObject({ kind: 'forbidden' });
      expect((await wire('write', 'GET', `${API}/${elsewhere}/sparkapplications`)).status).toBe(403);
      const { status, body } = await wire('read', 'GET', '/apis/sparkoperator.k8s.io/v1beta2/sparkapplications');
      expect(status).toBe(403);
      expect(body['message']).toMatch(/ at the cluster scope$/);
    },
  },
  {
    name: 'a token that nobody gave out is not known',
    async check({ stranger, namespace, app }) {
      await expect(stranger.sparkApplication(namespace, app)).rejects.toMatchObject({ kind: 'unauthenticated' });
    },
  },
  {
    name: 'answers each login what it may do',
    async check({ wire, namespace }) {
      const may = async (who: 'read' | 'write', verb: string, group: string, resource: string): Promise<unknown> => {
        const spec = { resourceAttributes: { namespace, verb, group, resource } };
        const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
        const { status, body } = await wire(who, 'POST', path, { spec }, 'application/json');
        expect(status).toBe(201);
        return (body['status'] as { allowed: boolean }).allowed;
      };
      const spark = ['sparkoperator.k8s.io', 'sparkapplications'] as const;
      expect(await may('read', 'get', ...spark)).toBe(true);
      expect(await may('read', 'patch', ...spark)).toBe(false);
      expect(await may('write', 'patch', ...spark)).toBe(true);
      expect(await may('write', 'delete', ...spark)).toBe(false);
      expect(await may('write', 'create', '', 'pods')).toBe(false);
      expect(await may('read', '*', '*', '*')).toBe(false);
    },
  },
];

/** What the readers and the repairer rest on, held by the fake of the simulator and by a real API server alike. */
export const kubernetesContract: Contract<KubernetesGiven> = {
  system: 'kubernetes',
  expectations: [...reads, ...lists, ...refusals, ...validation, ...writes],
};
