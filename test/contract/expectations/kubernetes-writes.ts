import { expect } from 'vitest';
import type { Contract } from '../contract.js';
import { held, type KubernetesGiven, memory, patchOn } from './kubernetes-given.js';

/** What the server refuses to store, and what it does not look at. */
export const validation: Contract<KubernetesGiven>['expectations'] = [
  {
    name: 'a patch of any other media type than merge patch is refused',
    async check(given) {
      const { status, body } = await patchOn(given, { spec: {} }, '', 'application/json');
      expect({ status, reason: body['reason'] }).toEqual({ status: 415, reason: 'UnsupportedMediaType' });
    },
  },
  {
    name: 'a body that is no merge patch is refused',
    async check(given) {
      expect(await patchOn(given, [])).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    },
  },
  {
    name: 'strictly, a field that the definition does not know is refused and named',
    async check(given) {
      const { status, body } = await patchOn(given, { spec: { executor: { memoree: '1g' } } });
      expect({ status, reason: body['reason'] }).toEqual({ status: 422, reason: 'Invalid' });
      expect(body['message']).toContain('strict decoding error: unknown field "spec.executor.memoree"');
    },
  },
  {
    name: 'not strictly, such a field is dropped without a refusal',
    async check(given) {
      const { status, body } = await patchOn(given, { spec: { executor: { memoree: '1g' } } }, '?dryRun=All');
      expect(status).toBe(200);
      expect((body['spec'] as Record<string, unknown>)['executor']).not.toHaveProperty('memoree');
    },
  },
  {
    name: 'a value of the wrong type, below the least, or outside the list is refused with its field',
    async check(given) {
      const cases: [Record<string, unknown>, string, string][] = [
        [memory(16 as unknown as string), 'FieldValueTypeInvalid', 'spec.executor.memory'],
        [{ executor: { instances: 0 } }, 'FieldValueInvalid', 'spec.executor.instances'],
        [{ driver: { cores: 0 } }, 'FieldValueInvalid', 'spec.driver.cores'],
        [{ mode: 'sideways' }, 'FieldValueNotSupported', 'spec.mode'],
        [{ driver: null }, 'FieldValueRequired', 'spec.driver'],
        [{ executor: 'many' }, 'FieldValueTypeInvalid', 'spec.executor'],
      ];
      for (const [spec, reason, field] of cases) {
        const { status, body } = await patchOn(given, { spec });
        const causes = (body['details'] as { causes: { reason: string; field: string }[] }).causes;
        expect({ status, causes }).toEqual({ status: 422, causes: [expect.objectContaining({ reason, field })] });
      }
    },
  },
  {
    name: 'a memory string is any string to the API server, so the writer refuses what Spark could not read',
    async check(given) {
      for (const wrong of ['16Gi', 'lots']) {
        expect((await patchOn(given, { spec: memory(wrong) })).status).toBe(200);
        const patch = { spec: memory(wrong), resourceVersion: (await held(given)).resourceVersion };
        const sent = given.writer.patchSparkApplication(given.namespace, given.app, patch, false);
        await expect(sent).rejects.toMatchObject({ kind: 'invalid_input', field: 'spec.executor.memory' });
      }
      expect((await held(given)).spec).toMatchObject(memory('12g'));
    },
  },
  {
    name: 'a dry run of an unknown kind is refused',
    async check(given) {
      expect((await patchOn(given, { spec: {} }, '?dryRun=Some')).status).toBe(422);
    },
  },
];

