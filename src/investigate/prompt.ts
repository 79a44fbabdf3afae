import { readFileSync } from 'node:fs';
import { sha256Hex } from '../domain/canonical.js';
import { AppError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import { downstreamOf, type Inventory, type Pipeline, upstreamDags } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import { fenced, recordLine } from './logfmt.js';

export interface Prompt {
  version: string;
  /** SHA-256 of the prompt file as it is on disk: what lands in investigation.started. */
  digest: string;
  render(values: Record<string, string>): string;
}

/** Reads a prompt file that lies in prompts/ beside this module. @throws AppError `misconfigured` without a version line. */
export function loadPrompt(name = 'investigator'): Prompt {
  const text = readFileSync(new URL(`./prompts/${name}.md`, import.meta.url), 'utf8');
  const version = /^version: (\S+)\n/.exec(text)?.[1];
  if (version === undefined) {
    throw new AppError('misconfigured', { safeText: `The prompt ${name} does not begin with its version.` });
  }
  const body = text.slice(text.indexOf('\n')).trim();
  return {
    version: `${name}@${version}`,
    digest: sha256Hex(text),
    render: (values) => body.replace(/\{\{([a-z_]+)\}\}/g, (_, key: string) => values[key] ?? ''),
  };
}

/** The system prompt of one incident for so many tool calls. The same incident, inventory and policy give the same text. */
export function systemPrompt(
  prompt: Prompt,
  incident: Incident,
  inventory: Inventory,
  policy: Policy,
  maxCalls: number = policy.agent.maxToolCalls,
): string {
  return prompt.render({
    max_calls: String(maxCalls),
    threshold: String(policy.agent.confidenceThreshold),
    incident: incidentBlock(incident),
    platform: platformBlock(incident, inventory, policy),
  });
}

function incidentBlock(incident: Incident): string {
  const { alert } = incident;
  const labels = Object.entries(alert.labels).slice(0, 40);
  return [
    recordLine('incident', {
      id: incident.id,
      opened_at: incident.openedAt,
      severity: incident.severity,
      root: incident.root,
      pipeline: incident.pipeline,
      owner: incident.owner,
    }),
    recordLine('alert', {
      source: alert.source,
      status: alert.status,
      started_at: alert.startedAt,
      dag: alert.subject.dag,
      task: alert.subject.task,
      run: alert.subject.run,
      table: alert.subject.table,
      service: alert.subject.service,
    }),
    fenced(alert.title),
    ...(alert.text === '' ? [] : [fenced(alert.text)]),
    ...labels.map(([name, value]) => recordLine('label', { name, value })),
    ...incident.unknown.map((text) => recordLine('unknown', { text })),
  ].join('\n');
}

const FULL_PIPELINES = 12;
const NAMED_PIPELINES = 60;
const SETTINGS = 80;
const METRICS = 60;

function platformBlock(incident: Incident, inventory: Inventory, policy: Policy): string {
  const related = relatedDags(incident, inventory);
  const ordered = [...inventory.pipelines].sort((a, b) => rank(related, a.dag) - rank(related, b.dag));
  const full = ordered.slice(0, FULL_PIPELINES);
  const words = [incident.alert.subject.dag, ...(full[0]?.tasks.map((task) => task.sparkApp) ?? [])].filter(
    (word): word is string => word !== undefined,
  );
  const near = (path: string): number => (words.some((word) => path.includes(word)) ? 0 : 1);
  const settings = [...inventory.configTargets].sort((a, b) => near(a.path) - near(b.path)).slice(0, SETTINGS);
  return [
    ...full.flatMap(pipelineLines),
    ...ordered
      .slice(FULL_PIPELINES, FULL_PIPELINES + NAMED_PIPELINES)
      .map((pipeline) => recordLine('pipeline', { dag: pipeline.dag, owner: pipeline.owner })),
    ...settings.map((target) =>
      recordLine('config', {
        path: target.path,
        component: target.component,
        managed: target.managed,
        file: target.file,
        key: target.key,
        unit: target.unit,
        cap: policy.caps[target.path],
      }),
    ),
    ...inventory.metrics
      .slice(0, METRICS)
      .map((metric) => recordLine('metric', { name: metric.name, meaning: metric.meaning })),
  ].join('\n');
}

/** The alert's own pipeline first, then what feeds it, then what it feeds. */
function relatedDags(incident: Incident, inventory: Inventory): string[] {
  const { dag, table } = incident.alert.subject;
  const own = [dag, incident.pipeline, incident.root].filter((name): name is string => name !== undefined);
  const byTable = inventory.pipelines.filter((pipeline) =>
    pipeline.tasks.some((task) =>
      [...task.reads, ...task.writes].some((dataset) => dataset === table || dataset === incident.root),
    ),
  );
  const starts = [...new Set([...own, ...byTable.map((pipeline) => pipeline.dag)])];
  const writes = inventory.pipelines
    .filter((p) => starts.includes(p.dag))
    .flatMap((p) => p.tasks.flatMap((t) => t.writes));
  const upstream = starts.flatMap((name) => upstreamDags(inventory, name));
  const downstream = downstreamOf(inventory, writes).pipelines.map((pipeline) => pipeline.dag);
  return [...new Set([...starts, ...upstream, ...downstream])];
}

function rank(related: readonly string[], dag: string): number {
  const index = related.indexOf(dag);
  return index === -1 ? related.length : index;
}

function pipelineLines(pipeline: Pipeline): string[] {
  return [
    recordLine('pipeline', {
      dag: pipeline.dag,
      owner: pipeline.owner,
      severity: pipeline.severity,
      schedule: pipeline.schedule,
      sources: pipeline.sources.join(','),
    }),
    ...pipeline.tasks.map((task) =>
      recordLine('task', {
        dag: pipeline.dag,
        id: task.id,
        after: task.after.join(','),
        reads: task.reads.join(','),
        writes: task.writes.join(','),
        mode: task.mode === 'none' ? undefined : task.mode,
        spark_app: task.sparkApp,
        query_user: task.queryUser,
        code: task.code,
      }),
    ),
  ];
}
