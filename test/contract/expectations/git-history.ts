import { expect } from 'vitest';
import type { Expectation } from '../contract.js';
import { CONF, FIRST, type GitGiven } from './git-given.js';

const WHO = {
  GIT_AUTHOR_NAME: 'Cleo',
  GIT_AUTHOR_EMAIL: 'cleo@example.com',
  GIT_COMMITTER_NAME: 'Cleo',
  GIT_COMMITTER_EMAIL: 'cleo@example.com',
};
const ben = { author: 'Ben', email: 'ben@example.com', at: '2026-10-02T03:04:05Z' };

/** Who changed what: blame, log, texts and values. */
export const gitHistoryExpectations: readonly Expectation<GitGiven>[] = [
  {
    name: 'blame names commit, author, address, time and text of each line',
    async check({ reader, person }) {
      const sha = person.commit({
        files: { [CONF]: FIRST.replace('200', '128') },
        message: 'Fewer partitions',
        ...ben,
      });
      const lines = await reader.blame(CONF, undefined);
      expect(lines?.map(({ line, author, email }) => [line, author, email])).toEqual([
        [1, 'Ana', 'ana@example.com'],
        [2, 'Ana', 'ana@example.com'],
        [3, 'Ben', 'ben@example.com'],
        [4, 'Ana', 'ana@example.com'],
        [5, 'Ana', 'ana@example.com'],
      ]);
      expect(lines?.[2]).toEqual({
        line: 3,
        sha,
        author: 'Ben',
        email: 'ben@example.com',
        at: '2026-10-02T03:04:05.000Z',
        summary: 'Fewer partitions',
        text: '  sql.shuffle.partitions: 128',
      });
    },
  },
  {
    name: 'blame of a range is clamped to the file, and of a text gives the lines that hold it',
    async check({ reader }) {
      expect((await reader.blame(CONF, { range: [3, 99] }))?.map(({ line }) => line)).toEqual([3, 4, 5]);
      expect(await reader.blame(CONF, { range: [50, 99] })).toEqual([]);
      expect((await reader.blame(CONF, { text: 'shuffle.partitions' }))?.map(({ line }) => line)).toEqual([3]);
      expect(await reader.blame(CONF, { text: 'shuffle?partitions' })).toEqual([]);
    },
  },
  {
    name: 'a log has the newest commits first, each with address and files',
    async check({ reader, person }) {
      const files = { 'contract/a.txt': '1\n', 'contract/b.txt': '1\n' };
      const sha = person.commit({ files, message: 'Two files\n\nwith a body', ...ben, at: '2026-11-02T00:00:00Z' });
      expect((await reader.log({ limit: 1 }))[0]).toEqual({
        sha,
        author: 'Ben',
        email: 'ben@example.com',
        at: '2026-11-02T00:00:00.000Z',
        summary: 'Two files',
        files: ['contract/a.txt', 'contract/b.txt'],
      });
      expect(await reader.log({ file: 'contract/a.txt', limit: 9 })).toHaveLength(1);
      expect(await reader.log({ file: 'contract/a.txt', since: new Date('2026-11-03T00:00:00Z'), limit: 9 })).toEqual(
        [],
      );
      expect(await reader.log({ file: 'contract/*', limit: 9 })).toEqual([]);
    },
  },
  {
    name: 'a file that was renamed is followed when asked, and blame names who wrote its lines',
    async check({ reader, person }) {
      person.commit({ files: { 'contract/old.py': 'import a\nimport b\nimport c\n' }, message: 'Write', ...ben });
      person.commit({ moved: { 'contract/old.py': 'contract/new.py' }, message: 'Rename' });
      const subjects = async (follow: boolean) =>
        (await reader.log({ file: 'contract/new.py', limit: 9, follow })).map(({ summary }) => summary);
      expect(await subjects(true)).toEqual(['Rename', 'Write']);
      expect(await subjects(false)).toEqual(['Rename']);
      expect((await reader.blame('contract/new.py', undefined))?.map(({ author }) => author)).toEqual([
        'Ben',
        'Ben',
        'Ben',
      ]);
    },
  },
  {
    name: 'a merge is told by the files it brought to the branch',
    async check({ reader, person }) {
      person.commit({ message: 'Base' });
      person.git(['checkout', '--quiet', '-B', 'side']);
      person.git(['commit', '--quiet', '--allow-empty', '-m', 'On the side'], WHO);
      const side = person.git(['rev-parse', 'HEAD']);
      person.git(['checkout', '--quiet', 'main']);
      person.git(['merge', '--quiet', '--no-ff', '-m', 'Merge side', side], WHO);
      person.git(['push', '--quiet', 'origin', 'HEAD:refs/heads/main']);
      expect((await reader.log({ limit: 1 }))[0]).toMatchObject({ summary: 'Merge side', author: 'Cleo', files: [] });
    },
  },
  {
    name: 'commits that the repository says to look past are looked past',
    async check({ reader, person }) {
      const path = 'contract/format.py';
      person.commit({ files: { [path]: 'total = 1\nother = 2\n' }, message: 'Write it', ...ben });
      const sha = person.commit({ files: { [path]: 'total = (1)\nother = 2\n' }, message: 'Run the formatter' });
      expect((await reader.blame(path, undefined))?.map(({ author }) => author)).toEqual(['Ana', 'Ben']);
      const ignore = `# formatter\n${sha} # see there\n--contents=/etc/passwd\nnot-a-commit\n`;
      person.commit({ files: { '.git-blame-ignore-revs': ignore }, message: 'Look past it' });
      expect((await reader.blame(path, undefined))?.map(({ author }) => author)).toEqual(['Ben', 'Ben']);
    },
  },
  {
    name: 'a file of the repository can not rename its authors',
    async check({ reader, person }) {
      person.commit({ files: { '.mailmap': 'Zoe <zoe@example.com> <ben@example.com>\n' }, message: 'Who is who' });
      expect((await reader.blame('contract/new.py', { range: [1, 1] }))?.[0]).toMatchObject({
        email: 'ben@example.com',
      });
      expect((await reader.log({ file: 'contract/a.txt', limit: 1 }))[0]).toMatchObject({ author: 'Ben' });
    },
  },
  {
    name: 'who added, changed or removed a line with a text is found, and the text is no pattern',
    async check({ reader, person }) {
      const path = 'contract/query.sql';
      const write = (text: string, message: string) => person.commit({ files: { [path]: text }, message });
      const added = write('select a.*, b[0] from t where (x)\n', 'Add');
      const changed = write('select a.*, b[0] from t where (y)\n', 'Change');
      write('select a.*, b[0] from t where (y)\n-- note\n', 'Unrelated');
      const removed = write('-- note\n', 'Remove');
      const shas = async (text: string) => (await reader.changes({ text, file: path, limit: 9 })).map(({ sha }) => sha);
      expect(await shas('a.*, b[0]')).toEqual([removed, changed, added]);
      expect(await shas('a..., b')).toEqual([]);
      expect(await shas('.*')).toEqual([removed, changed, added]);
      expect(await reader.changes({ text: 'b[0] from t', limit: 1 })).toMatchObject([{ sha: removed, files: [path] }]);
      await expect(reader.changes({ text: 'a\nb', limit: 1 })).rejects.toMatchObject({ kind: 'invalid_input' });
    },
  },
  {
    name: 'a value of a YAML file has a history, newest first, whatever else the commits changed',
    async check({ reader, person }) {
      person.commit({
        files: { [CONF]: FIRST.replace('200', '128').replace('retries: 3', 'retries: 5') },
        message: 'Other key',
      });
      person.commit({
        files: { [CONF]: FIRST.replace('200', '64').replace('memory', 'cores: 2\n  memory') },
        message: 'Again',
        ...ben,
      });
      const changes = await reader.valueLog(CONF, 'spark.sql.shuffle.partitions', 9);
      expect(changes.map(({ commit, before, after }) => [commit.summary, before, after])).toEqual([
        ['Again', '128', '64'],
        ['Fewer partitions', '200', '128'],
        ['Settings', undefined, '200'],
      ]);
      expect(changes[0]?.commit).toMatchObject({ author: 'Ben', email: 'ben@example.com' });
      expect(await reader.valueLog(CONF, 'spark.sql.shuffle.partitions', 1)).toHaveLength(1);
      expect(await reader.valueLog(CONF, 'spark.none', 9)).toEqual([]);
      expect((await reader.valueLog(CONF, 'retries', 9)).map(({ after }) => after)).toEqual(['3', '5', '3']);
    },
  },
  {
    name: 'so has a value of a properties and of a JSON file, also from before the file had its name',
    async check({ reader, person }) {
      const properties = 'contract/spark.properties';
      const json = 'contract/job.json';
      const write = (memory: string, message: string) =>
        person.commit({
          files: {
            [properties]: `# defaults\nspark.driver.cores 2\nspark.executor.memory=${memory}\n`,
            [json]: JSON.stringify({ job: { memory, tags: ['a'] } }),
          },
          message,
        });
      write('4g', 'Begin');
      write('2g', 'Shrink');
      person.commit({ moved: { [properties]: 'contract/defaults.conf' }, message: 'Rename' });
      const summaries = async (path: string, key: string) =>
        (await reader.valueLog(path, key, 9)).map(({ commit, before, after }) => [commit.summary, before, after]);
      const expected = [
        ['Shrink', '4g', '2g'],
        ['Begin', undefined, '4g'],
      ];
      expect(await summaries('contract/defaults.conf', 'spark.executor.memory')).toEqual(expected);
      expect(await summaries(json, 'job.memory')).toEqual(expected);
      expect(await summaries(json, 'job.tags')).toEqual([['Begin', undefined, '["a"]']]);
    },
  },
  {
    name: 'a value that a merge brought is its author’s change and not the merge’s',
    async check({ reader, person }) {
      const path = 'contract/merged.yaml';
      person.commit({ files: { [path]: 'a: 1\nb: 1\n' }, message: 'Base' });
      person.git(['checkout', '--quiet', '-B', 'feature']);
      person.git(['rm', '--quiet', '--cached', path]);
      person.git(['reset', '--quiet']);
      const { writeFileSync } = await import('node:fs');
      writeFileSync(`${person.folder}/${path}`, 'a: 2\nb: 1\n');
      person.git(['commit', '--quiet', '-am', 'Feature'], WHO);
      person.git(['checkout', '--quiet', 'main']);
      person.git(['merge', '--quiet', '--no-ff', '-m', 'Merge feature', 'feature'], WHO);
      person.git(['push', '--quiet', 'origin', 'HEAD:refs/heads/main']);
      const changes = await reader.valueLog(path, 'a', 9);
      expect(changes.map(({ commit, before, after }) => [commit.summary, before, after])).toEqual([
        ['Feature', '1', '2'],
        ['Base', undefined, '1'],
      ]);
    },
  },
];
