import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGitReader } from './read.js';
import { createGitWriter } from './write.js';

// Dozens of git processes a test: slow on a busy machine, never stuck.
vi.setConfig({ testTimeout: 30_000 });

let root: string;
let remote: string;
let work: string;
let now = 0;

const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
function sh(cwd: string, args: string[], more: Record<string, string> = {}): string {
  return execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...more },
  });
}
/** A person's commit in a clone of their own, pushed to the remote. */
async function commit(
  files: Record<string, string>,
  summary: string,
  at = '2026-10-01T00:00:00Z',
  author = 'ana',
): Promise<string> {
  const who = {
    GIT_AUTHOR_NAME: author,
    GIT_AUTHOR_EMAIL: 'a@x',
    GIT_COMMITTER_NAME: author,
    GIT_COMMITTER_EMAIL: 'a@x',
    GIT_AUTHOR_DATE: at,
    GIT_COMMITTER_DATE: at,
  };
  if (existsSync(join(remote, 'refs/heads/main'))) {
    sh(work, ['fetch', '--quiet', 'origin', 'main']);
    sh(work, ['merge', '--quiet', '--ff-only', 'FETCH_HEAD'], who);
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), content);
  }
  sh(work, ['add', '-A']);
  sh(work, ['commit', '--quiet', '-m', summary], who);
  sh(work, ['push', '--quiet', 'origin', 'HEAD:main']);
  return sh(work, ['rev-parse', 'HEAD']).trim();
}
const onMain = (path: string): string => sh(remote, ['show', `main:${path}`]);
const reader = (repository = remote) => createGitReader({ repository, cache: join(root, 'cache-r'), now: () => now });
const writer = (repository = remote) =>
  createGitWriter({ repository, cache: join(root, 'cache-w'), identity: { name: 'Countersign', email: 'bot@x' } });

