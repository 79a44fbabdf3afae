import type { BlameLine } from '../../src/domain/platform-ports.js';

/** Parses `git blame --line-porcelain`: a header line, `key value` lines, then the content behind a tab. */
export function parseBlame(output: string): BlameLine[] {
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
