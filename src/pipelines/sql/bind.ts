import type { Engine } from '../config.js';
import type { Binding } from './binding.js';
import { unverified } from './binding.js';
import type { BindResult, Facts, InputTable, PlaceInFile } from './bound.js';
import { fillParameters, type Parameter } from './parameter.js';
import { type ParsedQuery, parseQuery } from './parse.js';
import { bindQuery, queryContext } from './query.js';
import type { QueryResult } from './query-context.js';
import { Unbound } from './relations.js';
import { getPosition } from './span.js';
import { NotUnderstood } from './tree.js';

export interface BindOptions {
  /** Where the query stands in the config, as `transformers.0.sql`. */
  path: string;
  engine: Engine;
  inputs: readonly InputTable[];
  placeInFile: PlaceInFile;
  /** Values for `${name}` in the query. */
  parameters?: Readonly<Record<string, Parameter>>;
}

/**
 * Reads one query as Spark would: every fault with its place, the columns it gives with their types, what it is made of, and the
 * same query for the sandbox. A function or form that is not on the verified list is said, and never green.
 */
export function bindSql(sql: string, options: BindOptions): BindResult {
  const filled = fillParameters(sql, options.parameters ?? {}, options);
  if (filled.findings.length > 0) return { bound: undefined, findings: filled.findings };
  const { query, findings } = parseQuery(filled.sql, options.path, filled.placeInFile);
  if (query === undefined) return { bound: undefined, findings };
  const binding = emptyBinding(options, query, options.placeInFile(0, sql.length));
  const result = bindSafely(binding, query.tree);
  const facts = factsOf(binding, result);
  if (result === undefined) return { bound: undefined, findings: binding.findings };
  const { columns } = result;
  const bound = {
    columns,
    facts,
    duckdb: binding.unverified.length === 0 ? result.sql : undefined,
    unverified: binding.unverified,
  };
  return { bound, findings: binding.findings };
}

function emptyBinding(options: BindOptions, { placeOf, placeOfWord }: ParsedQuery, whole: Binding['whole']): Binding {
  const { path, engine, inputs } = options;
  return {
    ...{ path, engine, inputs, placeOf, placeOfWord, whole },
    findings: [],
    unverified: [],
    reads: new Map(),
    aggregates: [],
    casts: [],
    filters: [],
    joins: [],
    calls: [],
    windows: [],
    names: [],
    star: undefined,
    limit: undefined,
    orderBy: undefined,
  };
}

function bindSafely(binding: Binding, tree: unknown): QueryResult | undefined {
  try {
    return bindQuery(queryContext(binding), tree);
  } catch (thrown) {
    if (thrown instanceof Unbound) return undefined;
    if (!(thrown instanceof NotUnderstood)) throw thrown;
    const place = binding.placeOf(thrown.span ?? getPosition(tree));
    unverified(binding, thrown.what, place);
    return undefined;
  }
}

function factsOf(binding: Binding, result: QueryResult | undefined): Facts {
  const { aggregates, casts, filters, joins, calls, windows, orderBy, limit, star, names } = binding;
  return {
    reads: [...binding.reads.values()],
    grain: result?.grain,
    hiddenGrain: result?.hiddenGrain ?? false,
    ...{ aggregates, casts, filters, joins, calls, windows, orderBy, limit, star, names },
  };
}
