import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import { appOf, failureOf, SPARK_KINDS, type SparkGiven } from './spark-world.js';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What the server says of applications as such, and that nothing can be changed through it. */
export const applicationExpectations: Expectation<SparkGiven>[] = [
  {
    name: 'lists the applications whose name starts so, newest first',
    async check({ reader, prefix }) {
      const apps = await reader.applications(`${prefix}-`, 100);
      expect(new Set(apps.map(({ name }) => name))).toEqual(new Set(SPARK_KINDS.map((kind) => `${prefix}-${kind}`)));
      const starts = apps.map(({ startedAt }) => startedAt);
      expect(starts).toEqual([...starts].sort().reverse());
      expect(starts.every((at) => ISO.test(at))).toBe(true);
    },
  },
  {
    name: 'lists no more than asked for, and the newest of them',
    async check({ reader, prefix }) {
      const all = await reader.applications(`${prefix}-`, 100);
      expect(await reader.applications(`${prefix}-`, 2)).toEqual(all.slice(0, 2));
    },
  },
  {
    name: 'knows no application by a name that none has',
    async check({ reader, prefix }) {
      expect(await reader.applications(`${prefix}-never-submitted`, 5)).toEqual([]);
    },
  },
  {
    name: 'an application that ended has an end after its start',
    async check(given) {
      const app = await appOf(given, 'succeeds');
      expect(app.completed).toBe(true);
      expect(app.endedAt).toMatch(ISO);
      expect(Date.parse(app.endedAt ?? '')).toBeGreaterThan(Date.parse(app.startedAt));
    },
  },
  {
    name: 'a failed application has an end as well: completed does not mean that it went well',
    async check(given) {
      expect(await appOf(given, 'executor-lost')).toMatchObject({
        completed: true,
        endedAt: expect.stringMatching(ISO),
      });
    },
  },
  {
    name: 'an application that runs has no end',
    async check(given) {
      const app = await appOf(given, 'runs');
      expect(app).toMatchObject({ completed: false, endedAt: undefined });
      expect(app.lastEventAt).toMatch(ISO);
    },
  },
  {
    name: 'an application whose driver was killed looks as if it ran, and its last event is known',
    async check(given) {
      const app = await appOf(given, 'driver-killed');
      expect(app).toMatchObject({ completed: false, endedAt: undefined });
      expect(Date.parse(app.lastEventAt ?? '')).toBeGreaterThanOrEqual(Date.parse(app.startedAt));
    },
  },
  {
    name: 'reads an application that runs',
    async check(given) {
      const failure = await failureOf(given, 'runs');
      expect(failure).toMatchObject({ stages: [], taskErrors: [], queries: [] });
      expect(failure.settings['spark.app.name']).toBe(`${given.prefix}-runs`);
    },
  },
  {
    name: 'reads an application that has an attempt id',
    async check(given) {
      const failure = await failureOf(given, 'attempted');
      expect(failure.executors.map(({ id }) => id)).toContain('driver');
      const path = `/api/v1/applications/${failure.app.id}`;
      const bare = await given.http.request({ method: 'GET', path: `${path}/stages`, accept: [404] });
      expect(bare, 'without the attempt the server knows no such application').toMatchObject({
        status: 404,
        text: `no such app: ${failure.app.id}`,
      });
    },
  },
  {
    name: 'says not_found for an application that the server does not know',
    async check({ reader }) {
      const app = { id: 'app-20200101000000-9999', name: '', startedAt: '', endedAt: undefined, completed: true };
      await expect(reader.failure(app)).rejects.toMatchObject({ kind: 'not_found' });
    },
  },
  {
    name: 'gives a call up when it is told to',
    async check({ reader, prefix }) {
      await expect(reader.applications(prefix, 5, AbortSignal.abort())).rejects.toMatchObject({ kind: 'timeout' });
    },
  },
  {
    name: 'lets nobody change anything: every method that writes is refused',
    async check(given) {
      const app = await appOf(given, 'succeeds');
      const paths = ['/api/v1/applications', `/api/v1/applications/${app.id}`, `/api/v1/applications/${app.id}/stages`];
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        for (const path of paths) {
          const answer = await given.http.request({ method, path, body: '{}', accept: [405] });
          expect(answer.status, `${method} ${path}`).toBe(405);
        }
      }
      expect(await appOf(given, 'succeeds')).toEqual(app);
    },
  },
];
