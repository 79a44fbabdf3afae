import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../adapters/sandbox/sandbox.js';
import type { Sandbox } from '../../src/domain/sandbox.js';
import { bindConfig } from '../../src/pipelines/bind-config.js';
import { readCatalog } from '../../src/pipelines/read-catalog.js';
import { sandboxCheck } from '../../src/pipelines/sandbox/sandbox-check.js';
import { readConfig } from '../../src/pipelines/structure.js';
import { compileSandboxProgram } from '../support/sandbox-program.js';

const FOLDER = 'fixtures/pipelines/portfolio';
const { catalog } = readCatalog(readFileSync('fixtures/pipelines/catalog.yaml', 'utf8'));

let compiled: ReturnType<typeof compileSandboxProgram>;
let sandbox: Sandbox;
beforeAll(() => {
  compiled = compileSandboxProgram();
  sandbox = createSandbox({ program: compiled.program });
});
afterAll(async () => {
  await sandbox.close();
  compiled.remove();
});

describe('the portfolio in the sandbox', () => {
  it.each(readdirSync(FOLDER).sort())('%s runs on generated rows, and nothing is wrong with it', async (name) => {
    const { read } = readConfig(readFileSync(join(FOLDER, name), 'utf8'));
    if (read === undefined || catalog === undefined) throw new Error('the fixtures can not be read');
    const report = await sandboxCheck(read, bindConfig(read, catalog), sandbox, { today: '2026-03-10' });
    const faults = report.findings.filter(({ severity }) => severity === 'error' || severity === 'block');
    expect(faults.map(({ rule, path, message }) => `${rule} ${path} ${message}`)).toEqual([]);
    expect(report.tests.filter(({ state }) => state === 'failed')).toEqual([]);
  });
});
