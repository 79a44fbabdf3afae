import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles } from './cli-check.js';
import type { Output } from './cli-output.js';

const RULES = 'fixtures/pipelines/rules';
const CATALOG = join(RULES, 'catalog.yaml');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-check-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function captured(): Output & { lines: string[]; errors: string[]; values: unknown[] } {
  const [lines, errors, values]: [string[], string[], unknown[]] = [[], [], []];
  return {
    ...{ lines, errors, values },
    line: (text = '') => void lines.push(text),
    json: (value) => void values.push(value),
    error: (text) => void errors.push(text),
  };
}

describe('countersign check', () => {
  it('prints a fault with its place and ends with 1', async () => {
    const output = captured();
    const file = join(RULES, 'SQL001', 'fires.yaml');
    expect(await checkFiles(output, file, { catalog: CATALOG })).toBe(1);
    expect(output.lines[0]).toBe(`${file}:22:22 SQL001 error column 'amout' does not exist (did you mean 'amount'?)`);
    expect(output.lines.at(-1)).toMatch(/^0 of 1 sound; 1 error; \d+ ms$/);
  });

  it('ends with 0 where every config of a folder is sound', async () => {
    copyFileSync(join(RULES, 'SQL001', 'silent.yaml'), join(folder, 'one.yaml'));
    copyFileSync(CATALOG, join(folder, 'catalog.yaml'));
    const output = captured();
    expect(await checkFiles(output, folder, { catalog: join(folder, 'catalog.yaml') })).toBe(0);
    expect(output.lines).toEqual([expect.stringMatching(/^1 of 1 sound; no findings; \d+ ms$/)]);
  });

  it('looks at each config of a folder beside the others', async () => {
    for (const name of ['one', 'two']) copyFileSync(join(RULES, 'SQL001', 'silent.yaml'), join(folder, `${name}.yaml`));
    const output = captured();
    expect(await checkFiles(output, folder, { catalog: CATALOG })).toBe(1);
    expect(output.lines.join('\n')).toMatch(/SNK006|CFG004/);
  });

  it('says without a catalogue that queries were not looked at', async () => {
    const output = captured();
    expect(await checkFiles(output, join(RULES, 'SQL001', 'silent.yaml'), {})).toBe(1);
    expect(output.lines.join('\n')).toContain('L2 in part');
    expect(output.lines.at(-1)).toContain('No --catalog');
  });

  it('gives programs the same keys for every finding', async () => {
    const output = captured();
    await checkFiles(output, join(RULES, 'SQL001', 'fires.yaml'), { catalog: CATALOG, json: true });
    const [{ files, summary }] = output.values as [{ files: Record<string, unknown>[]; summary: unknown }];
    expect(summary).toEqual({ files: 1, sound: 0, severities: { error: 1 } });
    expect(Object.keys(files[0] ?? {})).toEqual(['file', 'pipeline', 'sound', 'findings', 'layers']);
    expect((files[0]?.['findings'] as unknown[] | undefined)?.[0]).toEqual({
      ...{ rule: 'SQL001', severity: 'error', path: 'transformers.0.sql' },
      ...{ line: 22, column: 22, endLine: 22, endColumn: 27 },
      message: "column 'amout' does not exist",
      suggestion: "did you mean 'amount'?",
    });
  });

  it('refuses a catalogue with a fault, and names it', async () => {
    const file = join(folder, 'catalog.yaml');
    writeFileSync(file, 'connections: []\ndatasets: []\nowner: me\n');
    const output = captured();
    expect(await checkFiles(output, join(RULES, 'SQL001', 'silent.yaml'), { catalog: file })).toBe(1);
    expect(output.errors.join('\n')).toContain(`${file}:3:1 CFG001 error unknown key 'owner'`);
  });

  it.each(['nowhere.yaml', '.'])('calls a target without configs wrong usage: %s', async (name) => {
    await expect(checkFiles(captured(), join(folder, name), {})).rejects.toMatchObject({ kind: 'invalid_input' });
  });
});
