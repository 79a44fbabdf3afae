import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.js';
import { type ReadConfig, readConfig } from '../structure.js';
import { checkGraph } from './check-graph.js';
import { createLineage } from './lineage.js';
import { unreadableSchedule } from './schedules.js';

const RULES = 'fixtures/pipelines/rules';
const OURS = ['CFG004', 'DEP001', 'DEP002', 'DEP003', 'DEP004', 'DEP005', 'DEP006', 'DEP007', 'SNK006', 'SNK008'];
const now = Date.UTC(2026, 10, 24);

function read(file: string): ReadConfig {
  const { read: config, findings } = readConfig(readFileSync(file, 'utf8'));
  if (config === undefined) throw new Error(`${file}: ${JSON.stringify(findings)}`);
  return config;
}

/** A case is a folder: `changed.yaml` is judged, `before.yaml` is what it replaces, all others stand beside it. */
function judge(folder: string): Finding[] {
  const names = readdirSync(folder).map((file) => file.replace('.yaml', ''));
  const configs = new Map(names.map((name) => [name, read(`${folder}/${name}.yaml`)]));
  const changed = configs.get('changed');
  if (changed === undefined) throw new Error(`${folder}: no changed.yaml`);
  const others = [...configs].filter(([name]) => name !== 'changed').map(([, { config }]) => config);
  const lineage = createLineage(others);
  const known = lineage.names();
  const findings = checkGraph(changed, lineage, { now, replaces: configs.get('before')?.config.metadata.name });
  expect(lineage.names().sort()).toEqual(known.sort());
  return findings;
}

const cases = OURS.flatMap((rule) =>
  readdirSync(`${RULES}/${rule}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => [rule, entry.name] as const),
);

describe('a rule of the graph', () => {
  it('has a case that fires and one that does not', () => {
    for (const rule of OURS) {
      const names = cases.filter(([of]) => of === rule).map(([, name]) => name);
      expect(names.filter((name) => name.startsWith('fires')).length, rule).toBeGreaterThan(0);
      expect(names.filter((name) => name.startsWith('silent')).length, rule).toBeGreaterThan(0);
    }
  });

  it.each(cases.filter(([, name]) => name.startsWith('fires')))('%s %s, alone and with its place', (rule, name) => {
    const findings = judge(`${RULES}/${rule}/${name}`);
    expect([...new Set(findings.map((each) => each.rule))]).toEqual([rule]);
    for (const { place, path } of findings) {
      expect(place?.line).toBeGreaterThan(1);
      expect(path).not.toBe('');
    }
  });

  it.each(cases.filter(([, name]) => name.startsWith('silent')))('%s %s', (rule, name) => {
    expect(judge(`${RULES}/${rule}/${name}`)).toEqual([]);
  });

  it.each([
    [
      'DEP001/fires-by-path',
      "circular: first_part -> middle_part -> last_part -> first_part; 'middle_part' reads '/mnt/curated/first_part/txn_date=2026-01-01' of 'first_part' without saying so",
      undefined,
    ],
    ['DEP002/fires-misspelt', "there is no pipeline 'daily_txns' to depend on", "did you mean 'daily_txn'?"],
    [
      'DEP003/fires',
      "reads '/mnt/curated/daily_txn' of 'daily_txn' and does not depend on it",
      "add 'daily_txn' to dependsOn",
    ],
    [
      'DEP004/fires-still-running',
      "'txn_report' starts Tue 2026-11-24 04:30 UTC, and 'daily_txn' of Tue 2026-11-24 04:00 UTC has until Tue 2026-11-24 05:00 UTC",
      'next possible: cron "0 5 * * *"',
    ],
    [
      'DEP004/fires-two-upstreams',
      "'txn_report' starts Tue 2026-11-24 23:30 UTC, and 'late_txn' of Tue 2026-11-24 22:45 UTC has until Wed 2026-11-25 00:15 UTC",
      'next possible: cron "15 0 * * 2-6"',
    ],
    [
      'DEP004/fires-too-old',
      "'txn_report' starts Wed 2026-11-25 06:00 UTC, and the result of 'weekly_txn' is then 49 h old: more than 12 h",
      'next possible: cron "0 5 * * 1"',
    ],
    [
      'DEP004/fires-hourly',
      "'txn_report' starts Tue 2026-11-24 00:10 UTC, and 'hourly_txn' of Tue 2026-11-24 00:05 UTC has until Tue 2026-11-24 00:25 UTC",
      'next possible: cron "25 * * * *"',
    ],
    [
      'DEP006/fires-skipped-hour',
      '2027-03-28 02:30 does not exist in Europe/Berlin: the clocks go forward over it',
      'cron "30 3 * * *"',
    ],
    [
      'SNK006/fires-inside',
      "'daily_txn' of payments-data already writes to '/mnt/curated/daily_txn/copy' ('/mnt/curated/daily_txn')",
      undefined,
    ],
  ])('%s says what and what would be right', (folder, message, suggestion) => {
    expect(judge(`${RULES}/${folder}`)).toMatchObject([{ message, suggestion }]);
  });
});

describe('a schedule', () => {
  it.each(readdirSync(`${RULES}/CFG010`).filter((file) => file.endsWith('.yaml')))('%s', (file) => {
    const findings = unreadableSchedule(read(`${RULES}/CFG010/${file}`));
    expect(findings.map(({ rule }) => rule)).toEqual(file.startsWith('fires') ? ['CFG010'] : []);
  });
});
