import { type BoundConfig, bindConfig } from './bind-config.js';
import type { PipelineCatalog } from './catalog.js';
import { boundContext, configContext } from './checks/build-context.js';
import { withoutCredentials } from './checks/credential-shapes.js';
import { inlineCredentials, rawCredentials } from './checks/credentials.js';
import { instructionsIn } from './checks/instructions.js';
import { regulatedText } from './checks/regulated.js';
import { BOUND_RULES, CONFIG_RULES, type Entry } from './checks/rule-table.js';
import { withWritten } from './checks/written-datasets.js';
import type { PipelineConfig } from './config.js';
import { type Finding, isSound } from './finding.js';
import { checkGraph } from './graph/check-graph.js';
import { createLineage, type Lineage } from './graph/lineage.js';
import type { RuleId } from './rules.js';
import { type ReadConfig, readConfig } from './structure.js';

export interface CheckOptions {
  catalog: PipelineCatalog;
  /** The other pipelines of the portfolio. */
  others: readonly PipelineConfig[];
  /** Who asks, as the chat knows it. Left out, the config's own word for its owner stands. */
  team?: string | undefined;
  /** The words of the request that the config was drafted from. */
  request?: string | undefined;
  /** The pipeline that the config is an edit of, by name; undefined for a new one. */
  replaces?: string | undefined;
  /** The graph of `others`, where the caller keeps one; else it is built for this call. */
  lineage?: Lineage | undefined;
  /** From when on the runs of schedules are compared; the clock when left out. */
  now?: number | undefined;
}

/** What one layer did. A layer that could not run has said nothing: silence is no green tick. */
export interface LayerReport {
  layer: 'L0' | 'L1' | 'L2' | 'L3' | 'L5';
  about: string;
  state: 'ran' | 'partly' | 'not_run';
  /** Rules or queries that ran, of how many. */
  done: number;
  of: number;
  why?: string;
}

export interface CheckReport {
  /** In the order of the file. */
  findings: readonly Finding[];
  layers: readonly LayerReport[];
  /** Nothing forbids the next step, and every layer ran to its end. */
  sound: boolean;
  /** The config where it has the form of one; whoever goes on to the sandbox need not read it again. */
  read: ReadConfig | undefined;
  bound: BoundConfig | undefined;
}

const ABOUT = {
  L0: 'form: YAML, keys, lists of values, credentials',
  L1: 'config and catalogue: schemas, connections, rights, classes',
  L2: 'queries: columns and types',
  L3: 'what the queries mean: money, identifiers, filters, joins, sink',
  L5: 'the portfolio: dependencies, schedules, same target',
} as const;

/**
 * The one door to the deterministic checks: runs every layer that can run, to its end, and lists everything. A pure function of its
 * arguments but for the clock of cron expressions; it never throws on bad input, and nothing in the input changes a severity.
 */
export function checkConfig(text: string, options: CheckOptions): CheckReport {
  return checkReading(text, readConfig(text), options);
}

/** The same for a text that was read before, as whoever checks a whole folder reads each config for the others, too. */
export function checkReading(text: string, reading: ReturnType<typeof readConfig>, options: CheckOptions): CheckReport {
  const { read, source, findings: structure } = reading;
  const secrets = source === undefined ? rawCredentials(text) : inlineCredentials(source);
  const asked = options.request === undefined ? [] : aboutRequest(options.request);
  const layers: LayerReport[] = [{ layer: 'L0', about: ABOUT.L0, state: 'ran', done: 1, of: 1 }];
  const first = [...structure, ...secrets, ...asked];
  if (read === undefined) {
    const why = 'the file is no config yet';
    for (const layer of ['L1', 'L2', 'L3', 'L5'] as const) layers.push({ layer, about: ABOUT[layer], ...NOT_RUN, why });
    return report(first, layers, undefined, undefined);
  }
  const { catalog, written } = withWritten(options.catalog, options.others);
  const { others, team, request } = options;
  const context = configContext(read, { catalog, written, others, team, request });
  const l1 = run('L1', CONFIG_RULES, context);
  const bound = bindConfig(read, catalog);
  const queries = boundContext(context, bound);
  const l3 = run('L3', BOUND_RULES, queries);
  const l5 = run('L5', GRAPH_RULES, { read, options });
  const unbound = read.config.transformers.filter(({ id }) => !bound.transformers.has(id)).map(({ id }) => id);
  const of = read.config.transformers.length;
  layers.push(l1.layer, partly({ layer: 'L2', about: ABOUT.L2, state: 'ran', done: of - unbound.length, of }, unbound));
  layers.push(partly(l3.layer, unbound), l5.layer);
  const findings = [...first, ...l1.findings, ...bound.findings, ...l3.findings, ...l5.findings];
  return report(findings, layers, read, bound);
}

