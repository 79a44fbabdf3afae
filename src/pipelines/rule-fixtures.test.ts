import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfig } from './check-config.js';
import type { Finding } from './finding.js';
import { readCatalog } from './read-catalog.js';
import { RULES, type RuleId } from './rules.js';

const HOME = 'fixtures/pipelines/rules';
const { catalog, findings: faults } = readCatalog(readFileSync(join(HOME, 'catalog.yaml'), 'utf8'));
const rules = readdirSync(HOME).filter((name) => existsSync(join(HOME, name, 'fires.yaml')));
const fixture = (rule: string, name: string): string => readFileSync(join(HOME, rule, `${name}.yaml`), 'utf8');

function check(text: string): readonly Finding[] {
  if (catalog === undefined) throw new Error(JSON.stringify(faults));
  return checkConfig(text, { catalog, others: [] }).findings;
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, place, message }) => `${rule} ${place?.line}:${place?.column} ${message}`);

describe.each(rules)('%s', (rule) => {
  it('fires once, where it is wrong', () => {
    const text = fixture(rule, 'fires');
    const place = /^# \w+ at (\d+:\d+)/.exec(text)?.[1];
    const found = check(text);
    const fired = found.filter((each) => each.rule === rule);
    const places = fired.map((each) => `${each.place?.line}:${each.place?.column}`);
    expect(places, told(found).join('\n')).toEqual([place]);
    expect(fired[0]?.severity).toBe(RULES[rule as RuleId].severity);
  });

  it('is silent beside it, and nothing else forbids the config', () => {
    const found = check(fixture(rule, 'silent'));
    const wrong = found.filter((each) => each.rule === rule || each.severity === 'error' || each.severity === 'block');
    expect(told(wrong)).toEqual([]);
  });
});

/** Rules that no text of a config alone can show. */
const LATER: Partial<Record<RuleId, string>> = {
  CFG004: 'has its cases among other pipelines: graph/check-graph.test.ts',
  SNK006: 'has its cases among other pipelines: graph/check-graph.test.ts',
  SNK008: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP001: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP002: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP003: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP004: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP005: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP006: 'has its cases among other pipelines: graph/check-graph.test.ts',
  DEP007: 'has its cases among other pipelines: graph/check-graph.test.ts',
  FLT002: 'compares with the intent card of the request',
  DQ002: 'compares with the intent card of the request',
  INT001: 'compares with the intent card of the request',
  INT002: 'compares with the intent card of the request',
  INT003: 'compares with the intent card of the request',
  DLQ001: 'counts rows of a run in the sandbox',
  DLQ002: 'counts rows of a run in the sandbox',
  TST001: 'is a run in the sandbox',
  TST002: 'is a run in the sandbox',
  TST003: 'is a run in the sandbox',
  TST004: 'is a run in the sandbox',
  SBX001: 'is a run in the sandbox',
  SCH001: 'compares two versions of a schema or a config',
  SCH002: 'compares two versions of a schema or a config',
  SCH003: 'compares two versions of a schema or a config',
  SCH004: 'compares two versions of a schema or a config',
  SCH005: 'compares two versions of a schema or a config',
  SCH006: 'compares two versions of a schema or a config',
  SCH007: 'compares two versions of a schema or a config',
};

describe('the catalogue of rules', () => {
  it('has an example of every rule that one config can show', () => {
    const missing = Object.keys(RULES).filter((rule) => !rules.includes(rule) && !Object.hasOwn(LATER, rule));
    expect(missing).toEqual([]);
  });

  it('excuses no rule that has an example', () => {
    expect(Object.keys(LATER).filter((rule) => rules.includes(rule))).toEqual([]);
  });

  it('has no example of an unknown rule', () => {
    expect(rules.filter((rule) => !Object.hasOwn(RULES, rule))).toEqual([]);
  });
});
