import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../domain/errors.js';
import { RunManifest, RunRecord } from '../evaluate/model.js';
import { inOrder } from '../evaluate/run-plan.js';

/** What a folder of results holds. */
export interface KeptRun {
  manifest: RunManifest;
  /** In order of scenario and repeat. */
  records: RunRecord[];
}

const MANIFEST = 'run.json';
const RUNS = 'runs';

/** Whether somebody began a run in this folder. */
export function holdsRun(dir: string): boolean {
  return existsSync(join(dir, MANIFEST));
}

/** Reads a folder that `eval --out` wrote. @throws AppError `invalid_input` naming the file at fault. */
export function readRun(dir: string): KeptRun {
  if (!holdsRun(dir)) {
    throw new AppError('invalid_input', {
      field: dir,
      safeText: `${dir} holds no results: there is no ${MANIFEST} in it. Name a folder that eval --out wrote.`,
    });
  }
  const runs = join(dir, RUNS);
  const files = existsSync(runs) ? readdirSync(runs).filter((file) => file.endsWith('.json')) : [];
  const records = files.map((file) => read(join(runs, file), RunRecord));
  return {
    manifest: read(join(dir, MANIFEST), RunManifest),
    records: records.sort((one, other) => inOrder(one.result, other.result)),
  };
}

function read<S extends z.ZodType>(file: string, schema: S): z.infer<S> {
  const refuse = (reason: string): never => {
    throw new AppError('invalid_input', {
      field: file,
      safeText: `${file} can not be read: ${reason}. Remove it to have its run made again, or use another folder.`,
    });
  };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return refuse('it is not JSON');
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return refuse(`${issue?.path.join('.') || 'its top'}: ${issue?.message}`);
}

/** Keeps what was run; whole or not at all. */
export function keepManifest(dir: string, manifest: RunManifest): void {
  mkdirSync(join(dir, RUNS), { recursive: true });
  replace(join(dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Keeps one run; in the place of an earlier record of the same run, which was set apart. */
export function keepRecord(dir: string, record: RunRecord): void {
  const { scenario, repeat } = record.result;
  replace(join(dir, RUNS, `${scenario}-${repeat}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

/** A text beside the records, e.g. a report. */
export function keepText(dir: string, name: string, text: string): string {
  const file = join(dir, name);
  replace(file, text);
  return file;
}

/** A reader, and a process that ends in the middle, find the old file or the new one. */
function replace(file: string, content: string): void {
  const half = `${file}.${process.pid}.part`;
  writeFileSync(half, content);
  renameSync(half, file);
}
