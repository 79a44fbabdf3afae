const TELLING = /Caused by:|\b(ERROR|CRITICAL|FATAL)\b|\w(Exception|Error)\b|OOMKilled|SQLSTATE|exit code/i;

export interface Bounded {
  text: string;
  truncated: boolean;
}

/**
 * A whole tool answer within `maxBytes`: half for the beginning, a quarter for the end, and of what lies between the records and
 * the telling lines as far as they fit. Each gap is a `cut lines=N` record, which no outside line can imitate.
 */
export function bounded(text: string, maxBytes: number): Bounded {
  if (Buffer.byteLength(text) <= maxBytes) return { text, truncated: false };
  const lines = text.split('\n').map((line) => cutLine(line, Math.floor(maxBytes / 4)));
  const sizes = lines.map((line) => Buffer.byteLength(line) + 1);
  const keep = new Array<boolean>(lines.length).fill(false);
  // `gapCost` pays for the gap records that picking single lines leaves behind.
  const take = (indexes: Iterable<number>, budget: number, stopWhenFull: boolean, gapCost = 0): void => {
    let left = budget;
    for (const index of indexes) {
      if (keep[index]) continue;
      const size = (sizes[index] ?? 0) + gapCost;
      if (size > left) {
        if (stopWhenFull) return;
        continue;
      }
      keep[index] = true;
      left -= size;
    }
  };
  const all = lines.map((_, index) => index);
  const usable = maxBytes - 100;
  take(all, usable / 2, true);
  take([...all].reverse(), usable / 4, true);
  const telling = all.filter((index) => !lines[index]?.startsWith('| ') || TELLING.test(lines[index] ?? ''));
  take(telling, usable / 4, false, 18);
  return { text: withGaps(lines, keep), truncated: true };
}

function cutLine(line: string, most: number): string {
  return line.length <= most ? line : `${line.slice(0, most)} [${line.length - most} characters cut]`;
}

/** Gap records are short and few: runs of dropped lines count once. */
function withGaps(lines: readonly string[], keep: readonly boolean[]): string {
  const out: string[] = [];
  let gap = 0;
  lines.forEach((line, index) => {
    if (!keep[index]) {
      gap += 1;
      return;
    }
    if (gap > 0) out.push(`cut lines=${gap}`);
    gap = 0;
    out.push(line);
  });
  if (gap > 0) out.push(`cut lines=${gap}`);
  return out.join('\n');
}
