import { describe, expect, it } from 'vitest';
import { readConfigText } from './document.js';
import { placeInText } from './text-place.js';

/** The text that the file has where the value has `wanted`. */
function found(file: string, wanted: string, path = ['sql']): string {
  const { config } = readConfigText(file);
  if (config === undefined) throw new Error('not a config text');
  const value = String(config.document.getIn(path));
  const start = value.indexOf(wanted);
  expect(start).toBeGreaterThanOrEqual(0);
  const place = placeInText(config, path)(start, start + wanted.length);
  if (place === undefined) throw new Error('no place');
  const lines = file.split('\n');
  expect(place.line).toBe(place.endLine);
  return lines[place.line - 1]?.slice(place.column - 1, place.endColumn - 1) ?? '';
}

describe('a place in a text of the config', () => {
  it.each([
    ['a literal block', 'sql: |\n  SELECT a\n  FROM wanted_1\n'],
    ['a literal block with its own indentation', 'sql: |2-   # why\n    SELECT a\n\n      FROM wanted_1 -- end\n'],
    ['a folded block', 'sql: >-\n  SELECT a\n  FROM\n  wanted_1\n\n  WHERE b\n'],
    ['plain text over several lines', 'sql: SELECT a\n  FROM\n    wanted_1 WHERE b\n'],
    ['single quotes', "sql: 'SELECT ''it''''s'' FROM wanted_1'\n"],
    ['double quotes', 'sql: "SELECT \\"x\\",\\n \\t\'\\u00e4\\x41\\U0001F600\' FROM \\\n   \\  wanted_1"\n'],
    ['lines that end as Windows does', 'sql: |\r\n  SELECT a\r\n  FROM wanted_1\r\n'],
    ['text behind an emoji', "sql: |\n  SELECT '😀' FROM wanted_1\n"],
  ])('is found in %s', (_name, file) => {
    expect(found(file, 'wanted_1')).toBe('wanted_1');
  });

  it('covers an escape as it is written', () => {
    expect(found('sql: "SELECT w\\u0061nted"\n', 'wanted')).toBe('w\\u0061nted');
    expect(found("sql: 'SELECT ''a'''\n", "'a'")).toBe("''a''");
  });

  it('is right behind the text when the parser looks past its end', () => {
    const { config } = readConfigText('a: 1\nsql: |\n    SELECT (1\n');
    if (config === undefined) throw new Error('not a config text');
    const value = String(config.document.get('sql'));
    expect(placeInText(config, ['sql'])(value.length, value.length)).toMatchObject({ line: 4, column: 1 });
    expect(placeInText(config, ['sql'])(9, 9)).toMatchObject({ line: 3, column: 14 });
  });

  it('is the whole value where there is no text', () => {
    const { config } = readConfigText('a: 1\nsql: [1, 2]\n');
    if (config === undefined) throw new Error('not a config text');
    expect(placeInText(config, ['sql'])(3, 5)).toMatchObject({ line: 2, column: 6 });
  });
});
