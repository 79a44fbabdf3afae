import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../domain/errors.js';
import type { PipelineCatalog } from '../pipelines/catalog.js';
import { type CheckReport, checkReading } from '../pipelines/check-config.js';
import type { PipelineConfig } from '../pipelines/config.js';
import type { Finding } from '../pipelines/finding.js';
import { createLineage } from '../pipelines/graph/lineage.js';
import { readCatalog } from '../pipelines/read-catalog.js';
import { readConfig } from '../pipelines/structure.js';
import { EXIT, type Output } from './cli-output.js';

export interface CheckFilesOptions {
  catalog?: string;
  team?: string;
  json?: boolean;
}

interface Checked {
  file: string;
  report: CheckReport;
}

const EMPTY: PipelineCatalog = { connections: [], datasets: [], riskAndCompliance: [] };

/** `check FILE|DIR`: every config through all checks that need no run; of a folder, each beside all the others. */
export async function checkFiles(output: Output, target: string, options: CheckFilesOptions): Promise<number> {
  const started = performance.now();
  const files = filesOf(target, options.catalog).map((file) => ({ file, text: read(file) }));
  if (files.length === 0) throw usage('FILE', `${target} has no .yaml or .yml file.`);
  const catalog = options.catalog === undefined ? EMPTY : catalogOf(output, options.catalog);
  if (catalog === undefined) return EXIT.failure;
  const readings = files.map(({ text }) => readConfig(text));
  const configs = readings.map(({ read: found }) => found?.config);
  const lineage = createLineage(configs.filter((config) => config !== undefined));
  const checked = readings.map((reading, index): Checked => {
    const others = configs.filter((config, at): config is PipelineConfig => config !== undefined && at !== index);
    const { file = '', text = '' } = files[index] ?? {};
    return { file, report: checkReading(text, reading, { catalog, others, team: options.team, lineage }) };
  });
  if (options.json === true) output.json({ files: checked.map(asJson), summary: summaryOf(checked) });
  else print(output, checked, performance.now() - started, options.catalog === undefined);
  return checked.every(({ report }) => report.sound) ? EXIT.good : EXIT.failure;
}

/** Files in the order of their names; hidden folders and the catalogue itself are left out. */
function filesOf(target: string, catalog: string | undefined): string[] {
  try {
    if (!statSync(target).isDirectory()) return [target];
    const own = catalog === undefined ? undefined : statSync(catalog).ino;
    return readdirSync(target, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name) && !/(^|[/\\])(\.|node_modules)/.test(name))
      .sort()
      .map((name) => join(target, name))
      .filter((file) => statSync(file).isFile() && statSync(file).ino !== own);
  } catch (cause) {
    throw usage('FILE', `${target} can not be read.`, cause);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usage('FILE', `${file} can not be read.`, cause);
  }
}

function usage(field: string, safeText: string, cause?: unknown): AppError {
  return new AppError('invalid_input', { field, safeText, cause });
}

/** A catalogue with faults is none: every answer that rests on it would be wrong. */
function catalogOf(output: Output, file: string): PipelineCatalog | undefined {
  const { catalog, findings } = readCatalog(read(file));
  for (const found of findings) output.error(lineOf(file, found));
  return catalog;
}

function lineOf(file: string, { place, rule, severity, message, suggestion }: Finding): string {
  const hint = suggestion === undefined ? '' : ` (${suggestion})`;
  return `${file}:${place?.line ?? 1}:${place?.column ?? 1} ${rule} ${severity} ${message}${hint}`;
}

function print(output: Output, checked: readonly Checked[], took: number, withoutCatalog: boolean): void {
  for (const { file, report } of checked) {
    for (const found of report.findings) output.line(lineOf(file, found));
    for (const { layer, about, state, why } of report.layers) {
      if (state !== 'ran')
        output.line(`${file}: ${layer} ${state === 'partly' ? 'in part' : 'not run'} (${about}): ${why ?? ''}`);
    }
  }
  const { files, sound, severities } = summaryOf(checked);
  const counts = Object.entries(severities).map(([severity, count]) => `${count} ${severity}`);
  output.line(
    `${sound} of ${files} sound; ${counts.length === 0 ? 'no findings' : counts.join(', ')}; ${Math.round(took)} ms`,
  );
  if (withoutCatalog)
    output.line('No --catalog: no schema, connection or right is known, so queries could not be bound.');
}

function summaryOf(checked: readonly Checked[]): { files: number; sound: number; severities: Record<string, number> } {
  const severities: Record<string, number> = {};
  for (const { severity } of checked.flatMap(({ report }) => report.findings)) {
    severities[severity] = (severities[severity] ?? 0) + 1;
  }
  return { files: checked.length, sound: checked.filter(({ report }) => report.sound).length, severities };
}

/** The form for programs: every key is there, and null where there is nothing. */
function asJson({ file, report }: Checked): unknown {
  return {
    file,
    pipeline: report.read?.config.metadata.name ?? null,
    sound: report.sound,
    findings: report.findings.map(({ rule, severity, path, place, message, suggestion }) => ({
      ...{ rule, severity, path, message },
      line: place?.line ?? null,
      column: place?.column ?? null,
      endLine: place?.endLine ?? null,
      endColumn: place?.endColumn ?? null,
      suggestion: suggestion ?? null,
    })),
    layers: report.layers.map(({ layer, about, state, done, of, why }) => ({
      layer,
      about,
      state,
      done,
      of,
      why: why ?? null,
    })),
  };
}
