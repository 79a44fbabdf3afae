import { describe, expect, it } from 'vitest';
import { parseColumnType } from './column-type.js';

describe('parseColumnType', () => {
  it('reads the names of all engines', () => {
    expect(parseColumnType('BIGINT')).toEqual({ kind: 'scalar', name: 'long' });
    expect(parseColumnType('varchar')).toEqual({ kind: 'scalar', name: 'string' });
    expect(parseColumnType(' decimal( 18 , 2 ) ')).toEqual({ kind: 'decimal', precision: 18, scale: 2 });
    expect(parseColumnType('array<struct<a:int,b:map<string,decimal(5,1)>>>')).toEqual({
      kind: 'array',
      element: {
        kind: 'struct',
        fields: [
          { name: 'a', type: { kind: 'scalar', name: 'integer' } },
          {
            name: 'b',
            type: {
              kind: 'map',
              key: { kind: 'scalar', name: 'string' },
              value: { kind: 'decimal', precision: 5, scale: 1 },
            },
          },
        ],
      },
    });
  });

  it.each([
    '',
    'int; DROP TABLE x',
    'varchar) COMMENT',
    'decimal(39,0)',
    'decimal(5,6)',
    'struct<a b:int>',
    'struct<a:int>, x string',
    'array<>',
    'map<string>',
    'toString',
    '__proto__',
    `${'array<'.repeat(20)}int${'>'.repeat(20)}`,
  ])('refuses %s', (text) => {
    expect(() => parseColumnType(text)).toThrow('not on the list');
  });
});
