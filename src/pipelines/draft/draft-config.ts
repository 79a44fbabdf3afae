import { Document, isMap, isScalar, isSeq, Scalar } from 'yaml';
import { bindConfig } from '../bind-config.js';
import type { CatalogDataset, PipelineCatalog } from '../catalog.js';
import { DataLevel, Engine, Source } from '../config.js';
import { type Finding, finding } from '../finding.js';
import { sourceTable } from '../source-table.js';
import { bindSql } from '../sql/bind.js';
import type { BoundQuery } from '../sql/bound.js';
import { parseType, printType } from '../sql/type.js';
import { readConfig } from '../structure.js';
import { draftSql } from './draft-sql.js';
import { type IntentCard, isDraftable, type SourceColumn } from './intent.js';

export interface Draft {
  /** The config as YAML; undefined when a finding stands in the way. */
  text: string | undefined;
  findings: readonly Finding[];
}

type Raw = Record<string, unknown>;

/** Writes the config that an intent card stands for: the same card gives the same text. What it wrote is read and bound again before it is given out. */
export function draftConfig(card: IntentCard, catalog: PipelineCatalog): Draft {
  const { name, owner, sink } = card;
  const missing = [
    name === undefined ? 'name' : '',
    owner === undefined ? 'owner' : '',
    sink?.connection === undefined ? 'sink' : '',
  ].filter((part) => part !== '');
  if (!isDraftable(card) || missing.length > 0 || card.sources.length === 0) {
    const open = card.open.filter(({ assumed }) => assumed === undefined).map(({ what }) => what);
    return {
      text: undefined,
      findings: [...open, ...missing].map((what) => finding('INT001', { message: `open: ${what}` })),
    };
  }
  const known = card.sources.flatMap((each) => {
    const dataset = catalog.datasets.find((candidate) => candidate.name === each.dataset);
    return dataset === undefined ? [] : [{ ...each, dataset, raw: sourceOf(each, dataset, catalog) }];
  });
  const lost = card.sources.filter(({ dataset }) => !known.some((each) => each.dataset.name === dataset));
  if (lost.length > 0)
    return {
      text: undefined,
      findings: lost.map(({ dataset }) => finding('SRC001', { message: `the catalogue has no '${dataset}'` })),
    };
  const typeOf = (ref: SourceColumn) => {
    const source = known.find(({ id }) => id === ref.source);
    const column = source?.dataset.versions
      .find(({ version }) => version === source.version)
      ?.columns.find((each) => each.name === ref.column);
    return column && parseType(column.type);
  };
  const sql = draftSql(card, typeOf);
  const inputs = known.flatMap(({ raw }) => sourceTable(Source.parse(raw), catalog)?.table ?? []);
  const { bound, findings } = bindSql(sql, {
    path: 'transformers.0.sql',
    engine: Engine.parse({}),
    inputs,
    placeInFile: () => undefined,
  });
  if (bound === undefined) return { text: undefined, findings };
  const text = render(configOf(card, known, sql, bound));
  return { text, findings: proven(text, catalog) };
}

/** Reads the text as anybody else's: a draft is trusted no more than that. */
function proven(text: string, catalog: PipelineCatalog): readonly Finding[] {
  const { read, findings } = readConfig(text);
  return read === undefined ? findings : [...findings, ...bindConfig(read, catalog).findings];
}

function sourceOf(
  { id, version }: IntentCard['sources'][number],
  dataset: CatalogDataset,
  catalog: PipelineCatalog,
): Raw {
  const type = catalog.connections.find(({ name }) => name === dataset.connection)?.type ?? 'adls';
  const place = { kafka: 'topic', oracle_cdc: 'table', adls: 'path', s3: 'path' }[type];
  const cdc = {
    envelope: 'debezium',
    mode: 'latest',
    keys: dataset.keys,
    sequenceBy: dataset.sequenceBy,
    deletes: 'apply',
  };
  return {
    id,
    type,
    connection: dataset.connection,
    [place]: dataset.name,
    schema: { version },
    ...(dataset.changeStream ? { cdc } : {}),
  };
}

type Known = { dataset: CatalogDataset; raw: Raw; id: string };

function configOf(card: IntentCard, sources: readonly Known[], sql: string, bound: BoundQuery): Raw {
  const { sink, name = '' } = card;
  const id = transformerId(card);
  return {
    apiVersion: 'pipelines/v1',
    kind: 'Pipeline',
    metadata: {
      name,
      description: card.description,
      owner: card.owner,
      classification: classificationOf(card, sources, bound),
    },
    schedule: card.schedule,
    dependsOn: card.after,
    sources: sources.map(({ raw }) => raw),
    transformers: [{ id, type: 'sql', inputs: card.sources.map((each) => each.id), sql }],
    sink: {
      input: id,
      type: sink?.type,
      connection: sink?.connection,
      ...(sink?.path === undefined ? { table: sink?.table } : { path: sink.path }),
      mode: sink?.mode,
      ...(sink?.mode === 'merge' ? { mergeKeys: sink.mergeKeys } : {}),
      columns: bound.columns.map(({ name: column, type, nullable }) => ({
        name: column,
        type: printType(type),
        nullable,
      })),
    },
    dataQuality: qualityOf(card, bound),
    errorHandling: { onError: 'fail', retries: card.retries },
  };
}

