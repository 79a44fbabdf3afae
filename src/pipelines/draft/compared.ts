import type { BoundConfig } from '../bind-config.js';
import { type Finding, finding } from '../finding.js';
import type { RuleId } from '../rules.js';
import type { ColumnRef } from '../sql/bound.js';
import type { ReadConfig } from '../structure.js';
import type { IntentCard, SourceColumn } from './intent.js';

/** A draft and the card that its asker confirmed. */
export interface Compared {
  read: ReadConfig;
  bound: BoundConfig;
  card: IntentCard;
  /** Columns of the card that a column of the draft comes from. */
  origins(ref: ColumnRef): SourceColumn[];
}

export const isSame = (a: SourceColumn, b: SourceColumn): boolean => a.source === b.source && a.column === b.column;

/** A finding at a path of the draft. */
export function say({ read }: Compared, rule: RuleId, path: readonly PropertyKey[], message: string): Finding {
  return finding(rule, { path: path.map(String).join('.'), place: read.source.placeOf(path), message });
}
