import { describe, expect, it } from 'vitest';
import type { ToolContext } from '../../src/domain/tool.js';
import { createMemoryPlatform } from '../testing/memory-platform.js';
import { INVENTORY, NOW, POLICY, scene } from '../testing/scenes.js';
import { schemaDifference } from './schema-changes.js';
import { fieldsOf } from './schema-fields.js';
import { schemaRegistryDiff } from './schema-registry-diff.js';

const avro = (fields: unknown[]): string => JSON.stringify({ type: 'record', name: 'T', fields });
const field = (name: string, type: unknown = 'string', more: object = {}): object => ({ name, type, ...more });

function diff(before: unknown[] | string, after: unknown[] | string, type = 'AVRO'): string[] {
  const read = (schema: unknown[] | string) => {
    const fields = fieldsOf(type, typeof schema === 'string' ? schema : avro(schema));
    if (typeof fields === 'string') throw new Error(fields);
    return fields;
  };
  return schemaDifference(read(before), read(after)).changes.map(
    ({ kind, field: name, from, to }) => `${kind} ${name}: ${from ?? '-'} -> ${to ?? '-'}`,
  );
}

describe('changes of an Avro schema', () => {
  const base = [
    field('id'),
    field('amount', 'double'),
    field('note', ['null', 'string'], { default: null, doc: 'free text' }),
  ];
  const enumeration = (symbols: string[]): object => ({ type: 'enum', name: 'Kind', symbols });

  it.each<[string, unknown[], unknown[], string[]]>([
    ['nothing', base, base, []],
    ['a new column', base, [...base, field('kind', 'int')], ['column_added kind: - -> int']],
    ['a dropped column', base, base.slice(0, 2), ['column_dropped note: string? -> -']],
    [
      'a rename, by place and type',
      base,
      [field('id'), field('total', 'double'), base[2]],
      ['column_renamed amount: amount -> total'],
    ],
    [
      'a rename, by an alias, also with another type',
      base,
      [field('id'), base[2], field('sum', 'long', { aliases: ['amount'] })],
      ['column_renamed amount: amount -> sum', 'type_changed sum: double -> long'],
    ],
    [
      'a rename, by its documentation',
      base,
      [
        field('remark', ['null', 'string'], { default: null, doc: 'free text' }),
        field('id'),
        field('amount', 'double'),
      ],
      ['column_renamed note: note -> remark'],
    ],
    [
      'a rename, by a like name at another place',
      [field('merchant_subcategory'), field('a')],
      [field('a'), field('merchant_subcategory_v2')],
      ['column_renamed merchant_subcategory: merchant_subcategory -> merchant_subcategory_v2'],
    ],
    [
      'two columns that have nothing in common',
      [field('id'), field('iban')],
      [field('id'), field('age', 'int')],
      ['column_dropped iban: string -> -', 'column_added age: - -> int'],
    ],
    [
      'a type',
      base,
      [field('id'), field('amount', { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 }), base[2]],
      ['type_changed amount: double -> decimal(18,2)'],
    ],
    [
      'a column that may be empty now',
      base,
      [field('id', ['null', 'string']), base[1], base[2]],
      ['type_changed id: string -> string?'],
    ],
    [
      'a longer enum',
      [field('k', enumeration(['A', 'B']))],
      [field('k', enumeration(['A', 'B', 'C']))],
      ['enum_extended k: A,B -> A,B,C'],
    ],
    [
      'an enum that lost a symbol',
      [field('k', enumeration(['A', 'B']))],
      [field('k', enumeration(['A', 'C']))],
      ['type_changed k: A,B -> A,C'],
    ],
    [
      'a default',
      base,
      [field('id', 'string', { default: 'x' }), base[1], base[2]],
      ['default_changed id: none -> "x"'],
    ],
    [
      'inside a nested record',
      [field('m', { type: 'record', name: 'M', fields: [field('code')] })],
      [field('m', { type: 'record', name: 'M', fields: [field('code'), field('city')] })],
      ['column_added m.city: - -> string'],
    ],
    [
      'inside an array',
      [field('l', { type: 'array', items: { type: 'record', name: 'L', fields: [field('qty', 'int')] } })],
      [field('l', { type: 'array', items: { type: 'record', name: 'L', fields: [field('qty', 'long')] } })],
      ['type_changed l[].qty: int -> long'],
    ],
    [
      'a renamed record, without its fields',
      [field('m', { type: 'record', name: 'M', fields: [field('code')] })],
      [field('merchant', { type: 'record', name: 'M', fields: [field('code')] })],
      ['column_renamed m: m -> merchant'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(diff(before, after)).toEqual(expected);
  });
});

it('reads JSON Schema: properties, required, references and enums', () => {
  const before = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, at: { $ref: '#/$defs/at' }, k: { type: 'string', enum: ['a'] } },
    $defs: { at: { type: 'string', format: 'date-time' } },
  };
  const after = {
    ...before,
    required: [],
    properties: { id: { type: 'string' }, at: { type: 'integer' }, k: { type: 'string', enum: ['a', 'b'] } },
  };
  expect(diff(JSON.stringify(before), JSON.stringify(after), 'JSON')).toEqual([
    'type_changed id: string -> string?',
    'type_changed at: string/date-time? -> integer?',
    'enum_extended k: a -> a,b',
  ]);
});

it('reads Protobuf: the field number is the identity', () => {
  const before = 'syntax = "proto3";\nmessage T {\n  string id = 1;\n  repeated int32 qty = 2; // how many\n}\n';
  const after =
    'syntax = "proto3";\nmessage T {\n  string key = 1;\n  repeated int64 qty = 2;\n  double amount = 3;\n}\n';
  expect(diff(before, after, 'PROTOBUF')).toEqual([
    'column_renamed id: id -> key',
    'column_added amount: - -> double',
    'type_changed qty: array<int32> -> array<int64>',
  ]);
});

