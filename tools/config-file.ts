import { type Document, isMap, isScalar, parseAllDocuments, type Scalar, stringify } from 'yaml';
import { AppError } from '../src/domain/errors.js';
import type { ConfigTarget } from '../src/domain/pipeline.js';
import type { CommitInfo, GitReader } from '../src/domain/platform-ports.js';

export type Setting = string | number | boolean;

/** One value a setting has had: the commit that set it and who made it. */
export interface SettingVersion {
  value: Setting | undefined;
  commit: CommitInfo;
}

const HISTORY = 40;

/** The scalar node of a dotted key; keys that hold dots themselves (`spark.executor.memory`) are found as well. */
function scalarAt(text: string, key: string): Scalar | undefined {
  for (const document of documentsOf(text)) {
    const found = search(document.contents, key);
    if (found) return found;
  }
  return undefined;
}

function documentsOf(text: string): Document[] {
  const documents = parseAllDocuments(text);
  return Array.isArray(documents) ? documents.filter((document) => document.errors.length === 0) : [];
}

function search(node: unknown, key: string): Scalar | undefined {
  if (key === '') return isScalar(node) ? node : undefined;
  if (!isMap(node)) return undefined;
  const parts = key.split('.');
  for (let taken = parts.length; taken > 0; taken -= 1) {
    const child = node.get(parts.slice(0, taken).join('.'), true);
    const found = child === undefined ? undefined : search(child, parts.slice(taken).join('.'));
    if (found) return found;
  }
  return undefined;
}

/** The value of a dotted key in a YAML text; undefined when there is none or it is not a plain value. */
export function readSetting(text: string, key: string): Setting | undefined {
  const value = scalarAt(text, key)?.value;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/**
 * The text with one value replaced and every other byte, comments and quoting included, as it was.
 * @throws AppError `precondition` when the key is not there or the new text would not hold the value.
 */
export function writeSetting(text: string, key: string, value: Setting): string {
  const node = scalarAt(text, key);
  if (!node?.range) throw new AppError('precondition', { safeText: `The file has no plain value at ${key} any more.` });
  const written = stringify(value, {
    ...(node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? { defaultStringType: node.type } : {}),
    lineWidth: 0,
  }).trimEnd();
  const changed = text.slice(0, node.range[0]) + written + text.slice(node.range[1]);
  if (readSetting(changed, key) !== value) {
    throw new AppError('precondition', {
      safeText: `The value at ${key} can not be replaced in place; change the file by hand.`,
    });
  }
  return changed;
}

/** A value as text, read back in the type that the file holds now: `"16"` for a quoted one stays text. */
export function typedLike(old: Setting | undefined, text: string): Setting {
  if (typeof old === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof old === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The values that a setting has had, newest first, each with the commit that set it; at most `most`, from the last forty commits of its file. */
export async function settingHistory(
  git: GitReader,
  target: Pick<ConfigTarget, 'file' | 'key'>,
  most: number,
  signal?: AbortSignal,
): Promise<SettingVersion[]> {
  const commits = await git.log({ file: target.file, limit: HISTORY }, signal);
  const versions: SettingVersion[] = [];
  for (const commit of commits) {
    const value = readSetting((await git.file(target.file, commit.sha, signal)) ?? '', target.key);
    const newer = versions.at(-1);
    // Walking back: the same value in an older commit means that the older commit is the one that set it.
    if (newer && newer.value === value) newer.commit = commit;
    else if (versions.length === most) break;
    else versions.push({ value, commit });
  }
  return versions;
}

/** True when the only thing that differs between two texts of the file is this setting. */
export function differsOnlyAt(before: string, after: string, key: string): boolean {
  const value = readSetting(after, key);
  if (value === undefined || readSetting(before, key) === undefined) return false;
  try {
    const moved = writeSetting(before, key, value);
    const plain = (text: string): string => JSON.stringify(documentsOf(text).map((document) => document.toJS()));
    return plain(moved) === plain(after);
  } catch (thrown) {
    if (thrown instanceof AppError) return false;
    throw thrown;
  }
}
