import { describe, expect, it } from 'vitest';
import { readCatalog } from './read-catalog.js';

const file = (
  dataset: string,
  connections = '- {name: lake, type: adls, paths: {pay: [/mnt/pay/]}}',
): string => `connections:
  ${connections}
datasets:
  - name: /mnt/a
    connection: lake
    aliases: [A]
    versions:
      - version: 1
        columns:
          - {name: id, type: BIGINT, nullable: false}
  - ${dataset}
`;
const column = '{name: id, type: BIGINT, nullable: false}';
const good = `{name: /mnt/b, connection: lake, keys: [id], sequenceBy: [_ts], versions: [{version: 1, columns: [${column}]}]}`;

describe('the catalogue', () => {
  it('is read with what it leaves out', () => {
    const { catalog, findings } = readCatalog(file(good));
    expect(findings).toEqual([]);
    expect(catalog?.datasets[1]).toMatchObject({ name: '/mnt/b', level: 'internal', changeStream: false, aliases: [] });
  });

  it.each([
    ['a misspelt key', good.replace('keys', 'kyes'), 'CFG001', "did you mean 'keys'?"],
    ['a missing key', good.replace('connection: lake, ', ''), 'CFG002', undefined],
    ['a type that Spark does not have', good.replace('BIGINT', 'BIGGINT'), 'TYP004', undefined],
    ['a connection that does not exist', good.replace('lake', 'lakes'), 'SRC003', "did you mean 'lake'?"],
    ['a name that is another dataset', good.replace('/mnt/b', '/mnt/a'), 'CFG004', undefined],
    ['an alias that is another dataset', good.replace('keys', 'aliases: [a], keys'), 'CFG004', undefined],
    ['a key that is no column', good.replace('[id]', '[idd]'), 'CFG003', "did you mean 'id'?"],
    ['a column that stands there twice', good.replace(column, `${column}, ${column}`), 'CFG003', undefined],
    [
      'a version that stands there twice',
      good.replace('versions: [', `versions: [{version: 1, columns: [${column}]}, `),
      'CFG003',
      undefined,
    ],
  ])('with %s is none, and the fault has its place', (_name, dataset, rule, suggestion) => {
    const { catalog, findings } = readCatalog(file(dataset));
    expect(catalog).toBeUndefined();
    expect(findings).toMatchObject([{ rule, suggestion, place: { line: 11 } }]);
  });

  it.each([
    ['a second connection of a name', '- {name: lake, type: adls}\n  - {name: lake, type: s3}', 'CFG004'],
    ['a path that climbs', '- {name: lake, type: adls, paths: {pay: [/mnt/../etc]}}', 'SEC003'],
  ])('with %s is none', (_name, connections, rule) => {
    expect(readCatalog(file(good, connections)).findings).toMatchObject([{ rule }]);
  });

  it('that is no YAML is a finding', () => {
    expect(readCatalog('a: [').findings.map(({ rule }) => rule)).toContain('CFG005');
    expect(readCatalog('').findings.map(({ rule }) => rule)).toEqual(['CFG005']);
  });
});
