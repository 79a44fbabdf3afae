import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDeltaReader } from '../../adapters/delta/read.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let platform: TestPlatform;
let work: string;
beforeAll(async () => {
  platform = await startPlatform('s04');
  work = mkdtempSync(join(tmpdir(), 'clone-'));
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await platform.stop();
});

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Countersign',
  GIT_AUTHOR_EMAIL: 'countersign@example.com',
  GIT_COMMITTER_NAME: 'Countersign',
  GIT_COMMITTER_EMAIL: 'countersign@example.com',
};
/** Not synchronous: git over HTTP waits for the servers in this process. */
async function git(cwd: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', args, { cwd, env: ENVIRONMENT }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout),
    );
  });
}

describe('the repositories', () => {
  it('hold real commits with the authors and dates of the world', () => {
    const path = platform.addresses.codeRepository;
    const log = execFileSync('git', ['-C', path, 'log', '--format=%an|%at|%s', 'main'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const expected = platform.engine
      .repository('code')
      .map((commit) => `${commit.author}|${Math.floor(commit.at / 1000)}|${commit.message.split('\n')[0]}`);
    expect([...log].reverse()).toEqual(expected);
    const config = platform.engine.inventory().configTargets[0];
    const file = execFileSync('git', ['-C', platform.addresses.configRepository, 'show', `main:${config?.file}`], {
      encoding: 'utf8',
    });
    expect(platform.engine.configChanges(config?.file ?? '', file)).toEqual([]);
  });

  it('are served over HTTP to tokens only; a reader clones and can not push', async () => {
    const { codeRepository, configRepository } = platform.credentials.read;
    const bare = configRepository.replace(/\/\/[^@]+@/, '//');
    await expect(git(work, 'clone', '--quiet', bare, 'anonymous')).rejects.toThrow(
      /could not read Username|Authentication/,
    );
    await git(work, 'clone', '--quiet', codeRepository, 'code');
    await git(work, 'clone', '--quiet', configRepository, 'reader');
    writeFileSync(join(work, 'reader', 'x.yaml'), 'a: 1\n');
    await git(join(work, 'reader'), 'add', '.');
    await git(join(work, 'reader'), 'commit', '--quiet', '-m', 'x');
    await expect(git(join(work, 'reader'), 'push', '--quiet', 'origin', 'main')).rejects.toThrow(/403/);
    await expect(
      git(join(work, 'code'), 'push', '--quiet', platform.credentials.write.codeRepository, 'HEAD:main'),
    ).rejects.toThrow(/403/);
  });

  it('put a pushed setting into effect before the push returns, and refuse rewritten history', async () => {
    const path = 'usage_rollup.executor_memory_gi';
    const target = platform.engine.inventory().configTargets.find((item) => item.path === path);
    await git(work, 'clone', '--quiet', platform.credentials.write.configRepository, 'writer');
    const file = join(work, 'writer', target?.file ?? '');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/executor_memory_gi: \S+/, 'executor_memory_gi: 14'));
    await git(join(work, 'writer'), 'commit', '--quiet', '-am', 'Raise memory');
    await git(join(work, 'writer'), 'push', '--quiet', 'origin', 'HEAD:main');
    expect(platform.engine.world().config[path]?.value).toBe(14);
    expect(platform.engine.world().config[path]?.commit).toBe(
      (await git(join(work, 'writer'), 'rev-parse', 'HEAD')).trim(),
    );
    await git(join(work, 'writer'), 'reset', '--quiet', '--hard', 'HEAD~1');
    await expect(git(join(work, 'writer'), 'push', '--quiet', '--force', 'origin', 'HEAD:main')).rejects.toThrow();
    expect(platform.engine.world().config[path]?.value).toBe(14);
  });

  it('take a push to the folder as well, and change nothing for a file that can not be read', async () => {
    const path = 'usage_rollup.image';
    const target = platform.engine.inventory().configTargets.find((item) => item.path === path);
    await git(work, 'clone', '--quiet', platform.addresses.configRepository, 'folder');
    const file = join(work, 'folder', target?.file ?? '');
    const content = readFileSync(file, 'utf8');
    writeFileSync(file, `${content}: [broken`);
    await git(join(work, 'folder'), 'commit', '--quiet', '-am', 'Break it');
    await git(join(work, 'folder'), 'push', '--quiet', 'origin', 'HEAD:main');
    const before = platform.engine.world().config[path]?.value;
    platform.sync();
    expect(platform.engine.world().config[path]?.value).toBe(before);
    writeFileSync(file, content.replace(/image: \S+/, 'image: spark-runtime:9'));
    await git(join(work, 'folder'), 'commit', '--quiet', '-am', 'Mend it');
    await git(join(work, 'folder'), 'push', '--quiet', 'origin', 'HEAD:main');
    platform.sync();
    expect(platform.engine.world().config[path]?.value).toBe('spark-runtime:9');
  });
});

