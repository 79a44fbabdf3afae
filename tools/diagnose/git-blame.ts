import { z } from 'zod';
import type { BlameLine, CommitInfo, GitReader, ValueChange } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool, ToolAnswer, ToolContext } from '../../src/domain/tool.js';
import { similar } from '../resolve.js';
import { ageOf, outside, record, SPAN, since } from '../text.js';

const Args = z.strictObject({
  file: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .describe('Path or its end, in the code or the config repository; omit for recent commits of both'),
  lines: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Line range like 10-40, or a text: blames the lines that contain it'),
  since: z
    .string()
    .regex(SPAN, 'a span like 24h or 7d')
    .optional()
    .describe('Window for commits and diffs; default 7d, for a file 90d'),
});
type Args = z.infer<typeof Args>;

const MOST = { blamed: 30, commits: 10, diffs: 3, values: 10, touched: 5 };
/** A dotted key, alone or as `key:`; anything else is only a text. */
const KEY = /^([\w-]+(?:\.[\w-]+)*):?$/;
const DIFF_BYTES = 1_800;

interface Repository {
  repo: 'code' | 'config';
  git: GitReader;
}

/** Who changed what and when, in the code and the configuration repository. */
export const gitBlame: DiagnoseTool<typeof Args> = {
  name: 'git_blame',
  version: '1',
  description:
    'Git: with a file, who last changed the lines that match and the recent commits of that file with their diffs; without one, the recent commits of ' +
    'the code and the config repository. Use it to confirm or rule out a change of ours before blaming the data.',
  args: Args,
  readOnly: true,
  async run(args, context) {
    const repositories: Repository[] = [
      { repo: 'code', git: context.readers.code },
      ...(context.readers.config === context.readers.code
        ? []
        : [{ repo: 'config' as const, git: context.readers.config }]),
    ];
    return args.file === undefined
      ? recentCommits(repositories, args, context)
      : aboutFile(repositories, args.file, args, context);
  },
};

async function aboutFile(
  repositories: readonly Repository[],
  file: string,
  args: Args,
  context: ToolContext,
): Promise<ToolAnswer> {
  const place = await findFile(repositories, file, context.signal);
  if ('near' in place) {
    return {
      status: 'no_data',
      searched: `the code and the config repository for a file "${file}"; files with a similar name: ${place.near.join(', ') || 'none'}`,
    };
  }
  const { repo, git, path } = place;
  const window = since(args.since ?? '90d', context.now());
  const commits = await git.log({ file: path, since: window, limit: MOST.commits, follow: true }, context.signal);
  const blamed = args.lines === undefined ? [] : await git.blame(path, rangeOf(args.lines), context.signal);
  const past = args.lines === undefined ? { values: [], touched: [] } : await pastOf(git, path, args.lines, context);
  if (args.lines !== undefined && (blamed ?? []).length === 0 && past.values.length + past.touched.length === 0) {
    return {
      status: 'no_data',
      searched: `${path} of the ${repo} repository for lines that match "${args.lines}": there are none now, and none were changed in the last year`,
    };
  }
  const lines = blamed ?? [];
  const shown = [...lines]
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, MOST.blamed)
    .sort((a, b) => a.line - b.line);
  const times = (lines.length > 0 ? lines : commits).map(({ at }) => at).sort();
  const now = context.now();
  const [newest, oldest] = [ageOf(times.at(-1), now), ageOf(times[0], now)];
  const told = new Set([...commits, ...shown].map(({ sha }) => sha));
  const text = [
    record('file', {
      path,
      repo,
      lines: lines.length > 0 ? lines.length : undefined,
      newest_age: newest,
      oldest_age: oldest,
    }),
    ...shown.flatMap((line) => blameLine(line, now)),
    ...past.values.map((change) => valueLine(change, args.lines ?? '', now)),
    ...past.touched.filter(({ sha }) => !told.has(sha)).map((commit) => touchedLine(commit, args.lines ?? '', now)),
    ...commits.map((commit) => commitLine(commit, repo, now)),
    ...(await diffLines(git, commits.slice(0, MOST.diffs), path, context.signal)),
  ];
  const headline =
    lines.length > 0
      ? `${path}: ${lines.length} lines, newest change ${newest ?? '?'} ago`
      : `${path}: ${commits.length} commits in ${args.since ?? '90d'}`;
  return { status: 'ok', text: text.join('\n'), headline };
}

