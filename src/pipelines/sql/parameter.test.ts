import { describe, expect, it } from 'vitest';
import { bindCase, pointedAt } from '../../../test/support/binder.js';
import { fillParameters, type Parameter } from './parameter.js';

const where = { path: '', placeInFile: () => undefined };
const name = (text: string): string => `\${${text}}`;
const filled = (sql: string, parameters: Record<string, Parameter>): string =>
  fillParameters(sql, parameters, where).sql;

describe('a parameter', () => {
  it.each([
    ['DATE', '2026-01-31', "CAST('2026-01-31' AS DATE)"],
    ['int', '5', "CAST('5' AS INT)"],
    ['decimal(9,2)', '1.50', "CAST('1.50' AS DECIMAL(9,2))"],
    ['STRING', 'EUR', "'EUR'"],
    ['STRING', "x' OR '1' = '1", "'x\\' OR \\'1\\' = \\'1'"],
    ['STRING', "back\\' OR 1 = 1", "'back\\\\\\' OR 1 = 1'"],
    ['STRING', null, 'CAST(NULL AS STRING)'],
  ])('of type %s with the value %s is %s', (type, value, literal) => {
    expect(filled(`SELECT ${name('p')}`, { p: { type, value } })).toBe(`SELECT ${literal}`);
  });

  it('can not become SQL', () => {
    const sql = `SELECT txn_id FROM txn WHERE status = ${name('p')}`;
    const parameters = { p: { type: 'STRING', value: "x' OR '1' = '1" } };
    const { bound, findings } = bindCase(sql, { parameters });
    expect(findings).toEqual([]);
    expect(bound?.facts.filters).toMatchObject([{ op: '=', values: ["x' OR '1' = '1"] }]);
  });

  it('has the type that was given', () => {
    const sql = `SELECT txn_id FROM txn WHERE flag = ${name('day')}`;
    const [found] = bindCase(sql, { parameters: { day: { type: 'DATE', value: '2026-01-31' } } }).findings;
    expect(found).toMatchObject({ rule: 'TYP001' });
  });

  it('leaves places where they were written', () => {
    const sql = `SELECT ${name('a')} AS x, ${name('b')} AS y, amunt, upper(${name('a')}, nope) AS z FROM txn`;
    const parameters = { a: { type: 'STRING', value: 'a rather long value' }, b: { type: 'INT', value: '1' } };
    const { findings } = bindCase(sql.replace(', nope', ''), { parameters });
    expect(findings.map((each) => pointedAt(sql, each))).toEqual(['amunt']);
    const last = `SELECT ${name('a')} || nope AS x FROM txn`;
    expect(bindCase(last, { parameters }).findings.map((each) => pointedAt(last, each))).toEqual(['nope']);
  });

  it.each([
    [{ days: { type: 'INT', value: '1' } }, 'SQL001', "did you mean 'days'?"],
    [{ day: { type: 'WHATEVER', value: '1' } }, 'TYP004', undefined],
    [{}, 'SQL001', undefined],
  ])('that has no value or no type is a finding: %j', (parameters: Record<string, Parameter>, rule, suggestion) => {
    const sql = `SELECT ${name('day')} AS x FROM txn`;
    const { bound, findings } = bindCase(sql, { parameters });
    expect(bound).toBeUndefined();
    expect(findings).toMatchObject([{ rule, suggestion }]);
    expect(findings.map((each) => pointedAt(sql, each))).toEqual([name('day')]);
  });
});