beforeEach(async () => {
  now = 1_000_000;
  root = await mkdtemp(join(tmpdir(), 'git-'));
  remote = join(root, 'remote.git');
  work = join(root, 'work');
  sh(root, ['init', '--quiet', '--bare', '--initial-branch=main', remote]);
  sh(root, ['init', '--quiet', '--initial-branch=main', work]);
  sh(work, ['remote', 'add', 'origin', remote]);
  await commit(
    { 'jobs/t.py': 'one\ntwo\nthree\n', 'conf/app.yaml': 'memory: 2\ncores: 1\n' },
    'first',
    '2026-09-01T10:00:00Z',
  );
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('createGitReader', () => {
  it('blames by file, range and text', async () => {
    const sha = await commit({ 'jobs/t.py': 'one\ntwo changed\nthree\n' }, 'change two', '2026-10-02T03:04:05Z', 'ben');
    const all = await reader().blame('jobs/t.py', undefined);
    expect(all?.map(({ line, author, text }) => [line, author, text])).toEqual([
      [1, 'ana', 'one'],
      [2, 'ben', 'two changed'],
      [3, 'ana', 'three'],
    ]);
    expect(await reader().blame('jobs/t.py', { text: 'changed' })).toEqual([
      {
        line: 2,
        sha,
        author: 'ben',
        email: 'a@x',
        at: '2026-10-02T03:04:05.000Z',
        summary: 'change two',
        text: 'two changed',
      },
    ]);
    expect(await reader().blame('jobs/t.py', { range: [2, 99] })).toHaveLength(2);
    expect(await reader().blame('jobs/t.py', { range: [50, 99] })).toEqual([]);
    expect(await reader().blame('jobs/t.py', { text: 'nowhere' })).toEqual([]);
    expect(await reader().blame('jobs/none.py', undefined)).toBeUndefined();
    expect(await reader().blame('jobs', undefined)).toBeUndefined();
  });

  it('logs commits with their files, by file and since', async () => {
    const sha = await commit({ 'conf/app.yaml': 'memory: 1\n' }, 'shrink', '2026-11-02T00:00:00Z');
    const log = await reader().log({ limit: 10 });
    expect(log[0]).toEqual({
      sha,
      author: 'ana',
      email: 'a@x',
      at: '2026-11-02T00:00:00.000Z',
      summary: 'shrink',
      files: ['conf/app.yaml'],
    });
    expect(log[1]?.files).toEqual(['conf/app.yaml', 'jobs/t.py']);
    expect(await reader().log({ limit: 10, file: 'jobs/t.py' })).toHaveLength(1);
    expect(await reader().log({ limit: 1 })).toHaveLength(1);
    expect(await reader().log({ limit: 10, since: new Date('2026-10-15T00:00:00Z') })).toHaveLength(1);
    expect(await reader().log({ limit: 10, file: 'no/such' })).toEqual([]);
  });

  it('names the files of a merge against its first parent', async () => {
    sh(work, ['checkout', '--quiet', '-b', 'side']);
    await writeFile(join(work, 'side.txt'), 'x');
    const who = { GIT_AUTHOR_NAME: 'b', GIT_AUTHOR_EMAIL: 'b@x', GIT_COMMITTER_NAME: 'b', GIT_COMMITTER_EMAIL: 'b@x' };
    sh(work, ['add', '-A']);
    sh(work, ['commit', '--quiet', '-m', 'side'], who);
    sh(work, ['checkout', '--quiet', 'main']);
    sh(work, ['merge', '--quiet', '--no-ff', '-m', 'merge side', 'side'], who);
    sh(work, ['push', '--quiet', 'origin', 'main']);
    expect((await reader().log({ limit: 1 }))[0]).toMatchObject({ summary: 'merge side', files: ['side.txt'] });
  });

  it('is not fooled by a subject or an author that imitates a record', async () => {
    await commit({ 'x.txt': '1' }, `deadbeef%n%H ${'0'.repeat(40)}`, undefined, 'eve\u001e\u001f');
    const log = await reader().log({ limit: 5 });
    expect(log).toHaveLength(2);
    expect(log[0]?.files).toEqual(['x.txt']);
  });

  it('shows diffs, bounded, and files at a commit', async () => {
    const first = (await reader().log({ limit: 1 }))[0]?.sha ?? '';
    const sha = await commit(
      { 'conf/app.yaml': `memory: 1\n${'x\n'.repeat(5000)}`, 'jobs/t.py': 'gone\n' },
      'two files',
    );
    now += 3000;
    expect(await reader().diff(sha, 'jobs/t.py', 10_000)).toContain('+gone');
    expect(await reader().diff(sha, 'jobs/t.py', 10_000)).not.toContain('app.yaml');
    const cut = await reader().diff(sha, undefined, 500);
    expect(cut.length).toBeLessThan(600);
    expect(cut).toContain('[diff cut at 500 bytes]');
    const one = reader();
    expect(await one.file('jobs/t.py')).toBe('gone\n');
    expect(await one.file('jobs/t.py', first)).toBe('one\ntwo\nthree\n');
    expect(await one.file('jobs/t.py', `${sha}^`)).toBe('one\ntwo\nthree\n');
    expect(await one.file('nothing.txt')).toBeUndefined();
    expect(await one.files()).toEqual(['conf/app.yaml', 'jobs/t.py']);
    await expect(one.diff('f'.repeat(40), undefined, 100)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(one.file('jobs/t.py', 'f'.repeat(40))).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('fetches at most every two seconds', async () => {
    const one = reader();
    expect(await one.log({ limit: 10 })).toHaveLength(1);
    await commit({ 'x.txt': '1' }, 'second');
    now += 1000;
    expect(await one.log({ limit: 10 })).toHaveLength(1);
    now += 1500;
    expect(await one.log({ limit: 10 })).toHaveLength(2);
  });

  it('finds a commit by name although it is newer than the last fetch', async () => {
    const one = reader();
    await one.files();
    const sha = await commit({ 'x.txt': '1\n' }, 'second');
    expect(await one.file('x.txt', sha)).toBe('1\n');
    const third = await commit({ 'x.txt': '2\n' }, 'third');
    expect(await one.diff(third, undefined, 1000)).toContain('+2');
  });

  it('shares one clone among calls made together', async () => {
    const one = reader();
    const logs = await Promise.all(Array.from({ length: 6 }, () => one.log({ limit: 10 })));
    expect(logs.every((log) => log.length === 1)).toBe(true);
    expect(await readdir(join(root, 'cache-r'))).toHaveLength(1);
  });

  it('refuses paths and revisions that git could take for something else', async () => {
    const one = reader();
    for (const path of ['-x', '../out', '/etc/passwd', 'a//b', ':(glob)**', '.git/config', 'a\nb', '']) {
      const calls = [() => one.blame(path, undefined), () => one.log({ file: path, limit: 1 }), () => one.file(path)];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ kind: 'invalid_input' });
      }
    }
    for (const revision of ['--output=/tmp/x', '-n1', 'main', 'HEAD', 'abc..def', 'abcdefg:conf', '@{u}']) {
      await expect(one.diff(revision, undefined, 100)).rejects.toMatchObject({ kind: 'invalid_input' });
      await expect(one.file('jobs/t.py', revision)).rejects.toMatchObject({ kind: 'invalid_input' });
    }
    expect(existsSync(join(root, 'cache-r'))).toBe(false);
  });

  it('takes a star in a path for a star', async () => {
    expect(await reader().log({ file: 'jobs/*', limit: 5 })).toEqual([]);
  });

  it('never runs a remote helper, and hides the address of a remote that is away', async () => {
    const marker = join(root, 'ran');
    expect(() => reader(`ext::touch ${marker}`)).toThrow('can not be used');
    expect(() => reader('--upload-pack=touch')).toThrow('can not be used');
    const error = await reader(join(root, 'secret-place.git'))
      .files()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: 'unavailable' });
    expect(`${error.safeText}${JSON.stringify(error.cause ?? '')}`).not.toContain('secret-place');
    expect(existsSync(marker)).toBe(false);
  });

  it('recovers once the remote is there', async () => {
    const late = join(root, 'late.git');
    const one = reader(late);
    await expect(one.files()).rejects.toMatchObject({ kind: 'unavailable' });
    sh(root, ['clone', '--quiet', '--bare', remote, late]);
    expect(await one.files()).toHaveLength(2);
  });

  it('refuses a shallow remote: its blame would be false', async () => {
    await commit({ 'x.txt': '1' }, 'second');
    const shallow = join(root, 'shallow.git');
    sh(root, ['clone', '--quiet', '--bare', '--depth=1', `file://${remote}`, shallow]);
    await expect(reader(shallow).blame('jobs/t.py', undefined)).rejects.toMatchObject({ kind: 'misconfigured' });
  });
});

