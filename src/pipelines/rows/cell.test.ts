import { describe, expect, it } from 'vitest';
import type { FilterFact } from '../sql/bound.js';
import { BIGINT, DATE, DOUBLE, decimal, type SqlType, STRING, TIMESTAMP } from '../sql/type.js';
import { boundaries, compareCells, extremes, holds } from './cell.js';

const fact = (op: FilterFact['op'], ...values: string[]): FilterFact => ({
  ...{ column: { input: 't', column: 'c' }, op, values, clause: 'where', place: undefined },
});

describe('a cell', () => {
  it.each<[SqlType, string, string, number | undefined]>([
    [decimal(38, 10), '12345678901234567890.0000000001', '12345678901234567890.0000000002', -1],
    [BIGINT, '9', '10', -1],
    [BIGINT, '-9', '-10', 1],
    [decimal(18, 4), '1.5000', '1.5', 0],
    [DOUBLE, '1e3', '999', 1],
    [DATE, '2024-02-29', '2024-03-01', -1],
    [TIMESTAMP, '2024-02-29', '2024-02-29 00:00:00', 0],
    [TIMESTAMP, '2024-02-29T10:00:00Z', '2024-02-29 10:00:00.1', -1],
    [BIGINT, 'x', '1', undefined],
  ])('of %j: %s beside %s', (type, a, b, order) => {
    expect(compareCells(type, a, b)).toBe(order);
  });

  it.each<[FilterFact, SqlType, string | null, boolean | undefined]>([
    [fact('between', '1', '2'), decimal(5, 2), '2.00', true],
    [fact('between', '1', '2'), decimal(5, 2), '2.01', false],
    [fact('not_in', 'a'), STRING, null, undefined],
    [fact('is_null'), STRING, null, true],
    [fact('like', 'a\\_%'), STRING, 'a_b', true],
    [fact('like', 'a\\_%'), STRING, 'axb', false],
    [fact('like', '(.*'), STRING, '(.*', true],
    [fact('<>', 'a'), STRING, 'b', true],
  ])('passes %j of %j: %s', (filter, type, cell, passes) => {
    expect(holds(filter, type, cell)).toBe(passes);
  });

  it('has neighbours on both sides of a literal', () => {
    expect(boundaries(fact('<', '-0.01'), decimal(5, 2))).toEqual(['-0.02', '-0.01', '0.00']);
    expect(boundaries(fact('<', '2024-03-01'), DATE)).toEqual(['2024-02-29', '2024-03-01', '2024-03-02']);
    expect(boundaries(fact('<', '2024-03-01'), TIMESTAMP)).toEqual([
      '2024-02-29 23:59:59',
      '2024-03-01',
      '2024-03-01 00:00:01',
    ]);
    expect(boundaries(fact('like', 'a%'), STRING)).toEqual(['ax', 'no a%']);
  });

  it('has the extremes of its type', () => {
    expect(extremes(decimal(4, 2))).toEqual(['0.00', '-0.01', '99.99']);
  });
});