/** Named for its grain of time, as people call it; the sources' own names stay free. */
function transformerId(card: IntentCard): string {
  const every = card.grain.find((each) => each.every !== undefined)?.every;
  const named = {
    hour: 'hourly',
    day: 'daily',
    week: 'weekly',
    month: 'monthly',
    quarter: 'quarterly',
    year: 'yearly',
  };
  const id =
    every !== undefined
      ? named[every]
      : card.measures.length > 0
        ? 'aggregated'
        : card.joins.length > 0
          ? 'joined'
          : 'selected';
  return card.sources.some((source) => source.id === id) ? `${id}_rows` : id;
}

const LEVELS: readonly DataLevel[] = DataLevel.options;

/** As closed as the most closed source; personal columns are those that pass through unchanged. */
function classificationOf(card: IntentCard, sources: readonly Known[], bound: BoundQuery): Raw {
  const level = LEVELS[Math.max(...sources.map(({ dataset }) => LEVELS.indexOf(dataset.level)))];
  const regulated = sources.map(({ dataset }) => dataset.regulated).find((each) => each !== 'none') ?? 'none';
  const pii = bound.columns.flatMap(({ name, plain }) => {
    const source = sources.find(({ id }) => id === plain?.input);
    const version = card.sources.find(({ id }) => id === plain?.input)?.version;
    const column = source?.dataset.versions
      .find((each) => each.version === version)
      ?.columns.find((each) => each.name === plain?.column);
    return column?.pii === true ? [name] : [];
  });
  return { level, regulated, ...(pii.length > 0 ? { pii } : {}) };
}

function qualityOf(card: IntentCard, bound: BoundQuery): Raw[] {
  const keys = card.grain.length > 0 ? card.grain.map(({ name }) => name) : (card.sink?.mergeKeys ?? []);
  const sure = keys.filter((key) => bound.columns.some(({ name, nullable }) => name === key && !nullable));
  const own: Raw[] = [
    ...(sure.length > 0 ? [{ id: 'dq_keys_not_null', type: 'not_null', columns: sure, onFail: 'fail' }] : []),
    ...(keys.length > 0 ? [{ id: 'dq_grain', type: 'unique', columns: keys, onFail: 'fail' }] : []),
  ];
  const counted = card.quality.find(({ type }) => type === 'row_count');
  const asked = card.quality.filter((check) => check.type !== 'row_count' && !own.some((each) => covers(each, check)));
  const ids = new Set<string>();
  return [
    ...own,
    { id: 'dq_rows', type: 'row_count', min: counted?.type === 'row_count' ? counted.min : 1, onFail: 'fail' },
    ...asked.map(({ type, ...rest }) => {
      let id = `dq_${'columns' in rest ? rest.columns.join('_').toLowerCase() : 'rows'}_${type}`.slice(0, 58);
      for (let number = 2; ids.has(id); number += 1) id = `${id.replace(/_\d+$/, '')}_${number}`;
      ids.add(id);
      return { id, type, ...rest, onFail: 'fail' };
    }),
  ];
}

function covers(own: Raw, check: IntentCard['quality'][number]): boolean {
  if (own['type'] !== check.type || !('columns' in check)) return false;
  const columns = own['columns'] as readonly string[];
  const within = check.columns.every((column) => columns.includes(column));
  return check.type === 'unique' ? within && columns.length === check.columns.length : within;
}

const FLAT = [['metadata', 'owner'], ['metadata', 'classification'], ['schedule'], ['dependsOn'], ['errorHandling']];

/** YAML as people write a config: small maps on one line, SQL as a block. */
function render(config: Raw): string {
  const document = new Document(config, { aliasDuplicateObjects: false });
  const flat = (path: readonly (string | number)[]): void => {
    const node = document.getIn(path, true);
    if (isMap(node) || isSeq(node)) node.flow = true;
  };
  FLAT.forEach(flat);
  const count = (path: string[]): number => {
    const node = document.getIn(path, true);
    return isSeq(node) ? node.items.length : 0;
  };
  for (let at = 0; at < count(['sources']); at += 1) for (const key of ['schema', 'cdc']) flat(['sources', at, key]);
  for (let at = 0; at < count(['sink', 'columns']); at += 1) flat(['sink', 'columns', at]);
  for (let at = 0; at < count(['dataQuality']); at += 1) flat(['dataQuality', at]);
  for (let at = 0; at < count(['transformers']); at += 1) flat(['transformers', at, 'inputs']);
  flat(['sink', 'mergeKeys']);
  const cron = document.getIn(['schedule', 'cron'], true);
  if (isScalar(cron)) cron.type = Scalar.QUOTE_DOUBLE;
  const sql = document.getIn(['transformers', 0, 'sql'], true);
  if (isScalar(sql)) sql.type = Scalar.BLOCK_LITERAL;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