describe('the tool', () => {
  const ask = async (args: { source: string; since?: string }): Promise<string> => {
    const world = scene();
    const version = (number: number, at: string | undefined, fields: unknown[]) => ({
      version: number,
      id: number,
      at,
      type: 'AVRO',
      schema: avro(fields),
    });
    world.subjects['core_banking.transactions-value'] = [
      version(3, '2026-03-10T20:14:00Z', [field('id'), field('merchant_subcategory_v2')]),
      version(2, '2026-01-05T00:00:00Z', [field('id'), field('merchant_subcategory')]),
      version(1, '2025-11-01T00:00:00Z', [field('id')]),
    ];
    world.subjects['odd'] = [
      version(2, undefined, [field('a'), field('b')]),
      { ...version(1, undefined, []), schema: 'no json' },
    ];
    world.subjects['huge'] = [
      { ...version(2, undefined, []), unread: 'too_large' },
      version(1, undefined, [field('a')]),
    ];
    const order = { type: 'record', name: 'B', fields: [field('order', 'shop.Order')] };
    const naming = (number: number) => ({
      ...version(number, '2026-03-10T20:14:00Z', []),
      schema: JSON.stringify(order),
      references: [{ name: 'shop.Order', subject: 'shop.orders-value', version: number }],
    });
    world.subjects['naming'] = [naming(2), naming(1)];
    const { readers } = createMemoryPlatform(world);
    const context: ToolContext = {
      readers,
      inventory: INVENTORY,
      policy: POLICY,
      now: () => NOW,
      signal: new AbortController().signal,
    };
    const answer = await schemaRegistryDiff.run(args, context);
    return answer.status === 'ok'
      ? answer.text
      : `${answer.status}: ${answer.status === 'no_data' ? answer.searched : answer.safeText}`;
  };

  it('shows the changes of the window, newest first', async () => {
    expect(await ask({ source: 'core_banking.transactions', since: '24h' })).toMatchInlineSnapshot(`
      "subject name=core_banking.transactions-value latest=3 compatibility=BACKWARD versions=3,2,1
      change from_version=2 to_version=3 at=2026-03-10T20:14:00Z age=6h kind=column_renamed field=merchant_subcategory from=merchant_subcategory to=merchant_subcategory_v2
      rename from_version=2 to_version=3 from=merchant_subcategory to=merchant_subcategory_v2 confidence=likely because="same type; same place; similar name; the only field dropped and the only one added"
      reads reader_version=2 data_of_version=3 can=no because="no matching field for default-less T.merchant_subcategory"
      reads reader_version=3 data_of_version=2 can=no because="no matching field for default-less T.merchant_subcategory_v2""
    `);
    expect(await ask({ source: 'core_banking.transactions' })).toMatchInlineSnapshot(`
      "subject name=core_banking.transactions-value latest=3 compatibility=BACKWARD versions=3,2,1
      change from_version=2 to_version=3 at=2026-03-10T20:14:00Z age=6h kind=column_renamed field=merchant_subcategory from=merchant_subcategory to=merchant_subcategory_v2
      change from_version=1 to_version=2 at=2026-01-05T00:00:00Z age=65d kind=column_added field=merchant_subcategory to=string
      rename from_version=2 to_version=3 from=merchant_subcategory to=merchant_subcategory_v2 confidence=likely because="same type; same place; similar name; the only field dropped and the only one added"
      reads reader_version=2 data_of_version=3 can=no because="no matching field for default-less T.merchant_subcategory"
      reads reader_version=3 data_of_version=2 can=no because="no matching field for default-less T.merchant_subcategory_v2"
      reads reader_version=1 data_of_version=2 can=yes
      reads reader_version=2 data_of_version=1 can=no because="no matching field for default-less T.merchant_subcategory""
    `);
  });

  it('finds the subjects of a pipeline, and says that nothing changed or can not be read', async () => {
    expect(await ask({ source: 'daily_transactions', since: '1h' })).toMatchInlineSnapshot(`
      "subject name=core_banking.transactions-value latest=3 compatibility=BACKWARD versions=3,2,1
      unchanged since=1h newest_version=3 newest_age=6h"
    `);
    expect(await ask({ source: 'odd', since: '1h' })).toMatchInlineSnapshot(`
      "subject name=odd latest=2 compatibility=BACKWARD versions=2,1 times=unknown
      unreadable from_version=1 to_version=2 because="version 1 is no AVRO schema that can be read""
    `);
    expect(await ask({ source: 'huge' })).toMatchInlineSnapshot(`
      "subject name=huge latest=2 compatibility=BACKWARD versions=2,1 times=unknown
      unreadable from_version=1 to_version=2 because="version 2 is too large to compare""
    `);
  });

  it('tells a change of what a schema names', async () => {
    expect(await ask({ source: 'naming' })).toMatchInlineSnapshot(`
      "subject name=naming latest=2 compatibility=BACKWARD versions=2,1
      unchanged newest_version=2 newest_age=6h
      detail from_version=1 to_version=2 field=shop.Order what=reference from="shop.orders-value version 1" to="shop.orders-value version 2""
    `);
  });

  it('says what it searched', async () => {
    expect(await ask({ source: 'banking.accounts' })).toMatchInlineSnapshot(
      `"no_data: the schema registry for the subjects banking.accounts and banking.accounts-value; subjects with a similar name: core_banking.transactions-value"`,
    );
  });
});