/** The whole layer of the graph as one entry: its rules are a list of their own. */
const GRAPH_RULES: readonly Entry<(context: { read: ReadConfig; options: CheckOptions }) => Finding[]>[] = [
  {
    rule: 'DEP001',
    check: ({ read, options: { lineage, others, replaces, now } }) =>
      checkGraph(read, lineage ?? createLineage(others), { now: now ?? Date.now(), replaces }),
  },
];

const NOT_RUN = { state: 'not_run', done: 0, of: 0 } as const;

function aboutRequest(request: string): Finding[] {
  return [...regulatedText(request, 'request'), ...instructionsIn(request, 'request')];
}

/** Queries that are not bound were not looked at. */
function partly(layer: LayerReport, unbound: readonly string[]): LayerReport {
  if (unbound.length === 0) return layer;
  const why = `not bound: ${unbound.slice(0, 10).join(', ')}`;
  return { ...layer, state: 'partly', why: layer.why === undefined ? why : `${layer.why}; ${why}` };
}

/** Runs every rule of a layer. One that fails is said and leaves the others alone: the layer is then not done. */
function run<C>(
  layer: 'L1' | 'L3' | 'L5',
  rules: readonly Entry<(context: C) => Finding[]>[],
  context: C,
): { findings: Finding[]; layer: LayerReport } {
  const failed: RuleId[] = [];
  const findings = rules.flatMap(({ rule, check }) => {
    try {
      return check(context);
    } catch {
      failed.push(rule);
      return [];
    }
  });
  const done = rules.length - failed.length;
  const about = ABOUT[layer];
  if (failed.length === 0) return { findings, layer: { layer, about, state: 'ran', done, of: rules.length } };
  const why = `could not be checked: ${failed.join(', ')}`;
  return { findings, layer: { layer, about, state: 'partly', done, of: rules.length, why } };
}

function report(
  findings: readonly Finding[],
  layers: readonly LayerReport[],
  read: ReadConfig | undefined,
  bound: BoundConfig | undefined,
): CheckReport {
  const seen = new Set<string>();
  const own = findings
    .map((each) => clean(each, read))
    .filter((each) => {
      const key = [each.rule, each.path, each.place?.line, each.place?.column, each.message].join('\0');
      return !seen.has(key) && seen.add(key);
    });
  const place = ({ place: at }: Finding): number => (at === undefined ? -1 : at.line * 100_000 + at.column);
  const sorted = own.sort((a, b) => place(a) - place(b) || (a.rule < b.rule ? -1 : 1));
  const sound = isSound(sorted) && layers.every(({ state }) => state === 'ran');
  return { findings: sorted, layers, sound, read, bound };
}

/** A finding must not carry a credential on to a chat or a model; one without a place of its own is at its path. */
function clean(found: Finding, read: ReadConfig | undefined): Finding {
  const message = withoutCredentials(found.message);
  const suggestion = found.suggestion && withoutCredentials(found.suggestion);
  const place = found.place ?? (found.path === 'request' ? undefined : read?.source.placeOf(pathOf(found.path)));
  return { ...found, place, message, suggestion };
}

function pathOf(path: string): PropertyKey[] {
  return path === '' ? [] : path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
