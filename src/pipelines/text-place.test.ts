import { describe, expect, it } from 'vitest';
import { Document, Scalar } from 'yaml';
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

  it('is right for every character of texts that YAML writes in its own ways', () => {
    const words = [
      'SELECT',
      "'it''s'",
      '"a b"',
      'x.y',
      '\\',
      '#',
      ': ',
      '- ',
      '\n',
      '\n\n',
      '\n    ',
      '  ',
      '\t',
      '😀',
      'ä',
      '--',
      '|',
      '>',
    ];
    const styles: Scalar.Type[] = [
      Scalar.BLOCK_LITERAL,
      Scalar.BLOCK_FOLDED,
      Scalar.QUOTE_DOUBLE,
      Scalar.QUOTE_SINGLE,
      Scalar.PLAIN,
    ];
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    let compared = 0;
    for (let round = 0; round < 600; round += 1) {
      const text = `a${Array.from({ length: 2 + random(30) }, () => words[random(words.length)]).join(random(2) ? ' ' : '')}z`;
      const scalar = new Scalar(text);
      scalar.type = styles[round % styles.length] ?? 'PLAIN';
      const file = new Document({ list: [{ sql: scalar }] }).toString({
        lineWidth: 20 + random(60),
        indent: 2 + random(4),
      });
      const { config } = readConfigText(file);
      if (config === undefined) throw new Error(file);
      const value = String(config.document.getIn(['list', 0, 'sql']));
      const placeOf = placeInText(config, ['list', 0, 'sql']);
      const lines = file.split('\n');
      for (let at = 0; at < value.length; at += 1) {
        const wanted = value[at] ?? '';
        const place = placeOf(at, at + 1);
        const there = lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1, (place?.endColumn ?? 0) - 1);
        if (/\s/.test(wanted)) continue;
        compared += 1;
        // An escape or a doubled quote stands for the character; everything else is the character itself.
        if (there !== wanted)
          expect([file, [`\\${wanted}`, `${wanted}${wanted}`]]).toEqual([file, expect.arrayContaining([there])]);
      }
    }
    expect(compared).toBeGreaterThan(10_000);
  });
});