/** What the repairer may do, and what becomes of it. */
export const writes: Contract<KubernetesGiven>['expectations'] = [
  {
    name: 'a dry run shows what would be and stores nothing',
    async check(given) {
      const before = await held(given);
      const patch = { spec: memory('16g'), resourceVersion: before.resourceVersion };
      const dry = await given.writer.patchSparkApplication(given.namespace, given.app, patch, true);
      expect(dry.spec).toMatchObject(memory('16g'));
      expect(await held(given)).toEqual(before);
    },
  },
  {
    name: 'a note on the state moves the resource version and not that of the spec',
    async check(given) {
      const before = await held(given);
      await given.noteState();
      const after = await held(given);
      expect(after.specVersion).toBe(before.specVersion);
      expect(after.resourceVersion).not.toBe(before.resourceVersion);
      expect(after.spec).toEqual(before.spec);
    },
  },
  {
    name: 'a patch for a version that is gone is a conflict, and is sent again when only the state was noted',
    async check(given) {
      const { writer, namespace, app } = given;
      const before = await held(given);
      await given.noteState();
      const blind = { spec: memory('16g'), resourceVersion: before.resourceVersion };
      await expect(writer.patchSparkApplication(namespace, app, blind, false)).rejects.toMatchObject({
        kind: 'conflict',
        retryable: false,
      });
      expect((await held(given)).spec).toMatchObject(memory('12g'));
      const bound = { ...blind, specVersion: before.specVersion };
      const done = await writer.patchSparkApplication(namespace, app, bound, false);
      expect(done.spec).toMatchObject(memory('16g'));
      expect(done.specVersion).not.toBe(before.specVersion);
      expect((await held(given)).spec).toMatchObject(memory('16g'));
    },
  },
  {
    name: 'a patch for a spec that somebody changed since is a conflict, whatever version it names',
    async check(given) {
      const { writer, namespace, app } = given;
      const before = await held(given);
      const first = { spec: memory('17g'), resourceVersion: before.resourceVersion, specVersion: before.specVersion };
      await writer.patchSparkApplication(namespace, app, first, false);
      const late = { ...first, spec: memory('18g') };
      await expect(writer.patchSparkApplication(namespace, app, late, false)).rejects.toMatchObject({
        kind: 'conflict',
        retryable: false,
      });
      expect((await held(given)).spec).toMatchObject(memory('17g'));
    },
  },
  {
    name: 'a patch changes the fields it names and no other',
    async check(given) {
      const before = await held(given);
      const spec = { sparkConf: { 'spark.sql.shuffle.partitions': '400' } };
      const patch = { spec, resourceVersion: before.resourceVersion, specVersion: before.specVersion };
      await given.writer.patchSparkApplication(given.namespace, given.app, patch, false);
      const after = await held(given);
      const conf = { ...((before.spec['sparkConf'] ?? {}) as object), ...spec.sparkConf };
      expect(after.spec).toEqual({ ...before.spec, sparkConf: conf });
    },
  },
  {
    name: 'a patch that changes nothing moves nothing',
    async check(given) {
      const before = await held(given);
      const patch = { spec: memory('17g'), resourceVersion: before.resourceVersion };
      const same = await given.writer.patchSparkApplication(given.namespace, given.app, patch, false);
      expect([same.specVersion, same.resourceVersion]).toEqual([before.specVersion, before.resourceVersion]);
    },
  },
  {
    name: 'the template of a scheduled application is patched in its place',
    async check({ reader, writer, namespace, scheduled }) {
      const { resourceVersion = '', specVersion = '' } = (await reader.sparkApplication(namespace, scheduled)) ?? {};
      const patch = { spec: memory('3g'), resourceVersion, specVersion, scheduled: true };
      await writer.patchSparkApplication(namespace, scheduled, patch, true);
      expect((await reader.sparkApplication(namespace, scheduled))?.spec).toMatchObject(memory('2g'));
      await writer.patchSparkApplication(namespace, scheduled, patch, false);
      const after = await reader.sparkApplication(namespace, scheduled);
      expect(after).toMatchObject({ spec: memory('3g'), scheduled: { schedule: '0 3 * * *' } });
      expect(after?.specVersion).not.toBe(specVersion);
    },
  },
  {
    name: 'a patch of what does not exist is not found',
    async check({ writer, namespace }) {
      const patch = { spec: memory('4g'), resourceVersion: '1' };
      for (const scheduled of [false, true]) {
        const sent = writer.patchSparkApplication(namespace, 'there-is-none', { ...patch, scheduled }, false);
        await expect(sent).rejects.toMatchObject({ kind: 'not_found', retryable: false });
      }
    },
  },
];
