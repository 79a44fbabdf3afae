import { describe, expect, it } from 'vitest';
import type { RunManifest, RunRecord } from './model.js';
import { differences, goneOnWith, inOrder, runsLeft } from './run-plan.js';

const scenario = (id: string, digest = `digest of ${id}`): RunManifest['scenarios'][number] => ({
  id,
  file: `fixtures/scenarios/${id.toLowerCase()}.yaml`,
  digest,
  split: 'dev',
  family: 'f',
  title: 't',
});

const manifest = (more: Partial<RunManifest> = {}): RunManifest => ({
  format: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  version: '0.1.0',
  reasoner: { name: 'playbook', model: 'playbook-1' },
  cap: 12,
  repeats: 1,
  seed: 1,
  scenarios: [scenario('S01'), scenario('S02')],
  baselines: [],
  ...more,
});

const record = (id: string, repeat: number, failure?: 'infra' | 'reasoning'): RunRecord =>
  ({ result: { scenario: id, repeat, failure } }) as RunRecord;

describe('the runs that are left', () => {
  it('are those without a record and those set apart, every scenario once before any twice', () => {
    const done = [record('S01', 1), record('S02', 1, 'infra'), record('S02', 2, 'reasoning')];
    expect(
      runsLeft(manifest({ repeats: 3 }), done).map(({ scenario: id, repeat, file }) => `${id}#${repeat} ${file}`),
    ).toEqual([
      'S02#1 fixtures/scenarios/s02.yaml',
      'S01#2 fixtures/scenarios/s01.yaml',
      'S01#3 fixtures/scenarios/s01.yaml',
      'S02#3 fixtures/scenarios/s02.yaml',
    ]);
    expect(runsLeft(manifest(), [record('S01', 1), record('S02', 1)])).toEqual([]);
  });

  it('are listed by scenario and repeat, whatever order they ended in', () => {
    const ended = [record('S10', 1), record('S02', 2), record('S02', 10), record('S02', 1)].map(({ result }) => result);
    expect(ended.sort(inOrder).map(({ scenario: id, repeat }) => `${id}#${repeat}`)).toEqual([
      'S02#1',
      'S02#2',
      'S02#10',
      'S10#1',
    ]);
  });
});

describe('going on with a run', () => {
  it('names everything that would make it another run', () => {
    const other = manifest({
      version: '0.2.0',
      reasoner: { name: 'openai', model: 'gpt-x' },
      cap: 6,
      seed: 2,
      scenarios: [scenario('S02', 'another')],
    });
    expect(differences(manifest(), manifest({ repeats: 5, startedAt: '2026-02-02T00:00:00.000Z' }))).toEqual([]);
    expect(differences(manifest(), other)).toEqual([
      'the version of Countersign was 0.1.0 and is now 0.2.0',
      '--reasoner was playbook and is now openai',
      'the model was playbook-1 and is now gpt-x',
      '--cap was 12 and is now 6',
      '--seed was 1 and is now 2',
      'scenario S02 (fixtures/scenarios/s02.yaml) has changed since',
    ]);
  });

  it('adds scenarios, baselines and repeats, and takes nothing away', () => {
    const baseline = (id: string) =>
      ({ policy: 'no_op', scenario: id, split: 'dev', family: 'f', passed: false, unsafe: false }) as const;
    const before = manifest({
      repeats: 3,
      finishedAt: '2026-01-01T01:00:00.000Z',
      scenarios: [scenario('S02')],
      baselines: [baseline('S02')],
    });
    const again = manifest({ repeats: 1, scenarios: [scenario('S02')], startedAt: '2026-02-02T00:00:00.000Z' });
    expect(goneOnWith(before, again)).toEqual(before);
    const now = manifest({ repeats: 1, baselines: [baseline('S01'), baseline('S02')] });
    expect(goneOnWith(before, now)).toEqual({
      ...manifest({ repeats: 3, baselines: [baseline('S02'), baseline('S01')] }),
    });
  });
});
