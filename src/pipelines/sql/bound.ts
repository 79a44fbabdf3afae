import type { Finding, Place } from '../finding.js';
import type { SqlType } from './type.js';

/** A column as a query can read it. */
export interface InputColumn {
  name: string;
  type: SqlType;
  nullable: boolean;
  /** Values that the schema or the catalogue declares, where it does. */
  values?: readonly string[];
  /** Personal data. */
  pii?: boolean;
  /** A key or reference: retyping it is a question, never an answer. */
  identifier?: boolean;
  /** Holds a currency code, or an amount of money. */
  money?: 'currency' | 'amount';
}

/** A source or an earlier transformer, by the name under which SQL reads it. */
export interface InputTable {
  name: string;
  columns: readonly InputColumn[];
  /** Columns that together are unique; empty when nothing is known. */
  keys: readonly string[];
  /** A change stream that nobody has reduced to the newest rows. */
  rawChanges: boolean;
  /** Columns of time or of partitions: a filter on one of them keeps the read small. */
  partitions: readonly string[];
}

/** A column of one of the inputs. */
export interface ColumnRef {
  input: string;
  column: string;
}

export interface OutputColumn {
  name: string;
  type: SqlType;
  /** False only where it is proven: a declared column, COUNT, a literal, COALESCE with a literal. */
  nullable: boolean;
  /** Columns whose values flow into it. */
  from: readonly ColumnRef[];
  /** It is that column, unchanged. */
  plain: ColumnRef | undefined;
  place: Place | undefined;
}

/** An aggregate, and over what. */
export interface AggregateFact {
  name: string;
  over: readonly ColumnRef[];
  distinct: boolean;
  place: Place | undefined;
}
export interface CastFact {
  from: SqlType;
  to: SqlType;
  /** `TRY_CAST`: an unreadable value becomes NULL. */
  tries: boolean;
  over: ColumnRef | undefined;
  place: Place | undefined;
}
/** A comparison of a column with literals: what rows a query keeps, and which values a test must reach. */
export interface FilterFact {
  column: ColumnRef;
  op: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'in' | 'not_in' | 'between' | 'like' | 'is_null' | 'is_not_null';
  /** As written, without quotes. */
  values: readonly string[];
  clause: 'where' | 'having' | 'on' | 'case' | 'filter';
  place: Place | undefined;
}
export interface JoinFact {
  kind: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';
  left: string | undefined;
  right: string;
  /** Pairs that must be equal. */
  on: readonly { left: ColumnRef; right: ColumnRef }[];
  place: Place | undefined;
}
export interface CallFact {
  name: string;
  place: Place | undefined;
}

/** What a query is, beyond its output: the later rules read this and never the syntax tree. */
export interface Facts {
  reads: readonly ColumnRef[];
  /** What one row stands for: the columns of GROUP BY or DISTINCT, by output name; undefined when rows pass through. */
  grain: readonly string[] | undefined;
  /** Expressions of GROUP BY that are no output column. */
  hiddenGrain: boolean;
  aggregates: readonly AggregateFact[];
  casts: readonly CastFact[];
  filters: readonly FilterFact[];
  joins: readonly JoinFact[];
  calls: readonly CallFact[];
  windows: readonly CallFact[];
  orderBy: Place | undefined;
  limit: Place | undefined;
  star: Place | undefined;
  /** Every identifier that was written, columns, aliases and tables: what names say about regulated logic. */
  names: readonly { name: string; place: Place | undefined }[];
}

/** A function or construct that the sandbox can not run as Spark would. */
export interface Unverified {
  what: string;
  place: Place | undefined;
}

/** A query with columns and types resolved. */
export interface BoundQuery {
  columns: readonly OutputColumn[];
  facts: Facts;
  /** The same query for the sandbox, written by the binder: never text of the author. Undefined when `unverified` is not empty. */
  duckdb: string | undefined;
  unverified: readonly Unverified[];
}

export interface BindResult {
  bound: BoundQuery | undefined;
  findings: readonly Finding[];
}

/** Where a text of SQL begins in the file it stands in, so that a place in the query is a place in the file. */
export type PlaceInFile = (start: number, end: number) => Place | undefined;
