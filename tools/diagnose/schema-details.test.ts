import { describe, expect, it } from 'vitest';
import { schemaDifference } from './schema-changes.js';
import { fieldsOf } from './schema-fields.js';
import { avroReading, isMisread } from './schema-reading.js';

const avro = (fields: unknown[], more: object = {}): string =>
  JSON.stringify({ type: 'record', name: 'T', fields, ...more });
const field = (name: string, type: unknown = 'string', more: object = {}): object => ({ name, type, ...more });
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });
const logical = (type: string, logicalType: string) => ({ type, logicalType });

function difference(before: string, after: string, type = 'AVRO') {
  const read = (schema: string) => {
    const fields = fieldsOf(type, schema);
    if (typeof fields === 'string') throw new Error(fields);
    return fields;
  };
  const { changes, renames, details } = schemaDifference(read(before), read(after));
  return {
    changes: changes.map(({ kind, field: name, from, to }) => `${kind} ${name}: ${from ?? '-'} -> ${to ?? '-'}`),
    renames: renames.map(
      ({ from, to, confidence, because }) => `${from.path} -> ${to.path}: ${confidence} (${because.join('; ')})`,
    ),
    details: details.map(({ field: name, what, from, to }) => `${name || '*'} ${what}: ${from ?? '-'} -> ${to ?? '-'}`),
    misread: changes.filter(isMisread).map(({ field: name }) => name),
  };
}

