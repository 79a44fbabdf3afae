/** One line of a tool's answer: `record key=value key="JSON string"`. */
export interface LogRecord {
  record: string;
  fields: Record<string, string>;
  /** The line as it stands in the observation: what evidence quotes. */
  line: string;
}

export interface ParsedObservation {
  records: LogRecord[];
  /** Lines of text from outside, without their `| `; `after` is the record they belong to. */
  free: { text: string; line: string; after: LogRecord | undefined }[];
}

const PAIR = /([A-Za-z0-9_.]+)=("(?:[^"\\]|\\.)*"|\S*)/g;

/** Reads an observation. Lines that are neither a record nor outside text are skipped: they carry no facts. */
export function parseObservation(text: string): ParsedObservation {
  const parsed: ParsedObservation = { records: [], free: [] };
  for (const line of text.split('\n')) {
    if (line.startsWith('| ') || line === '|') {
      parsed.free.push({ text: line.slice(2), line, after: parsed.records.at(-1) });
      continue;
    }
    const head = /^([a-z_]+)(?: |$)/.exec(line)?.[1];
    if (head === undefined) continue;
    const fields: Record<string, string> = {};
    for (const [, key = '', raw = ''] of line.slice(head.length).matchAll(PAIR)) fields[key] = unquoted(raw);
    if (Object.keys(fields).length > 0 || head === line.trim()) parsed.records.push({ record: head, fields, line });
  }
  return parsed;
}

function unquoted(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.slice(1, -1);
  }
}

/** Writes one record; members that are undefined or empty are left out. */
export function recordLine(record: string, fields: Record<string, string | number | boolean | undefined>): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}=${bare(String(value)) ? value : JSON.stringify(String(value))}`);
  return [record, ...pairs].join(' ');
}

function bare(value: string): boolean {
  return /^[^\s"=]+$/.test(value);
}

/** Text from outside, each line behind `| `, so that it can never be read as a record of ours. */
export function fenced(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .map((line) => `| ${line}`)
    .join('\n');
}
