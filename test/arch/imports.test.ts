import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A wrong import each: file, what it imports, and the rule that must refuse it. */
const SEEDS: [file: string, imports: string, rule: string][] = [
  ['src/domain/seed-a.ts', '../intake/target.js', 'domain-is-the-floor'],
  ['src/intake/seed-b.ts', '../approve/target.js', 'features-never-meet'],
  ['src/approve/seed-c.ts', '../../adapters/redis/target.js', 'features-stay-inside'],
  ['tools/diagnose/seed-d.ts', '../../adapters/git/read.js', 'tools-import-domain'],
  ['src/roles/seed-e.ts', '../../tools/diagnose/target.js', 'only-the-registry-opens-tools'],
  ['queues/seed-f.ts', '../tools/registry.js', 'only-roles-open-the-registry'],
  ['adapters/git/seed-g.ts', '../redis/target.js', 'adapters-never-meet'],
  ['queues/seed-h.ts', '../adapters/redis/target.js', 'queues-import-features'],
  ['src/intake/seed-i.ts', '../roles/target.js', 'nobody-imports-roles'],
  ['src/intake/seed-j.ts', '../config.js', 'only-roles-read-config'],
  ['src/roles/investigator.ts', '../../adapters/git/write.js', 'writers-belong-to-the-repairer'],
  ['src/roles/repairer.ts', '../investigate/target.js', 'the-repairer-has-no-model'],
  ['src/roles/web.ts', '../../adapters/git/read.js', 'the-web-role-has-no-platform'],
  ['src/approve/seed-k.ts', '../../fixtures/platform/target.js', 'production-never-imports-tests'],
  ['src/approve/seed-l.ts', 'bullmq', 'one-home-bullmq'],
  ['src/approve/seed-m.ts', 'ioredis', 'one-home-ioredis'],
  ['src/approve/seed-n.ts', 'langchain', 'one-home-langchain'],
  ['src/deliver/seed-q.ts', '../approve/target.js', 'features-never-meet'],
  ['src/deliver/seed-r.ts', '../../adapters/redis/target.js', 'features-stay-inside'],
  ['src/approve/seed-s.ts', '@slack/web-api', 'one-home-slack'],
  ['adapters/web/seed-t.ts', '@slack/bolt', 'one-home-slack'],
  ['adapters/slack/seed-u.ts', 'ws', 'one-home-ws'],
  ['src/roles/sealer.ts', '../deliver/target.js', 'only-the-web-role-has-chats'],
  ['src/evaluate/seed-v.ts', '@modelcontextprotocol/sdk/server/index.js', 'one-home-mcp'],
  ['examples/seed-w.ts', '../src/config.js', 'examples-know-nothing-of-us'],
  ['src/evaluate/seed-x.ts', '../../examples/target.js', 'production-never-imports-tests'],
  ['src/pipelines/seed-y.ts', '@duckdb/node-api', 'one-home-duckdb'],
  ['src/views/seed-o.ts', './seed-p.js', 'no-cycles'],
];

const TARGETS = [
  'src/intake/target.ts',
  'src/approve/target.ts',
  'src/investigate/target.ts',
  'src/deliver/target.ts',
  'src/roles/target.ts',
  'src/config.ts',
  'adapters/redis/target.ts',
  'adapters/git/read.ts',
  'adapters/git/write.ts',
  'tools/diagnose/target.ts',
  'tools/registry.ts',
  'fixtures/platform/target.ts',
  'examples/target.ts',
];

interface Violation {
  from: string;
  rule: { name: string };
}

let house: string;
let violations: Violation[];

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'house-'));
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(house, name));
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  };
  write('src/views/seed-p.ts', "import * as seeded from './seed-o.js';\nexport const seed = seeded;\n");
  for (const target of TARGETS) write(target, 'export const target = 1;\n');
  for (const [file, imports] of SEEDS)
    write(file, `import * as seeded from '${imports}';\nexport const seed = seeded;\n`);
  violations = cruise(house);
}, 60_000);

afterAll(() => rmSync(house, { recursive: true, force: true }));

function cruise(folder: string): Violation[] {
  const args = [
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'json',
    'src',
    'adapters',
    'tools',
    'queues',
    'fixtures',
    'examples',
  ];
  try {
    return parse(
      execFileSync(join(root, 'node_modules/.bin/depcruise'), args, {
        cwd: folder,
        maxBuffer: 64e6,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch (error) {
    return parse((error as { stdout: Buffer }).stdout);
  }
}

function parse(output: Buffer): Violation[] {
  return (JSON.parse(output.toString()) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('a seeded wrong import is refused', () => {
  it.each(SEEDS)('%s importing %s breaks %s', (file, _imports, rule) => {
    expect(violations.filter((violation) => violation.from === file).map((violation) => violation.rule.name)).toContain(
      rule,
    );
  });
});
