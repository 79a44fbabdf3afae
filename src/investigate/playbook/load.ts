import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { sha256Hex } from '../../domain/canonical.js';
import { AppError } from '../../domain/errors.js';
import { followed } from './follow.js';
import { FamiliesFile, ProcedureFile } from './format.js';
import { unknownNames } from './known-names.js';
import type { Procedure } from './procedure.js';
import type { ErrorWords, LeverRow } from './signals.js';

/** All that the playbook was taught: what error texts mean, and what to do then. */
export interface Playbook {
  words: ErrorWords;
  /** In the order in which they are followed when an error raises several. */
  procedures: readonly Procedure[];
  /** First eight digits of the SHA-256 of all files in force. */
  digest: string;
}

const SHIPPED = fileURLToPath(new URL('./procedures/', import.meta.url));
const FAMILIES = 'families.yaml';

interface ReadFile<T> {
  path: string;
  text: string;
  data: T;
}

/**
 * Reads the shipped procedures and those of an operator's folder. The operator's come first; one with the id of a shipped one replaces it.
 * @throws AppError `misconfigured` naming file, path and reason.
 */
export function loadPlaybook(folder?: string): Playbook {
  if (folder !== undefined && !existsSync(folder)) {
    throw refused(folder, 'the folder does not exist');
  }
  const own = folder === undefined ? [] : proceduresIn(folder);
  const shipped = proceduresIn(SHIPPED);
  const replaced = new Set(own.map(({ data }) => data.id));
  const files = [...own, ...shipped.filter(({ data }) => !replaced.has(data.id))];
  const families = [...(folder === undefined ? [] : familiesIn(folder)), ...familiesIn(SHIPPED)];
  const words = wordsOf(families.map(({ data }) => data));
  checkFamilies(files, words);
  return {
    words,
    procedures: files.map(({ data }) => followed(data)),
    digest: sha256Hex([...families, ...files].map(({ text }) => text).join('\n---\n')).slice(0, 8),
  };
}

function proceduresIn(folder: string): ReadFile<ProcedureFile>[] {
  const files = yamlIn(folder)
    .filter((name) => name !== FAMILIES)
    .map((name) => readAs(join(folder, name), ProcedureFile));
  const seen = new Map<string, string>();
  for (const { path, data } of files) {
    const before = seen.get(data.id);
    if (before !== undefined) throw refused(path, `id: ${data.id} is the id of ${before}, too`);
    seen.set(data.id, path);
    const unknown = unknownNames(data);
    if (unknown !== undefined) throw refused(path, unknown);
  }
  return files;
}

function familiesIn(folder: string): ReadFile<FamiliesFile>[] {
  const path = join(folder, FAMILIES);
  return existsSync(path) ? [readAs(path, FamiliesFile)] : [];
}

function yamlIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
}

function readAs<T>(path: string, schema: z.ZodType<T>): ReadFile<T> {
  const text = readFileSync(path, 'utf8');
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (cause) {
    const where = cause instanceof YAMLParseError ? ` (line ${cause.linePos?.[0].line ?? '?'})` : '';
    throw refused(path, `it is not YAML${where}`, cause);
  }
  const read = schema.safeParse(raw);
  if (read.success) return { path, text, data: read.data };
  const faults = read.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw refused(path, faults.join('; '));
}

/** Families of the same name are one: an operator's tokens are looked at first. */
function wordsOf(files: readonly FamiliesFile[]): ErrorWords {
  const compiled = files.flatMap(({ families }) =>
    families.map(({ family, tokens }) => ({ family, tokens: tokens.map((token) => new RegExp(token, 'i')) })),
  );
  return {
    families: compiled,
    columns: files.flatMap(({ columns }) => columns.map((pattern) => new RegExp(pattern, 'gi'))),
    levers: files.flatMap(({ levers }) => levers.map(leverOf)),
  };
}

function leverOf({ says, words, not, also }: FamiliesFile['levers'][number]): LeverRow {
  const read = (source: string | undefined): RegExp | undefined =>
    source === undefined ? undefined : new RegExp(source, 'i');
  return { says: read(says), words: new RegExp(words, 'i'), not: read(not), also: read(also) };
}

function checkFamilies(files: readonly ReadFile<ProcedureFile>[], words: ErrorWords): void {
  const known = new Set(['any', ...words.families.map(({ family }) => family)]);
  for (const { path, data } of files) {
    const meant = data.causes.flatMap((cause) =>
      'look' in cause ? [] : [...(cause.signal ?? []), ...cause.explains, ...(cause.when?.family ?? [])],
    );
    const stranger = [...data.raised_by, ...meant].find((family) => !known.has(family));
    if (stranger !== undefined) throw refused(path, `there is no family ${stranger}; see ${FAMILIES}`);
  }
}

function refused(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('misconfigured', {
    field: 'COUNTERSIGN_PLAYBOOK_DIR',
    safeText: `The playbook file ${path} is refused: ${reason}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
