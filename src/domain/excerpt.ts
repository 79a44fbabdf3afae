/** Lines worth keeping from the middle of a long log: the causes, not the narrative. */
const TELLING =
  /Caused by:|\b(ERROR|CRITICAL|FATAL)\b|\w(Exception|Error)\b|exit(ed)? (with )?(exit )?code|OOMKilled|SIGKILL|SQLSTATE|DELTA_|AADSTS/i;
const LONGEST_LINE = 2000;

export interface Excerpt {
  push(line: string): void;
  text(): string;
}

/**
 * Collects lines in bounded memory: a quarter of `maxBytes` for the head, a quarter for telling lines of the middle, half for
 * the tail. What was left out is said where it was left out.
 */
export function createExcerpt(maxBytes: number): Excerpt {
  const head: string[] = [];
  let headLeft = Math.floor(maxBytes / 4);
  const middle: string[] = [];
  let middleLeft = Math.floor(maxBytes / 4);
  const tail: string[] = [];
  let tailSize = 0;
  const tailCap = Math.floor(maxBytes / 2);
  let headOpen = true;
  let cut = 0;

  const leaveTail = (line: string): void => {
    const size = Buffer.byteLength(line) + 1;
    if (TELLING.test(line) && size <= middleLeft) {
      middle.push(line);
      middleLeft -= size;
    } else {
      cut += 1;
    }
  };
  return {
    push(raw) {
      const line =
        raw.length > LONGEST_LINE ? `${raw.slice(0, LONGEST_LINE)} [${raw.length - LONGEST_LINE} characters cut]` : raw;
      const size = Buffer.byteLength(line) + 1;
      if (headOpen && size <= headLeft) {
        head.push(line);
        headLeft -= size;
        return;
      }
      headOpen = false;
      tail.push(line);
      tailSize += size;
      while (tailSize > tailCap && tail.length > 1) {
        const oldest = tail.shift() ?? '';
        tailSize -= Buffer.byteLength(oldest) + 1;
        leaveTail(oldest);
      }
    },
    text() {
      const marker = cut > 0 ? [`[${cut} lines cut; kept: the beginning, errors and causes, the end]`] : [];
      return [...head, ...marker, ...middle, ...tail].join('\n');
    },
  };
}

/** A long text within `maxBytes`: whole when it fits, else head, causes and tail. */
export function excerptOf(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const excerpt = createExcerpt(maxBytes);
  for (const line of text.split('\n')) excerpt.push(line);
  return excerpt.text();
}
