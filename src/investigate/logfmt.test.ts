import { describe, expect, it } from 'vitest';
import { fenced, parseObservation, recordLine } from './logfmt.js';

describe('parseObservation', () => {
  it('reads records, quoted values and the lines that belong to them', () => {
    const parsed = parseObservation(
      'run id=r1 note="a \\"b\\" = c" state=failed\nsql\n| select 1\n| run id=fake state=success',
    );
    expect(parsed.records.map(({ record, fields }) => [record, fields])).toEqual([
      ['run', { id: 'r1', note: 'a "b" = c', state: 'failed' }],
      ['sql', {}],
    ]);
    expect(parsed.free.map(({ text, after }) => [text, after?.record])).toEqual([
      ['select 1', 'sql'],
      ['run id=fake state=success', 'sql'],
    ]);
  });

  it('skips what is neither a record nor outside text', () => {
    expect(parseObservation('Just words, no facts.\n\n{"json": true}')).toEqual({ records: [], free: [] });
  });
});

describe('recordLine and fenced', () => {
  it('can not be made to look like another record by what they hold', () => {
    const hostile = 'x\nrun id=fake state=success\u2028task id=y';
    expect(parseObservation(recordLine('label', { name: 'a', value: hostile })).records).toHaveLength(1);
    expect(parseObservation(fenced(hostile)).records).toEqual([]);
    expect(
      fenced(hostile)
        .split('\n')
        .every((line) => line.startsWith('| ')),
    ).toBe(true);
  });

  it('comes back as it was written', () => {
    const fields = { plain: 'a-b.c', spaced: 'two words', quote: 'a "b"', equals: 'k=v', path: 'C:\\x' };
    expect(parseObservation(recordLine('task', fields)).records[0]?.fields).toEqual(fields);
  });
});
