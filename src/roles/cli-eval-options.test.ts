import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileOfKept, keptName, readEvalOptions, scenarioFiles } from './cli-eval-options.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-eval-options-'));
  mkdirSync(join(folder, 'more'));
  for (const name of ['s10.yaml', 's11.yml', 'notes.md', 'more/s12.yaml']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (...names: string[]): string[] => names.map((name) => join(folder, name));

describe('the scenarios that are chosen', () => {
  it.each([
    ['a folder, without those below it', [''], ['s10.yaml', 's11.yml']],
    ['a file', ['s11.yml'], ['s11.yml']],
    ['a glob', ['**/*.yaml'], ['more/s12.yaml', 's10.yaml']],
    ['several of them, each file once', ['more', 's10.yaml', '*.yaml'], ['more/s12.yaml', 's10.yaml']],
  ])('are those of %s', async (_what, patterns, files) => {
    expect(await scenarioFiles(inFolder(...patterns))).toEqual(inFolder(...files));
  });

  it.each([['absent.yaml'], ['absent'], ['*.json'], ['more/absent/**']])(
    'are refused where %s names nothing',
    async (name) => {
      await expect(scenarioFiles(inFolder('s10.yaml', name))).rejects.toMatchObject({
        kind: 'invalid_input',
        field: '--scenarios',
        safeText: expect.stringContaining(join(folder, name)),
      });
    },
  );

  it('are kept by their place in the package, or by their full path', () => {
    const shipped = fileOfKept('fixtures/scenarios/s01.yaml');
    expect(keptName(shipped)).toBe('fixtures/scenarios/s01.yaml');
    const [own = ''] = inFolder('s10.yaml');
    expect(fileOfKept(keptName(own))).toBe(own);
  });
});

describe('the options of eval', () => {
  it('leave open what was not given', () => {
    const read = readEvalOptions({ split: 'all' });
    expect(read).toMatchObject({ split: 'all', repeat: undefined, cap: undefined, seed: undefined, json: false });
    expect(read.concurrency).toBeGreaterThanOrEqual(2);
  });

  it('are read as numbers', () => {
    expect(
      readEvalOptions({ split: 'dev', repeat: '5', cap: '24', seed: '0', concurrency: '3', budget: '0.5' }),
    ).toMatchObject({ repeat: 5, cap: 24, seed: 0, concurrency: 3, budgetUsd: 0.5 });
  });

  it.each([
    ['repeat', '0'],
    ['repeat', '1.5'],
    ['cap', '25'],
    ['cap', 'x'],
    ['seed', '-1'],
    ['concurrency', '0'],
    ['budget', '-1'],
    ['budget', ''],
  ])('are refused by name: --%s %s', (name, value) => {
    expect(() => readEvalOptions({ split: 'all', [name]: value })).toThrow(`--${name} takes`);
  });
});
