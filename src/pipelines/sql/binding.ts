import type { Engine } from '../config.js';
import { type Finding, finding, type Place } from '../finding.js';
import type { RuleId } from '../rules.js';
import type {
  AggregateFact,
  CallFact,
  CastFact,
  ColumnRef,
  FilterFact,
  InputTable,
  JoinFact,
  Unverified,
} from './bound.js';
import type { Span } from './span.js';
import { NULL_TYPE, type SqlType } from './type.js';

/** An expression with its type, as Spark would see it, and as the sandbox runs it. */
export interface Typed {
  type: SqlType;
  nullable: boolean;
  /** For DuckDB; also what tells two expressions to be the same, as columns are written out in full. */
  sql: string;
  from: readonly ColumnRef[];
  plain?: ColumnRef | undefined;
  /** An aggregate stands in it. */
  aggregate?: boolean;
  /** Columns that stand outside of every aggregate. */
  loose: readonly { sql: string; name: string; place: Place | undefined }[];
  /** A literal's value, where it is one. */
  literal?: string | number | boolean | null;
  /** Something in it is at fault and was said already: what follows from it is not said again. */
  broken?: boolean;
  place?: Place | undefined;
}

/** Where an expression stands: not everything may stand everywhere. */
export type Clause = 'select' | 'where' | 'having' | 'on' | 'group' | 'order' | 'case' | 'filter' | 'aggregate';

/** What one query's binding gathers. Mutable: one walk fills it. */
export interface Binding {
  path: string;
  engine: Engine;
  inputs: readonly InputTable[];
  findings: Finding[];
  unverified: Unverified[];
  reads: Map<string, ColumnRef>;
  aggregates: AggregateFact[];
  casts: CastFact[];
  filters: FilterFact[];
  joins: JoinFact[];
  calls: CallFact[];
  windows: CallFact[];
  names: { name: string; place: Place | undefined }[];
  star: Place | undefined;
  limit: Place | undefined;
  orderBy: Place | undefined;
  placeOf(span: Span | undefined): Place | undefined;
  placeOfWord(pattern: RegExp, before?: Span): Place | undefined;
  /** The place of the whole query: where nothing nearer is known. */
  whole: Place | undefined;
}

/** Says what is wrong and gives an expression that causes no further complaint. */
export function broken(binding: Binding, rule: RuleId, message: string, place?: Place, suggestion?: string): Typed {
  tell(binding, rule, message, place, suggestion);
  return { type: NULL_TYPE, nullable: true, sql: 'NULL', from: [], loose: [], broken: true, place };
}

export function tell(binding: Binding, rule: RuleId, message: string, place?: Place, suggestion?: string): void {
  binding.findings.push(finding(rule, { path: binding.path, place, message, suggestion }));
}

/** The sandbox can not stand for Spark here: never a green tick. Said as SBX002, unless a rule that says more was told before. */
export function unverified(binding: Binding, what: string, place?: Place, told = false): void {
  binding.unverified.push({ what, place });
  if (!told) tell(binding, 'SBX002', `${what} is not verified: it needs a run on Spark`, place);
}

/** What several expressions have together. */
export function joined(parts: readonly Typed[]): Pick<Typed, 'from' | 'loose' | 'aggregate' | 'broken' | 'place'> {
  const seen = new Set<string>();
  return {
    from: parts
      .flatMap(({ from }) => from)
      .filter(({ input, column }) => !seen.has(`${input}.${column}`) && seen.add(`${input}.${column}`)),
    loose: parts.flatMap(({ loose }) => loose),
    aggregate: parts.some(({ aggregate }) => aggregate === true),
    broken: parts.some((part) => part.broken === true),
    place: parts.find(({ place }) => place !== undefined)?.place,
  };
}