describe('createGitWriter', () => {
  const change = (key: string, content = 'memory: 4\ncores: 1\n') => ({
    message: 'config(app): memory back to 4\n\nIncident INC-1',
    key,
    files: [{ path: 'conf/app.yaml', content }],
  });

  it('commits on top of the remote with the key as trailer, by its own identity', async () => {
    const other = await commit({ 'x.txt': '1' }, 'unrelated');
    const { sha } = await writer().commit(change('dec-1:0'));
    expect(onMain('conf/app.yaml')).toBe('memory: 4\ncores: 1\n');
    expect(onMain('jobs/t.py')).toBe('one\ntwo\nthree\n');
    expect(sh(remote, ['log', '-1', '--format=%H %P %an <%ae>%n%B', 'main']).trim()).toBe(
      `${sha} ${other} Countersign <bot@x>\nconfig(app): memory back to 4\n\nIncident INC-1\n\nCountersign-Key: dec-1:0`,
    );
    expect(sh(remote, ['for-each-ref', '--format=%(refname)']).trim()).toBe('refs/heads/main');
  });

  it('finds its commit by the exact key, also from a new process, and does not commit a key twice', async () => {
    const { sha } = await writer().commit(change('dec-1:12'));
    expect(await writer().findByKey('dec-1:12')).toBe(sha);
    expect(await writer().findByKey('dec-1:1')).toBeUndefined();
    expect(await writer().commit(change('dec-1:12'))).toEqual({ sha });
    expect(sh(remote, ['rev-list', '--count', 'main']).trim()).toBe('2');
  });

  it('does not take a key in a message for a trailer', async () => {
    const message = 'note\n\nCountersign-Key: dec-9:0';
    await writer().commit({ ...change('dec-1:0'), message });
    expect(await writer().findByKey('dec-9:0')).toBeUndefined();
    await expect(writer().findByKey('x\nCountersign-Key: y')).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  /** A writer whose next push finds that the remote moved to a commit that changes `files`, after the fetch. */
  async function racing(files: Record<string, string>) {
    const loser = await commit(files, 'somebody was faster');
    sh(remote, ['update-ref', 'refs/heads/main', `${loser}^`]);
    const bin = join(root, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'pending'), '');
    const real = sh(root, ['--exec-path']).trim();
    const script = `#!/bin/sh
case " $* " in *" push "*) if rm "${bin}/pending" 2>/dev/null; then
  "${real}/git" --git-dir="${remote}" update-ref refs/heads/main ${loser}; fi;; esac
exec "${real}/git" "$@"
`;
    await writeFile(join(bin, 'git'), script, { mode: 0o755 });
    const environment = { PATH: `${bin}:${env.PATH}` };
    const identity = { name: 'Countersign', email: 'bot@x' };
    return {
      loser,
      one: createGitWriter({ repository: remote, cache: join(root, 'cache-w'), identity, environment }),
    };
  }

  it('builds again on the new branch after losing a push race', async () => {
    const { one, loser } = await racing({ 'x.txt': '1' });
    const { sha } = await one.commit(change('k:1'));
    expect(existsSync(join(root, 'bin/pending'))).toBe(false);
    expect(sh(remote, ['log', '-1', '--format=%H %P', 'main']).trim()).toBe(`${sha} ${loser}`);
    expect(onMain('x.txt')).toBe('1');
    expect(onMain('conf/app.yaml')).toContain('memory: 4');
  });

  it('is a conflict when the race was for the same file', async () => {
    const { one, loser } = await racing({ 'conf/app.yaml': 'memory: 3\n' });
    await expect(one.commit(change('k:1'))).rejects.toMatchObject({ kind: 'conflict', retryable: false });
    expect(sh(remote, ['rev-parse', 'main']).trim()).toBe(loser);
  });

  it('is a conflict when a touched file changed since the base it was derived from', async () => {
    const base = sh(remote, ['rev-parse', 'main']).trim();
    await commit({ 'conf/app.yaml': 'memory: 3\n' }, 'hand edit');
    const late = writer().commit({ ...change('k:2', 'memory: 8\n'), base });
    await expect(late).rejects.toMatchObject({ kind: 'conflict', retryable: false });
    expect(onMain('conf/app.yaml')).toBe('memory: 3\n');
  });

  it('keeps an unrelated change that was made since the base', async () => {
    const base = sh(remote, ['rev-parse', 'main']).trim();
    await commit({ 'x.txt': '1' }, 'unrelated');
    await writer().commit({ ...change('k:3'), base });
    expect(onMain('x.txt')).toBe('1');
  });

  it('reverts one commit and leaves later ones', async () => {
    const bad = await commit({ 'conf/app.yaml': 'memory: 1\ncores: 1\n' }, 'shrink');
    await commit({ 'x.txt': '1' }, 'later');
    const { sha } = await writer().revert({ sha: bad, message: 'config(app): put memory back', key: 'k:4' });
    expect(onMain('conf/app.yaml')).toBe('memory: 2\ncores: 1\n');
    expect(onMain('x.txt')).toBe('1');
    expect(sh(remote, ['log', '-1', '--format=%B', 'main'])).toContain(
      `This reverts commit ${bad}.\n\nCountersign-Key: k:4`,
    );
    expect(await writer().findByKey('k:4')).toBe(sha);
    const clone = join(root, 'cache-w', (await readdir(join(root, 'cache-w')))[0] ?? '');
    expect(await readdir(join(clone, 'countersign-worktrees'))).toEqual([]);
  });

  it('does not revert what later commits changed, what is undone already, what is unknown', async () => {
    const bad = await commit({ 'conf/app.yaml': 'memory: 1\ncores: 1\n' }, 'shrink');
    await commit({ 'conf/app.yaml': 'memory: 3\ncores: 1\n' }, 'hand edit');
    const before = sh(remote, ['rev-parse', 'main']);
    const revert = (sha: string) => writer().revert({ sha, message: 'm', key: 'k:5' });
    await expect(revert(bad)).rejects.toMatchObject({ kind: 'conflict', retryable: false });
    await expect(revert('f'.repeat(40))).rejects.toMatchObject({ kind: 'not_found' });
    await expect(revert('-n')).rejects.toMatchObject({ kind: 'invalid_input' });
    expect(sh(remote, ['rev-parse', 'main'])).toBe(before);
    await commit({ 'conf/app.yaml': 'memory: 2\ncores: 1\n' }, 'put back by hand');
    await expect(revert(bad)).rejects.toMatchObject({ kind: expect.stringMatching(/precondition|conflict/) });
  });

  it('reverts a merge against its first parent', async () => {
    const who = { GIT_AUTHOR_NAME: 'b', GIT_AUTHOR_EMAIL: 'b@x', GIT_COMMITTER_NAME: 'b', GIT_COMMITTER_EMAIL: 'b@x' };
    sh(work, ['checkout', '--quiet', '-b', 'side']);
    await writeFile(join(work, 'conf/app.yaml'), 'memory: 1\ncores: 1\n');
    sh(work, ['commit', '--quiet', '-am', 'side'], who);
    sh(work, ['checkout', '--quiet', 'main']);
    sh(work, ['merge', '--quiet', '--no-ff', '-m', 'merge', 'side'], who);
    sh(work, ['push', '--quiet', 'origin', 'main']);
    await writer().revert({ sha: sh(work, ['rev-parse', 'HEAD']).trim(), message: 'm', key: 'k:6' });
    expect(onMain('conf/app.yaml')).toBe('memory: 2\ncores: 1\n');
  });

  it('refuses a change that changes nothing, and anything but a regular file', async () => {
    await expect(writer().commit(change('k:7', 'memory: 2\ncores: 1\n'))).rejects.toMatchObject({
      kind: 'precondition',
    });
    await symlink('/etc', join(work, 'link'));
    await commit({}, 'a link out of the repository');
    const through = writer().commit({ message: 'm', key: 'k:8', files: [{ path: 'link/passwd', content: 'x' }] });
    await expect(through).rejects.toBeDefined();
    const onto = writer().commit({ message: 'm', key: 'k:9', files: [{ path: 'link', content: 'x' }] });
    await expect(onto).rejects.toMatchObject({ kind: 'invalid_input' });
    await expect(
      writer().commit({ message: 'm', key: 'k:10', files: [{ path: '../x', content: 'x' }] }),
    ).rejects.toMatchObject({ kind: 'invalid_input' });
  });

  it('says forbidden when the remote refuses, and runs no hook of its own', async () => {
    await writeFile(join(remote, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const before = sh(remote, ['rev-parse', 'main']);
    await expect(writer().commit(change('k:11'))).rejects.toMatchObject({ kind: 'forbidden', retryable: false });
    expect(sh(remote, ['rev-parse', 'main'])).toBe(before);
    expect(await writer().findByKey('k:11')).toBeUndefined();
  });

  it('is found by its key when the answer of the push was lost', async () => {
    // Failed but done: the branch is updated, then the remote's side dies before it answers.
    await writeFile(join(remote, 'hooks/post-receive'), '#!/bin/sh\nkill -9 $PPID\n', { mode: 0o755 });
    const outcome = await writer()
      .commit(change('k:12'))
      .catch((thrown) => thrown);
    await rm(join(remote, 'hooks/post-receive'));
    expect(onMain('conf/app.yaml')).toBe('memory: 4\ncores: 1\n');
    if (!('sha' in outcome)) expect(outcome).toMatchObject({ kind: 'timeout', retryable: true });
    expect(await writer().findByKey('k:12')).toBe(sh(remote, ['rev-parse', 'main']).trim());
  });
});
