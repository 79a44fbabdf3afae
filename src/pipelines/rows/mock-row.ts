import type { SandboxCell } from '../../domain/sandbox.js';
import type { InputTable } from '../sql/bound.js';

/** Why a row is there. All but `ordinary` differ from an ordinary row in one column. */
export type RowReason =
  | 'ordinary'
  | 'mixed'
  | 'boundary'
  | 'null'
  | 'declared'
  | 'unmatched'
  | 'unknown'
  | 'extreme'
  | 'calendar'
  | 'duplicate';

export interface MockRow {
  cells: readonly SandboxCell[];
  why: RowReason;
  /** The column that is unlike the others. */
  odd: string | undefined;
}

export interface MockTable {
  table: InputTable;
  rows: readonly MockRow[];
}