describe('the table logs', () => {
  const folder = (table: string): string => join(platform.addresses.deltaRoot, ...table.split('.'), '_delta_log');
  const actionsOf = (table: string, version: number): Record<string, never>[] =>
    readFileSync(join(folder(table), `${String(version).padStart(20, '0')}.json`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('begin with protocol and metaData, one action a line, and carry the time of the commit', () => {
    for (const table of Object.keys(platform.engine.world().delta)) {
      const commits = platform.engine.tableCommits(table);
      const files = readdirSync(folder(table)).sort();
      expect(files).toEqual(commits.map((commit) => `${String(commit.version).padStart(20, '0')}.json`));
      expect(actionsOf(table, 0).flatMap((action) => Object.keys(action))).toEqual(
        expect.arrayContaining(['commitInfo', 'protocol', 'metaData']),
      );
      const last = commits.at(-1);
      expect(Math.round(statSync(join(folder(table), files.at(-1) ?? '')).mtimeMs)).toBe(last?.at);
    }
  });

  it('add up to the rows and files of the world, as the production reader reads them', async () => {
    const reader = createDeltaReader({
      store: createObjectStore(platform.addresses.deltaRoot, { purpose: 'Delta lake' }),
    });
    for (const [name, state] of Object.entries(platform.engine.world().delta)) {
      const table = await reader.table(name, 100);
      expect({ name, rows: table?.rows, files: table?.files, version: table?.version }).toEqual({
        name,
        rows: state.rows,
        files: state.files,
        version: state.version,
      });
      expect(table?.columns.map((column) => column.name)).toEqual(Object.keys(state.columns));
      expect(table?.historyComplete).toBe(true);
      expect(table?.commits.map((commit) => commit.operation).reverse()).toEqual(
        platform.engine.tableCommits(name).map((commit) => commit.operation),
      );
    }
  });

  it('show a change of schema, property and feature as soon as the engine made it', async () => {
    const table = 'bronze.usage_events';
    const { engine } = platform;
    engine.alterTable({ table, op: 'add_column', arg: { name: 'region', type: 'string' } });
    engine.alterTable({ table, op: 'set_property', arg: { key: 'delta.enableDeletionVectors', value: 'true' } });
    engine.alterTable({ table, op: 'add_feature', arg: { feature: 'deletionVectors' } });
    engine.alterTable({ table, op: 'drop_feature', arg: { feature: 'deletionVectors' } });
    platform.sync();
    const read = await createDeltaReader({
      store: createObjectStore(platform.addresses.deltaRoot, { purpose: 'Delta lake' }),
    }).table(table, 4);
    const [dropped, feature, property, added] = read?.commits ?? [];
    expect(added?.columnsAfter?.map((column) => column.name)).toContain('region');
    expect(property?.propertiesChanged).toEqual({ 'delta.enableDeletionVectors': { from: undefined, to: 'true' } });
    expect(feature).toMatchObject({ featuresAdded: ['deletionVectors'] });
    expect(feature?.featuresRemoved).toBeUndefined();
    expect(dropped).toMatchObject({ featuresRemoved: ['deletionVectors'] });
    expect(read?.rows).toBe(engine.world().delta[table]?.rows);
  });
});
