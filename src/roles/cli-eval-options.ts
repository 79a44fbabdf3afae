import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob, isDynamicPattern } from 'tinyglobby';
import { AppError } from '../domain/errors.js';
import type { Split } from '../evaluate/model.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const SHIPPED = join(ROOT, 'fixtures', 'scenarios');
export const PACKAGE = join(ROOT, 'package.json');

/** `eval` as it was asked for; what is not given comes from the folder that is gone on with, or from the defaults. */
export interface EvalOptions {
  reasoner: string | undefined;
  split: Split | 'all';
  /** Folders, files and globs; the shipped set when there are none. */
  scenarios: string[] | undefined;
  repeat: number | undefined;
  cap: number | undefined;
  concurrency: number;
  budgetUsd: number | undefined;
  seed: number | undefined;
  out: string | undefined;
  json: boolean;
}

/** As the command line gives them. */
export interface RawEvalOptions {
  reasoner?: string;
  split: Split | 'all';
  scenarios?: string[];
  repeat?: string;
  cap?: string;
  concurrency?: string;
  budget?: string;
  seed?: string;
  out?: string;
  json?: boolean;
  validate?: boolean;
}

/** @throws AppError `invalid_input` naming the option and what it takes. */
export function readEvalOptions(raw: RawEvalOptions): EvalOptions {
  return {
    reasoner: raw.reasoner,
    split: raw.split,
    scenarios: raw.scenarios,
    repeat: whole('--repeat', raw.repeat, 1, 1000),
    // The bounds of `agent.maxToolCalls` in a policy.
    cap: whole('--cap', raw.cap, 1, 24),
    concurrency: whole('--concurrency', raw.concurrency, 1, 64) ?? Math.max(2, availableParallelism()),
    budgetUsd: dollars(raw.budget),
    seed: whole('--seed', raw.seed, 0, 2 ** 31 - 1),
    out: raw.out,
    json: raw.json === true,
  };
}

function whole(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw wrong(option, `takes a whole number from ${least} to ${most}, not ${text}`);
}

function dollars(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw wrong('--budget', `takes an amount in US dollars, e.g. 5 or 0.50, not ${text}`);
}

function wrong(option: string, fault: string): AppError {
  return new AppError('invalid_input', { field: option, safeText: `${option} ${fault}.` });
}

/** The scenario files that folders, files and globs name, each once, in order. @throws AppError `invalid_input` when one names none. */
export async function scenarioFiles(patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(patterns.map(filesOf));
  return [...new Set(found.flat())].sort();
}

async function filesOf(pattern: string): Promise<string[]> {
  const path = resolve(pattern);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder && existsSync(path)) return [path];
  if (!isFolder && !isDynamicPattern(pattern))
    throw wrong('--scenarios', `names ${pattern}, and there is no such file`);
  const files = await glob(isFolder ? '*.{yaml,yml}' : pattern, {
    cwd: isFolder ? path : process.cwd(),
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
  });
  if (files.length > 0) return files.map((file) => resolve(file));
  throw wrong('--scenarios', `names ${pattern}, and no .yaml file is there`);
}

/** A shipped file by its place in the package, so that results can be read and gone on with elsewhere; others by their full path. */
export function keptName(file: string): string {
  const inside = relative(ROOT, file);
  return inside.startsWith('..') || isAbsolute(inside) ? file : inside.split('\\').join('/');
}

export function fileOfKept(name: string): string {
  return resolve(ROOT, name);
}
