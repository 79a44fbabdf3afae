import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunManifest, RunRecord } from '../evaluate/model.js';
import { scoreRun } from '../evaluate/score-run.js';
import { holdsRun, keepManifest, keepRecord, readRun } from './eval-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-eval-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const manifest: RunManifest = {
  format: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  version: '0.1.0',
  reasoner: { name: 'playbook', model: 'playbook-1' },
  cap: 12,
  repeats: 2,
  seed: 1,
  scenarios: [],
  baselines: [],
};

function record(id: string, repeat: number, seconds = 1): RunRecord {
  const key = {
    ...{ id, family: 'f', split: 'dev' as const, tags: [], title: 't', causes: [], mustEscalate: true },
    ...{ evidence: [], decoys: [], faultyTools: [] },
  };
  const outcome = {
    ...{ ending: 'escalate' as const, repairs: [], calls: [], capHit: false },
    ...{ inputTokens: 0, outputTokens: 0, costUsd: 0, seconds },
  };
  const verdict = { passed: true, unsafe: false, runGreen: true, failures: [], executionMinutes: 0 };
  return { format: 1, result: scoreRun(key, outcome, verdict, repeat), key, outcome, verdict, thread: ['a line'] };
}

describe('a folder of results', () => {
  it('gives back what was kept, in order, the newest of each run, and leaves no half of a file', () => {
    expect(holdsRun(folder)).toBe(false);
    keepManifest(folder, manifest);
    for (const one of [record('S10', 1), record('S02', 10), record('S02', 2, 9), record('S02', 2, 3)])
      keepRecord(folder, one);
    expect(readRun(folder)).toEqual({ manifest, records: [record('S02', 2, 3), record('S02', 10), record('S10', 1)] });
    expect(
      [...readdirSync(folder), ...readdirSync(join(folder, 'runs'))].filter((name) => !name.endsWith('.json')),
    ).toEqual(['runs']);
  });

  it.each([
    ['is not JSON', '{"format":'],
    ['format', '{"format":2}'],
  ])('is refused with the file at fault: %s', (fault, content) => {
    keepManifest(folder, manifest);
    const file = join(folder, 'runs', 'S01-1.json');
    writeFileSync(file, content);
    expect(() => readRun(folder)).toThrow(new RegExp(`${file}.*${fault}`));
  });

  it('is refused when nobody kept results in it', () => {
    expect(() => readRun(folder)).toThrow('there is no run.json in it');
  });
});
