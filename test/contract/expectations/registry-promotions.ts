import { expect } from 'vitest';
import {
  avro,
  holds,
  ID,
  type NewSchema,
  NOTE,
  type RegistryExpectation,
  type RegistryGiven,
  TOTAL,
} from './registry-schemas.js';

/** The numbers of the versions, newest first, and for each the first one that has its schema. */
async function history({ reader }: RegistryGiven, subject: string): Promise<[number, number][]> {
  const versions = (await reader.versions(subject)) ?? [];
  return versions.map(({ version, schema }) => [
    version,
    versions.findLast((one) => one.schema === schema)?.version ?? 0,
  ]);
}

const proto = (fields: string): NewSchema => ({
  schema: `syntax = "proto3";\n// orders\nmessage Order {\n${fields}}\n`,
  schemaType: 'PROTOBUF',
});
const json = (description: string): NewSchema => ({
  schema: JSON.stringify({ type: 'object', description, properties: { id: { type: 'string' } } }),
  schemaType: 'JSON',
});

const PAIRS: [string, NewSchema, NewSchema][] = [
  ['an Avro record', avro([ID]), avro([ID, NOTE])],
  ['a plain Avro type', { schema: '"string"' }, { schema: '"bytes"' }],
  ['a JSON Schema', json('one'), json('two')],
  ['a Protobuf file', proto('  string id = 1;\n'), proto('  string id = 1;\n  string note = 2;\n')],
];

/** Making an earlier schema the newest. */
export const registryPromotions: RegistryExpectation[] = [
  ...PAIRS.map(
    ([what, first, second]): RegistryExpectation => ({
      name: `makes ${what} of an earlier version the newest again, as often as it is needed`,
      async check(given) {
        const subject = await holds(given, `promote ${what}`, first, second);
        // Protobuf's rule refuses every field that is left out; that is another expectation's matter.
        await given.owner.setLevel(subject, 'NONE');
        expect(await given.writer.promote(subject, 1)).toEqual({ version: 3 });
        expect(await given.writer.promote(subject, 2)).toEqual({ version: 4 });
        expect(await given.writer.promote(subject, 1)).toEqual({ version: 5 });
        expect(await history(given, subject)).toEqual([
          [5, 1],
          [4, 2],
          [3, 1],
          [2, 2],
          [1, 1],
        ]);
      },
    }),
  ),
  {
    name: 'keeps what producers write: the newest schema has the fields of the earlier one and no others',
    async check(given) {
      const subject = await holds(given, 'promote-fields', avro([ID, NOTE]), avro([ID]));
      await given.writer.promote(subject, 1);
      const [newest] = (await given.reader.versions(subject)) ?? [];
      expect(JSON.parse(newest?.schema ?? '')).toEqual(JSON.parse(avro([ID, NOTE]).schema));
    },
  },
  {
    name: 'takes the references along',
    async check(given) {
      const named = await holds(given, 'promote-named', avro([ID]));
      const references = [{ name: 'shop.Order', subject: named, version: 1 }];
      const basket = (more: object[]): NewSchema => ({
        schema: JSON.stringify({ type: 'record', name: 'B', fields: [{ name: 'order', type: 'shop.Order' }, ...more] }),
        references,
      });
      const subject = await holds(given, 'promote-naming', basket([]), basket([NOTE]));
      await given.writer.promote(subject, 1);
      expect((await given.reader.versions(subject))?.[0]).toMatchObject({ version: 3, references });
    },
  },
  {
    name: 'does nothing when it is done already: asking again after a lost answer is safe',
    async check(given) {
      const subject = await holds(given, 'promote-again', avro([ID]), avro([ID, NOTE]));
      expect(await given.writer.promote(subject, 1)).toEqual({ version: 3 });
      expect(await given.writer.promote(subject, 1)).toEqual({ version: 3 });
      expect(await given.writer.promote(subject, 3)).toEqual({ version: 3 });
      expect(await history(given, subject)).toHaveLength(3);
    },
  },
  {
    name: 'says that the compatibility rule refuses it, and has changed nothing',
    async check(given) {
      const subject = await holds(given, 'promote-refused', avro([ID, TOTAL]), avro([ID]));
      const refusal = given.writer.promote(subject, 1);
      await expect(refusal).rejects.toMatchObject({ kind: 'precondition', retryable: false });
      await expect(refusal).rejects.toMatchObject({ safeText: expect.stringContaining('compatibility') });
      expect(await history(given, subject)).toEqual([
        [2, 2],
        [1, 1],
      ]);
    },
  },
  {
    name: 'registers it once the rule allows it',
    async check(given) {
      const subject = await holds(given, 'promote-allowed', avro([ID, TOTAL]), avro([ID]));
      await given.owner.setLevel(subject, 'FORWARD');
      expect(await given.writer.promote(subject, 1)).toEqual({ version: 3 });
    },
  },
  {
    name: 'knows neither a version that is not there nor one of an unknown subject',
    async check(given) {
      const subject = await holds(given, 'promote-unknown', avro([ID]), avro([ID, NOTE]));
      await expect(given.writer.promote(subject, 9)).rejects.toMatchObject({ kind: 'not_found' });
      await expect(given.writer.promote(given.name('promote-nowhere'), 1)).rejects.toMatchObject({ kind: 'not_found' });
      await given.owner.remove(subject, 1);
      await expect(given.writer.promote(subject, 1)).rejects.toMatchObject({ kind: 'not_found' });
      expect(await history(given, subject)).toEqual([[2, 2]]);
    },
  },
];
