import { describe, expect, it } from 'vitest';
import { bindCase } from '../../../test/support/binder.js';
import { type ConfigText, readConfigText } from '../document.js';
import type { Finding } from '../finding.js';
import { placesOf } from './place.js';

const PATH = ['transformers', 0, 'sql'] as const;

function findingsIn(yaml: string): { config: ConfigText; findings: readonly Finding[] } {
  const { config } = readConfigText(yaml);
  if (config === undefined) throw new Error('the YAML of this test does not parse');
  const sql = config.document.getIn(PATH) as string;
  return { config, findings: bindCase(sql, { placeInFile: placesOf(config, PATH) }).findings };
}

/** The text of the file at a place on one line. */
function textAt(yaml: string, place: Finding['place']): string | undefined {
  return place && yaml.split('\n')[place.line - 1]?.slice(place.column - 1, place.endColumn - 1);
}

const HEAD = 'transformers:\n  - id: a\n    sql: ';

describe('a place in the file', () => {
  it.each([
    ['a block', `${HEAD}|\n      SELECT txn_id,\n        amunt\n      FROM txn\n`, 5, 9],
    ['a block with an emoji before it', `${HEAD}|\n      SELECT '😀' AS smile, amunt\n      FROM txn\n`, 4, 29],
    ['a block with an emoji above it', `${HEAD}|\n      SELECT '😀😀' AS smile,\n        amunt FROM txn\n`, 5, 9],
    ['a block with a comment on its header', `${HEAD}|- # the query\n      SELECT amunt FROM txn`, 4, 14],
    ['a block with an empty line', `${HEAD}|\n      SELECT\n\n        amunt\n      FROM txn\n`, 6, 9],
    ['a block with lines of Windows', `${HEAD}|\r\n      SELECT 1 AS a,\r\n        amunt FROM txn\r\n`, 5, 9],
    ['a plain value', `${HEAD}SELECT amunt FROM txn\n`, 3, 17],
    ['a quoted value', `${HEAD}"SELECT amunt FROM txn"\n`, 3, 18],
  ])('in %s', (_form, yaml, line, column) => {
    const { findings } = findingsIn(yaml);
    expect(findings.map(({ rule }) => rule)).toEqual(['SQL001']);
    expect(findings[0]?.place).toMatchObject({ line, column });
    expect(textAt(yaml, findings[0]?.place)).toBe('amunt');
  });

  it.each([
    ['a folded value', `${HEAD}>\n      SELECT\n      amunt FROM txn\n`],
    ['a quoted value with escapes', `${HEAD}"SELECT \\"x\\" AS a, amunt FROM txn"\n`],
    ['a quoted value of several lines', `${HEAD}"SELECT amunt\n      FROM txn"\n`],
  ])('is the whole of %s, never a wrong word', (_form, yaml) => {
    const { config, findings } = findingsIn(yaml);
    expect(findings.map(({ place }) => place)).toEqual([config.placeOf(PATH)]);
  });

  it('is found for a fault that spans lines, and for a syntax error', () => {
    const yaml = `${HEAD}|\n      SELECT txn_id\n      FROM txn WHERE\n        qty = = 1\n`;
    expect(textAt(yaml, findingsIn(yaml).findings[0]?.place)).toBe('=');
  });
});
