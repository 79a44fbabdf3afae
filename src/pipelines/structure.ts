import type { z } from 'zod';
import { PipelineConfig } from './config.js';
import { type ConfigText, readConfigText } from './document.js';
import { type Finding, finding } from './finding.js';
import { nearest } from './nearest.js';
import type { RuleId } from './rules.js';
import { shown } from './shown.js';

/** A config that has the right form; what it means is for the later layers. */
export interface ReadConfig {
  config: PipelineConfig;
  source: ConfigText;
}

/**
 * Layer 0: is the text a config? Every fault is found at once, each with its place and the nearest right word. `source` is the YAML
 * where it could be read, for rules that look at any text, whatever its form.
 */
export function readConfig(text: string): {
  read: ReadConfig | undefined;
  findings: Finding[];
  source?: ConfigText | undefined;
} {
  const { config: source, findings } = readConfigText(text);
  if (source === undefined) return { read: undefined, findings };
  const parsed = PipelineConfig.safeParse(source.value, { reportInput: true });
  if (!parsed.success) return { read: undefined, source, findings: schemaFindings(parsed.error, source, KEYS) };
  return { read: { config: parsed.data, source }, source, findings };
}

/** The faults that a schema found, with their places; `keys` are all that the format knows. */
export function schemaFindings(error: z.ZodError, source: ConfigText, keys: readonly string[]): Finding[] {
  return error.issues.flatMap((issue) => told(issue, source, keys));
}

/** One fault of the schema in the words of the catalogue. */
function told(issue: z.core.$ZodIssue, source: ConfigText, keys: readonly string[]): Finding[] {
  const path = issue.path.map(String).join('.');
  const place = source.placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, keys);
      const suggestion = near === undefined ? undefined : `did you mean '${near}'?`;
      const message = `unknown key '${shown(key)}'${path === '' ? '' : ` in ${path}`}`;
      return finding('CFG001', { path, place: source.placeOfKey(issue.path, key), message, suggestion });
    });
  }
  if (issue.code === 'invalid_union' && 'discriminator' in issue && issue.errors.length === 0) {
    return [kindFinding(issue, path, place)];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const [best] = [...issue.errors].sort((a, b) => a.length - b.length);
    const inner = (best ?? []).map((each) => ({ ...each, path: [...issue.path, ...each.path] }) as z.core.$ZodIssue);
    if (inner.length > 0) return inner.flatMap((each) => told(each, source, keys));
  }
  if (isMissing(issue)) {
    const key = String(issue.path.at(-1) ?? '');
    const where = issue.path.slice(0, -1).map(String).join('.');
    const rule: RuleId = key === 'classification' ? 'REG005' : 'CFG002';
    const message =
      rule === 'REG005'
        ? 'no classification: who may see this data?'
        : `missing key '${key}'${where === '' ? '' : ` in ${where}`}`;
    return [finding(rule, { path, place, message })];
  }
  return [valueFinding(issue, path, place)];
}

/** A `type` that none of the forms has. */
function kindFinding(issue: z.core.$ZodIssueInvalidUnion, path: string, place: Finding['place']): Finding {
  const key = String(issue.discriminator);
  const value = (issue.input as Record<string, unknown> | undefined)?.[key];
  if (value === undefined) return finding('CFG002', { path, place, message: `missing key '${key}' in ${path}` });
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  const near = nearest(String(value), options);
  const list = options.length === 0 ? '' : ` of ${options.join(', ')}`;
  const suggestion = near === undefined ? undefined : `did you mean '${near}'?`;
  return finding('CFG003', { path, place, message: `${path}: '${shown(value)}' is not one${list}`, suggestion });
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return (issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined;
}

function valueFinding(issue: z.core.$ZodIssue, path: string, place: Finding['place']): Finding {
  const value = shown(issue.input);
  if (issue.code === 'invalid_value') {
    const options = issue.values.map(String);
    const near = nearest(String(issue.input), options);
    return finding('CFG003', {
      path,
      place,
      message: `${path}: '${value}' is not one of ${options.join(', ')}`,
      suggestion: near === undefined ? undefined : `did you mean '${near}'?`,
    });
  }
  const rule: RuleId = /(^|\.)(name|id)$/.test(path) && issue.code === 'invalid_format' ? 'CFG008' : 'CFG003';
  return finding(rule, { path, place, message: `${path}: '${value}' is not right: ${issue.message}` });
}

const KEYS: readonly string[] = keysOf(PipelineConfig);

/** Every key that a format knows, wherever it stands. */
export function keysOf(schema: z.ZodType): string[] {
  return [...new Set(keysIn(schema.toJSONSchema({ io: 'input' })))];
}

function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, part]) => [
    ...(name === 'properties' && typeof part === 'object' && part !== null ? Object.keys(part) : []),
    ...keysIn(part),
  ]);
}