/** What happened to a value or a line before it was as it is now: the values at a dotted key, and who added or removed the text. */
async function pastOf(
  git: GitReader,
  path: string,
  lines: string,
  { now, signal }: ToolContext,
): Promise<{ values: ValueChange[]; touched: CommitInfo[] }> {
  if (rangeOf(lines).text === undefined) return { values: [], touched: [] };
  const key = KEY.exec(lines.trim())?.[1];
  const holdsSettings = /\.(ya?ml|json|properties|conf|cfg|env)$/i.test(path);
  const values = key === undefined || !holdsSettings ? [] : await git.valueLog(path, key, MOST.values, signal);
  const looked = { text: lines, file: path, since: since('365d', now()), limit: MOST.touched };
  return { values, touched: await git.changes(looked, signal) };
}

async function recentCommits(
  repositories: readonly Repository[],
  args: Args,
  context: ToolContext,
): Promise<ToolAnswer> {
  const span = args.since ?? '7d';
  const window = since(span, context.now());
  const lists = await Promise.all(
    repositories.map(async ({ repo, git }) => {
      const commits = await git.log({ since: window, limit: MOST.commits }, context.signal);
      const diffs = await diffLines(git, commits.slice(0, MOST.diffs), undefined, context.signal);
      return { repo, commits, lines: [...commits.map((commit) => commitLine(commit, repo, context.now())), ...diffs] };
    }),
  );
  const count = lists.reduce((sum, list) => sum + list.commits.length, 0);
  if (count === 0)
    return {
      status: 'no_data',
      searched: `the ${repositories.map(({ repo }) => repo).join(' and the ')} repository for commits in the last ${span}`,
    };
  const headline = lists.map(({ repo, commits }) => `${commits.length} commits in ${repo}`).join(', ');
  return {
    status: 'ok',
    text: lists.flatMap(({ lines }) => lines).join('\n'),
    headline: `${headline} in the last ${span}`,
  };
}

/** A file by its whole path, else by the only or shortest path that ends with it; code first. */
async function findFile(
  repositories: readonly Repository[],
  file: string,
  signal: AbortSignal,
): Promise<(Repository & { path: string }) | { near: string[] }> {
  const wanted = file.trim().replace(/^\.?\//, '');
  const lists = await Promise.all(
    repositories.map(async (place) => ({ ...place, files: await place.git.files(signal) })),
  );
  const exact = lists.find(({ files }) => files.includes(wanted));
  if (exact) return { repo: exact.repo, git: exact.git, path: wanted };
  for (const { repo, git, files } of lists) {
    const [path] = files
      .filter((name) => name.endsWith(`/${wanted}`) || wanted.endsWith(`/${name}`))
      .sort((a, b) => a.length - b.length);
    if (path !== undefined) return { repo, git, path };
  }
  return {
    near: similar(
      wanted,
      lists.flatMap(({ files }) => files),
    ),
  };
}

function rangeOf(lines: string): { range?: [number, number]; text?: string } {
  const range = /^\s*(\d{1,6})(?:\s*[-:,]\s*(\d{1,6}))?\s*$/.exec(lines);
  if (!range) return { text: lines };
  const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
  return { range: [Math.min(first, last), Math.max(first, last)] };
}

function blameLine(line: BlameLine, now: Date): string[] {
  const fields = {
    line: line.line,
    sha: line.sha.slice(0, 12),
    author: line.author,
    email: line.email,
    at: line.at,
    age: ageOf(line.at, now),
    summary: line.summary,
  };
  return [record('blame', fields), ...outside(line.text, 400)];
}

function valueLine({ commit, before, after }: ValueChange, key: string, now: Date): string {
  const { sha, author, email, at, summary } = commit;
  return record('value', {
    key: KEY.exec(key.trim())?.[1],
    before: before ?? 'none',
    after: after ?? 'none',
    sha: sha.slice(0, 12),
    author,
    email,
    at,
    age: ageOf(at, now),
    summary,
  });
}

function touchedLine({ sha, author, email, at, summary }: CommitInfo, text: string, now: Date): string {
  return record('touched', { text, sha: sha.slice(0, 12), author, email, at, age: ageOf(at, now), summary });
}

function commitLine(commit: CommitInfo, repo: string, now: Date): string {
  return record('commit', {
    sha: commit.sha.slice(0, 12),
    author: commit.author,
    email: commit.email,
    at: commit.at,
    age: ageOf(commit.at, now),
    summary: commit.summary,
    files: commit.files.slice(0, 8).join(','),
    repo,
  });
}

async function diffLines(
  git: GitReader,
  commits: readonly CommitInfo[],
  file: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const diffs = await Promise.all(
    commits.map(async (commit) => ({ commit, diff: await git.diff(commit.sha, file, DIFF_BYTES * 2, signal) })),
  );
  return diffs.flatMap(({ commit, diff }) =>
    diff.trim() === ''
      ? []
      : [
          record('diff', { sha: commit.sha.slice(0, 12), file: file ?? commit.files.slice(0, 8).join(',') }),
          ...outside(diff, DIFF_BYTES),
        ],
  );
}
