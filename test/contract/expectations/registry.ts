import { expect } from 'vitest';
import type { Contract } from '../contract.js';
import { registryPromotions } from './registry-promotions.js';
import { avro, holds, ID, NOTE, type RegistryExpectation, type RegistryGiven, TOTAL } from './registry-schemas.js';

const path = (subject: string, rest = ''): string => `/subjects/${encodeURIComponent(subject)}${rest}`;

const reading: RegistryExpectation[] = [
  {
    name: 'says of an unknown subject that there is none',
    async check({ reader, name }) {
      expect(await reader.versions(name('unknown'))).toBeUndefined();
      expect(await reader.subjects()).not.toContain(name('unknown'));
    },
  },
  {
    name: 'gives all versions, newest first; what names no type is Avro',
    async check(given) {
      const subject = await holds(
        given,
        'orders-value',
        avro([ID]),
        avro([ID, NOTE]),
        avro([ID, NOTE, { ...NOTE, name: 'x' }]),
      );
      const versions = await given.reader.versions(subject);
      expect(versions?.map(({ version, type }) => [version, type])).toEqual([
        [3, 'AVRO'],
        [2, 'AVRO'],
        [1, 'AVRO'],
      ]);
      expect(JSON.parse(versions?.[2]?.schema ?? '')).toEqual(JSON.parse(avro([ID]).schema));
      expect(new Set(versions?.map(({ id }) => id)).size).toBe(3);
      expect(await given.reader.subjects()).toContain(subject);
    },
  },
  {
    name: 'keeps one version of one content, whatever its white space',
    async check(given) {
      const subject = await holds(given, 'same', avro([ID]), avro([ID, NOTE]));
      const spaced = JSON.stringify(JSON.parse(avro([ID]).schema), undefined, 4);
      const [again, first] = [
        await given.owner.register(subject, { schema: spaced }),
        await given.reader.versions(subject),
      ];
      expect(first?.map(({ version }) => version)).toEqual([2, 1]);
      expect(again).toBe(first?.[1]?.id);
    },
  },
  {
    name: 'gives one content one id in two subjects',
    async check(given) {
      const schema = avro([ID, { name: `unique_${given.name('').replace(/\W/g, '_')}`, type: 'long', default: 0 }]);
      const [one, two] = [await holds(given, 'id-one', schema), await holds(given, 'id-two', schema)];
      const idOf = async (subject: string) => (await given.reader.versions(subject))?.[0]?.id;
      expect(await idOf(one)).toBe(await idOf(two));
    },
  },
  {
    name: 'reads JSON Schemas as they were registered',
    async check(given) {
      const schema = '{"type": "object",  "properties": {"id": {"type": "string"}}}';
      const subject = await holds(given, 'json', { schema, schemaType: 'JSON' });
      expect(await given.reader.versions(subject)).toMatchObject([{ version: 1, type: 'JSON', schema }]);
    },
  },
  {
    name: 'reads Protobuf files as they were registered',
    async check(given) {
      const schema = 'syntax = "proto3";\npackage shop;\n\nmessage Order {\n  string id = 1;\n}\n';
      const subject = await holds(given, 'proto', { schema, schemaType: 'PROTOBUF' });
      expect(await given.reader.versions(subject)).toMatchObject([{ version: 1, type: 'PROTOBUF', schema }]);
    },
  },
  {
    name: 'tells the schemas of other subjects that a schema names',
    async check(given) {
      const named = await holds(given, 'named', avro([ID]));
      const references = [{ name: 'shop.Order', subject: named, version: 1 }];
      const schema = { type: 'record', name: 'Basket', fields: [{ name: 'order', type: 'shop.Order' }] };
      const subject = await holds(given, 'naming', { schema: JSON.stringify(schema), references });
      expect((await given.reader.versions(subject))?.[0]?.references).toEqual(references);
      expect((await given.reader.versions(named))?.[0]?.references).toBeUndefined();
    },
  },
  ...['a/b', 'with space', ':.ctx:subject', 'a+b', 'a%2Fb', 'größe', 'a?b#c', "it's;x=1&y"].map((odd) => ({
    name: `finds a subject by a name that needs care in an address: ${odd}`,
    async check(given: RegistryGiven) {
      const subject = await holds(given, odd, avro([ID]), avro([ID, NOTE]));
      expect((await given.reader.versions(subject))?.map(({ version }) => version)).toEqual([2, 1]);
      expect(await given.reader.subjects()).toContain(subject);
      expect(await given.reader.compatibility(subject)).toBe('BACKWARD');
      expect(await given.reader.accepts(subject, 1)).toBe(true);
    },
  })),
  {
    name: 'does not ask for names that would climb out of the API',
    async check({ reader, writer }) {
      for (const name of ['..', '.', '../config']) {
        const answer = reader.versions(name).then((versions) => versions === undefined);
        await expect(answer.catch((error) => error.kind)).resolves.toBe(name === '../config' ? true : 'invalid_input');
      }
      await expect(writer.promote('..', 1)).rejects.toMatchObject({ kind: 'invalid_input' });
    },
  },
  {
    name: 'reads the newest thirty of more versions',
    withinMs: 120_000,
    async check(given) {
      const more = Array.from({ length: 33 }, (_, at) => avro([ID, { name: 'n', type: 'int', default: at }]));
      const subject = await holds(given, 'many', ...more);
      const versions = await given.reader.versions(subject);
      expect([versions?.length, versions?.[0]?.version, versions?.at(-1)?.version]).toEqual([30, 33, 4]);
    },
  },
  {
    name: 'tells no other time than that of the registration',
    async check(given) {
      const subject = await holds(given, 'time', avro([ID]));
      const [newest] = (await given.reader.versions(subject)) ?? [];
      expect(newest).toBeDefined();
      expect(newest?.at ?? new Date().toISOString()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    },
  },
  {
    name: 'gives up when it is told to',
    async check({ reader, name }) {
      await expect(reader.versions(name('orders-value'), AbortSignal.abort())).rejects.toMatchObject({
        kind: 'timeout',
      });
    },
  },
];

const deleting: RegistryExpectation[] = [
  {
    name: 'does not show a deleted version: the one before is the newest',
    async check(given) {
      const subject = await holds(
        given,
        'deleted-version',
        avro([ID]),
        avro([ID, NOTE]),
        avro([ID, NOTE, { ...NOTE, name: 'x' }]),
      );
      await given.owner.remove(subject, 3);
      expect((await given.reader.versions(subject))?.map(({ version }) => version)).toEqual([2, 1]);
      await given.owner.remove(subject, 1);
      expect((await given.reader.versions(subject))?.map(({ version }) => version)).toEqual([2]);
    },
  },
  {
    name: 'knows a deleted subject no more',
    async check(given) {
      const subject = await holds(given, 'deleted-subject', avro([ID]));
      await given.owner.remove(subject);
      expect(await given.reader.versions(subject)).toBeUndefined();
      expect(await given.reader.subjects()).not.toContain(subject);
      expect(await given.reader.accepts(subject, 1)).toBeUndefined();
    },
  },
];

const comparing: RegistryExpectation[] = [
  {
    name: 'gives a subject without a level of its own the global one',
    async check(given) {
      expect(await given.reader.compatibility(await holds(given, 'level-none', avro([ID])))).toBe('BACKWARD');
      expect(await given.reader.compatibility(given.name('level-unknown'))).toBe('BACKWARD');
    },
  },
  {
    name: 'gives a subject the level that was set for it',
    async check(given) {
      const subject = await holds(given, 'level/own', avro([ID]));
      await given.owner.setLevel(subject, 'FULL_TRANSITIVE');
      expect(await given.reader.compatibility(subject)).toBe('FULL_TRANSITIVE');
      await given.owner.setLevel(subject, 'NONE');
      expect(await given.reader.compatibility(subject)).toBe('NONE');
    },
  },
  {
    name: 'says whether an earlier schema may be the newest',
    async check(given) {
      const subject = await holds(given, 'accepts', avro([ID, TOTAL]), avro([ID]));
      expect(await given.reader.accepts(subject, 1)).toBe(false);
      await given.owner.setLevel(subject, 'NONE');
      expect(await given.reader.accepts(subject, 1)).toBe(true);
      expect(await given.reader.accepts(subject, 9)).toBeUndefined();
    },
  },
];

const rights: RegistryExpectation[] = [
  {
    name: 'refuses the reader’s login to register, and nothing is registered',
    async check(given) {
      const subject = await holds(given, 'rights/promote', avro([ID]), avro([ID, NOTE]));
      await expect(given.readerWrites.promote(subject, 1)).rejects.toMatchObject({
        kind: 'forbidden',
        retryable: false,
      });
      expect(await given.request('reader', 'POST', path(subject, '/versions'), avro([ID, TOTAL]))).toBe(403);
      expect((await given.reader.versions(subject))?.map(({ version }) => version)).toEqual([2, 1]);
    },
  },
  {
    name: 'refuses the reader’s login to change a level or delete',
    async check(given) {
      const subject = await holds(given, 'rights-change', avro([ID]));
      const none = { compatibility: 'NONE' };
      expect(await given.request('reader', 'PUT', '/config', none)).toBe(403);
      expect(await given.request('reader', 'PUT', `/config/${encodeURIComponent(subject)}`, none)).toBe(403);
      expect(await given.request('reader', 'DELETE', path(subject))).toBe(403);
      expect(await given.request('reader', 'DELETE', path(subject, '/versions/1'))).toBe(403);
      expect(await given.reader.compatibility(subject)).toBe('BACKWARD');
      expect(await given.reader.versions(subject)).toHaveLength(1);
    },
  },
  {
    name: 'lets the reader’s login look for a schema and compare one',
    async check(given) {
      const subject = await holds(given, 'rights/look', avro([ID]));
      expect(await given.request('reader', 'POST', path(subject), avro([ID]))).toBe(200);
      expect(await given.request('reader', 'POST', path(subject), avro([TOTAL]))).toBe(404);
      expect(
        await given.request('reader', 'POST', `/compatibility${path(subject, '/versions/latest')}`, avro([ID])),
      ).toBe(200);
    },
  },
  {
    name: 'refuses the repairer’s login to delete',
    async check(given) {
      const subject = await holds(given, 'rights-delete', avro([ID]));
      expect(await given.request('repairer', 'DELETE', path(subject))).toBe(403);
      expect(await given.reader.versions(subject)).toHaveLength(1);
    },
  },
  {
    name: 'does not know a wrong password',
    async check({ strangers, name }) {
      await expect(strangers.reader.versions(name('orders-value'))).rejects.toMatchObject({ kind: 'unauthenticated' });
      await expect(strangers.reader.subjects()).rejects.toMatchObject({ kind: 'unauthenticated' });
      await expect(strangers.writer.promote(name('orders-value'), 1)).rejects.toMatchObject({
        kind: 'unauthenticated',
      });
    },
  },
];

export const registryContract: Contract<RegistryGiven> = {
  system: 'registry',
  expectations: [...reading, ...deleting, ...comparing, ...registryPromotions, ...rights],
};
