import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.js';
import type { BlameLine } from '../../src/domain/platform-ports.js';
import { type GitDeps, git } from './command.js';
import { fileAt } from './file.js';

const MOST_BLAMED_LINES = 200;
const IGNORE_FILE = '.git-blame-ignore-revs';

type Lines = { range?: [number, number]; text?: string } | undefined;

/** Who last changed each of these lines; commits that the repository itself says to look past are looked past. */
export async function blameFile(
  deps: GitDeps,
  { folder, head }: { folder: string; head: string },
  path: string,
  lines: Lines,
  signal?: AbortSignal,
): Promise<BlameLine[] | undefined> {
  const text = await fileAt(deps, folder, head, path, signal);
  if (text === undefined) return undefined;
  if (text.includes('\0'))
    throw new AppError('invalid_input', { field: 'file', safeText: 'The file is binary; it has no lines.' });
  const wanted = rangesOf(text.split('\n'), lines);
  if (wanted.length === 0) return [];
  const ranges = wanted.flatMap(([from, to]) => ['-L', `${from},${to}`]);
  const ignored = await ignoredRevisions(deps, folder, head, signal);
  const args = ['blame', '--line-porcelain', '-w', ...ignored, ...ranges, head, '--', path];
  return parseBlame(await git(deps, args, { cwd: folder, signal })).sort((a, b) => a.line - b.line);
}

/** The list lies in a bare clone as content only, so it is written beside it: whole commit names, and nothing else. */
async function ignoredRevisions(deps: GitDeps, folder: string, head: string, signal?: AbortSignal): Promise<string[]> {
  const text = await fileAt(deps, folder, head, IGNORE_FILE, signal);
  const revisions = (text ?? '')
    .split('\n')
    .flatMap((line) => /^\s*([0-9a-f]{40}|[0-9a-f]{64})\b/.exec(line)?.[1] ?? []);
  if (revisions.length === 0) return [];
  const file = join(folder, 'ignore-revs');
  const partial = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(partial, `${revisions.join('\n')}\n`);
  // Moved, so that a blame beside this one reads a whole list.
  await rename(partial, file);
  return [`--ignore-revs-file=${file}`];
}

/** Line ranges to blame; a range past the end is clamped, and a text names every line that holds it (at most 200). */
function rangesOf(text: readonly string[], lines: Lines): [number, number][] {
  const count = text.at(-1) === '' ? text.length - 1 : text.length;
  const from = Math.max(1, Math.trunc(lines?.range?.[0] ?? 1));
  const to = Math.min(count, Math.trunc(lines?.range?.[1] ?? count));
  if (from > to) return [];
  const wanted = lines?.text;
  if (wanted === undefined) return [[from, to]];
  return text
    .map((line, index): [number, string] => [index + 1, line])
    .filter(([number, line]) => number >= from && number <= to && line.includes(wanted))
    .slice(0, MOST_BLAMED_LINES)
    .map(([number]) => [number, number]);
}

/** Parses `git blame --line-porcelain`: a header line, `key value` lines, then the content behind a tab. */
function parseBlame(output: string): BlameLine[] {
  const lines: BlameLine[] = [];
  let header: { sha: string; line: number } | undefined;
  let fields = new Map<string, string>();
  for (const row of output.split('\n')) {
    if (header === undefined) {
      const parts = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(row);
      header = parts ? { sha: parts[1] ?? '', line: Number(parts[2]) } : undefined;
      fields = new Map();
    } else if (row.startsWith('\t')) {
      lines.push({
        ...header,
        author: fields.get('author') ?? '',
        ...emailOf(fields.get('author-mail')),
        at: new Date(Number(fields.get('committer-time') ?? 0) * 1000).toISOString(),
        summary: fields.get('summary') ?? '',
        text: row.slice(1),
      });
      header = undefined;
    } else {
      const space = row.indexOf(' ');
      fields.set(row.slice(0, space < 0 ? row.length : space), space < 0 ? '' : row.slice(space + 1));
    }
  }
  return lines;
}

/** `<address>`, which a commit may leave empty. */
function emailOf(mail: string | undefined): { email?: string } {
  const email = mail?.replace(/^<|>$/g, '') ?? '';
  return email === '' ? {} : { email };
}
