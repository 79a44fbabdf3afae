import { createReadStream } from 'node:fs';

/**
 * The lines of a file, many at a time, split at newlines alone: JSON may hold other line separators (U+2028) unescaped, at which Node's own line reader
 * would cut an entry in two.
 */
export async function* readLines(file: string): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') yield [rest];
}