describe('a rename', () => {
  it.each<[string, unknown[], unknown[], string[]]>([
    [
      'by an alias is certain, whatever the type',
      [field('amount', 'double')],
      [field('sum', 'long', { aliases: ['amount'] })],
      ['amount -> sum: certain (declared as an alias; same place; the only field dropped and the only one added)'],
    ],
    [
      'by type and place is likely',
      [field('a', 'double'), field('x')],
      [field('b', 'double'), field('x'), field('c', 'int')],
      ['a -> b: likely (same type; same place)'],
    ],
    [
      'is possible when one went and one of its type came, and is told as both',
      [field('a'), field('iban')],
      [field('note'), field('a')],
      ['iban -> note: possible (same type; the only field dropped and the only one added)'],
    ],
    [
      'is possible when the name is like the old one and the type is another',
      [field('total_amount', 'double'), field('x')],
      [field('x'), field('total_amount_cents', 'long')],
      ['total_amount -> total_amount_cents: possible (similar name; the only field dropped and the only one added)'],
    ],
    ['is not seen in two that have nothing in common', [field('iban')], [field('age', 'int')], []],
    [
      'is not seen across records',
      [field('m', { type: 'record', name: 'M', fields: [field('code')] })],
      [field('m', { type: 'record', name: 'M', fields: [] }), field('code')],
      [],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(difference(avro(before), avro(after)).renames).toEqual(expected);
  });

  it('that is only possible leaves the drop and the addition as they are', () => {
    expect(difference(avro([field('a'), field('iban')]), avro([field('note'), field('a')])).changes).toEqual([
      'column_dropped iban: string -> -',
      'column_added note: - -> string',
    ]);
  });
});

describe('Avro', () => {
  it.each<[string, unknown, unknown, string, boolean]>([
    ['another scale', decimal(18, 2), decimal(18, 4), 'decimal(18,2) -> decimal(18,4)', true],
    ['another precision', decimal(10, 2), decimal(18, 2), 'decimal(10,2) -> decimal(18,2)', false],
    [
      'micros for millis',
      logical('long', 'timestamp-millis'),
      logical('long', 'timestamp-micros'),
      'timestamp-millis -> timestamp-micros',
      true,
    ],
    [
      'a bare number for a time',
      ['null', logical('long', 'timestamp-millis')],
      ['null', 'long'],
      'timestamp-millis? -> long?',
      true,
    ],
    ['a date for a number', 'int', logical('int', 'date'), 'int -> date', true],
    [
      'a date for a time',
      logical('int', 'date'),
      logical('long', 'timestamp-millis'),
      'date -> timestamp-millis',
      false,
    ],
    ['text for an identifier', 'string', logical('string', 'uuid'), 'string -> uuid', false],
    [
      'another size',
      { type: 'fixed', name: 'F', size: 8 },
      { type: 'fixed', name: 'F', size: 16 },
      'fixed(8) -> fixed(16)',
      false,
    ],
    [
      'other values of a map',
      { type: 'map', values: 'int' },
      { type: 'map', values: 'long' },
      'map<string,int> -> map<string,long>',
      false,
    ],
    [
      'other elements',
      { type: 'array', items: 'int' },
      { type: 'array', items: ['null', 'int'] },
      'array<int> -> array<int?>',
      false,
    ],
    ['one more branch', ['null', 'string'], ['null', 'string', 'long'], 'string? -> union<string,long>?', false],
  ])('%s', (_, before, after, told, misread) => {
    const found = difference(avro([field('x', before)]), avro([field('x', after)]));
    expect(found.changes).toEqual([`type_changed x: ${told}`]);
    expect(found.misread).toEqual(misread ? ['x'] : []);
  });

  it('tells aliases, the sort order, the name and the order of the fields', () => {
    const before = avro([field('a'), field('b', 'int', { order: 'ignore' }), field('c')]);
    const after = avro([field('b', 'int'), field('a', 'string', { aliases: ['z'] }), field('c')], {
      namespace: 'shop',
      aliases: ['U'],
    });
    expect(difference(before, after)).toMatchObject({
      changes: [],
      details: [
        '* name: T -> shop.T',
        '* aliases: - -> U',
        'b order: ignore -> -',
        'a aliases: - -> z',
        '* order: a,b,c -> b,a,c',
      ],
    });
  });

  it('reads a schema that is no record', () => {
    expect(difference('"string"', '["null","string"]').changes).toEqual(['type_changed .: string -> string?']);
  });

  it('says who can read what', () => {
    const [old, now] = [avro([field('a'), field('n', 'int')]), avro([field('a'), field('n', 'long')])];
    expect(avroReading(now, old)).toEqual({ can: 'yes', because: undefined });
    expect(avroReading(old, now)).toMatchObject({ can: 'no', because: expect.stringContaining('int') });
    expect(avroReading(avro([field('o', 'shop.Order')]), old).can).toBe('unknown');
    expect(avroReading('no json', old).can).toBe('unknown');
  });
});

describe('JSON Schema', () => {
  const schema = (more: object): string => JSON.stringify({ type: 'object', ...more });
  it.each<[string, object, object, { changes?: string[]; details?: string[] }]>([
    [
      'a type among several',
      { properties: { a: { type: ['string', 'null'] } } },
      { properties: { a: { type: ['integer', 'null'] } } },
      { changes: ['type_changed a: string|null? -> integer|null?'] },
    ],
    [
      'another format',
      { properties: { a: { type: 'string', format: 'date' } } },
      { properties: { a: { type: 'string', format: 'date-time' } } },
      { changes: ['type_changed a: string/date? -> string/date-time?'] },
    ],
    [
      'alternatives',
      { properties: { a: { oneOf: [{ type: 'string' }, { type: 'integer' }] } } },
      { properties: { a: { type: 'string' } } },
      { changes: ['type_changed a: union<string,integer>? -> string?'] },
    ],
    [
      'a part that is taken in',
      {
        allOf: [{ $ref: '#/definitions/a~1b' }],
        definitions: { 'a/b': { properties: { x: { type: 'string' } }, required: ['x'] } },
      },
      {
        allOf: [{ $ref: '#/definitions/a~1b' }],
        definitions: { 'a/b': { properties: { x: { type: 'number' } }, required: ['x'] } },
      },
      { changes: ['type_changed x: string -> number'] },
    ],
    [
      'a closed object',
      { properties: { m: { type: 'object', properties: {} } } },
      {
        properties: { m: { type: 'object', properties: {}, additionalProperties: false } },
        additionalProperties: false,
      },
      { changes: [], details: ['* additional_properties: - -> false', 'm additional_properties: - -> false'] },
    ],
    [
      'a narrower value',
      { properties: { a: { type: 'string', maxLength: 10 } } },
      { properties: { a: { type: 'string', maxLength: 5, pattern: '^x' } } },
      { changes: [], details: ['a maxLength: 10 -> 5', 'a pattern: - -> "^x"'] },
    ],
    [
      'what another file holds',
      { properties: { a: { $ref: 'one.json' } } },
      { properties: { a: { $ref: 'two.json' } } },
      { changes: ['type_changed a: one.json? -> two.json?'] },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(difference(schema(before), schema(after), 'JSON')).toMatchObject(expected);
  });
});

describe('Protobuf', () => {
  const file = (body: string): string => `syntax = "proto3";\npackage shop;\n${body}`;
  it.each<[string, string, string, { changes?: string[]; renames?: string[]; details?: string[] }]>([
    [
      'another name of one number',
      'message T { string id = 1; int32 qty = 2; }',
      'message T { string key = 1; int32 qty = 2; }',
      {
        changes: ['column_renamed id: id -> key'],
        renames: [
          'id -> key: certain (same number; same type; same place; the only field dropped and the only one added)',
        ],
      },
    ],
    [
      'a number that is used for something else',
      'message T { string id = 1; int32 qty = 2; }',
      'message T { string id = 1; string note = 2; }',
      { changes: ['column_renamed qty: qty -> note', 'type_changed note: int32 -> string'] },
    ],
    [
      'another number of one name',
      'message T { string id = 1; }',
      'message T { string id = 4; }',
      { changes: [], details: ['id number: 1 -> 4'] },
    ],
    [
      'a dropped field whose number is kept free',
      'message T { string id = 1; string note = 2; }',
      'message T { reserved 2, 5 to 9; reserved "note"; string id = 1; }',
      { changes: ['column_dropped note: string -> -'], details: ['* reserved: - -> 2,5-9,note'] },
    ],
    [
      'presence, repetition and maps',
      'message T { string a = 1; string b = 2; map<string, int32> c = 3; }',
      'message T { optional string a = 1; repeated string b = 2; map<string, int64> c = 3; }',
      {
        changes: [
          'type_changed a: string -> string?',
          'type_changed b: string -> array<string>',
          'type_changed c: map<string,int32> -> map<string,int64>',
        ],
      },
    ],
    [
      'a field that went into a oneof',
      'message T { string a = 1; string b = 2; }',
      'message T { oneof choice { string a = 1; string b = 2; } }',
      { changes: [], details: ['a oneof: - -> choice', 'b oneof: - -> choice'] },
    ],
    [
      'a nested message, by the field that leads to it',
      'message T { Item item = 1; repeated Item items = 2; message Item { int32 qty = 1; } }',
      'message T { Item item = 1; repeated Item items = 2; message Item { int64 qty = 1; } }',
      { changes: ['type_changed item.qty: int32 -> int64', 'type_changed items[].qty: int32 -> int64'] },
    ],
    [
      'a message that no field leads to',
      'message T { string id = 1; } message Other { string x = 1; }',
      'message T { string id = 1; } message Other { bytes x = 1; }',
      { changes: ['type_changed Other.x: string -> bytes'] },
    ],
    [
      'a longer enum',
      'message T { Kind kind = 1; } enum Kind { NONE = 0; A = 1; }',
      'message T { Kind kind = 1; } enum Kind { NONE = 0; A = 1; B = 2; }',
      { changes: ['enum_extended kind: NONE,A -> NONE,A,B'] },
    ],
    [
      'a type of another file',
      'import "o.proto"; message T { o.Order order = 1; }',
      'import "o.proto"; message T { o.Basket order = 1; }',
      { changes: ['type_changed order: o.Order -> o.Basket'] },
    ],
  ])('%s', (_, before, after, expected) => {
    expect(difference(file(before), file(after), 'PROTOBUF')).toMatchObject(expected);
  });
});

describe('what can not be read', () => {
  it.each<[string, string, string, string]>([
    ['no JSON', 'AVRO', '{', 'not_parsed'],
    ['no schema', 'AVRO', '42', 'not_parsed'],
    ['a record without fields', 'AVRO', '{"type":"record","name":"T"}', 'not_parsed'],
    ['no object', 'JSON', '[1]', 'not_parsed'],
    ['no Protobuf', 'PROTOBUF', 'message T { string id = ', 'not_parsed'],
    ['nothing', 'PROTOBUF', '', 'not_parsed'],
    ['ten million characters', 'AVRO', `{"doc":"${'x'.repeat(10_000_000)}"}`, 'too_large'],
    ['a hundred thousand brackets', 'AVRO', '['.repeat(100_000), 'not_parsed'],
  ])('%s', (_, type, schema, expected) => {
    expect(fieldsOf(type, schema)).toBe(expected);
  });

  it('ends with schemas that contain themselves, many times over', () => {
    const own = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`p${at}`, { $ref: '#' }]));
    const json = fieldsOf('JSON', JSON.stringify({ type: 'object', properties: own }));
    expect(json.length).toBeLessThanOrEqual(4_100);
    const fields = Array.from({ length: 30 }, (_, at) => `T p${at} = ${at + 1};`).join(' ');
    expect(fieldsOf('PROTOBUF', `syntax = "proto3"; message T { ${fields} }`)).toHaveLength(31);
    const parts = Array.from({ length: 30 }, () => ({ $ref: '#' }));
    expect(fieldsOf('JSON', JSON.stringify({ type: 'object', allOf: parts }))).toBe('too_large');
  });

  it('compares thousands of columns with thousands of others in time', () => {
    const columns = (prefix: string): string =>
      avro(Array.from({ length: 3_900 }, (_, at) => field(`${prefix}_column_${at}`)));
    const began = performance.now();
    expect(difference(columns('old'), columns('new')).renames).toHaveLength(3_900);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
