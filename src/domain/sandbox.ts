/**
 * The port to the place where queries are tried out on generated rows. It stands in the domain because an adapter implements it; a
 * plan never holds a person's or a model's SQL, only what the binder wrote.
 */

declare const written: unique symbol;
/** SQL for the sandbox that our own code produced from names and literals it quoted itself. */
export type SandboxSql = string & { readonly [written]: true };

/** Marks SQL as our own; only the code that builds sandbox plans may call it. */
export const sandboxSql = (sql: string): SandboxSql => sql as SandboxSql;

/** A value on its way in: text that its column's type can read, so that no digit is lost. */
export type SandboxCell = string | null;

export interface SandboxTable {
  name: string;
  columns: readonly { name: string; type: string }[];
  rows: readonly (readonly SandboxCell[])[];
}

export interface SandboxStatement {
  id: string;
  sql: SandboxSql;
  /** The result becomes a table of this name for the statements after it. */
  keepAs?: string;
}

export interface SandboxPlan {
  /** Functions that the binder's SQL calls. */
  macros: readonly SandboxSql[];
  /** Each set of rows gets all its statements, with nothing left over from the set before. */
  sets: readonly { id: string; tables: readonly SandboxTable[]; statements: readonly SandboxStatement[] }[];
}

/** A value on its way out: decimals, dates and BIGINT as text. */
export type SandboxValue = string | number | boolean | null | SandboxValue[] | { [key: string]: SandboxValue };

export interface SandboxRows {
  columns: readonly { name: string; type: string }[];
  /** The first of them; `rowCount` counts all. */
  rows: readonly (readonly SandboxValue[])[];
  rowCount: number;
}

export interface SandboxAnswer {
  set: string;
  statement: string;
  /** Undefined when the statement failed: then `error` says why, in one line. */
  result: SandboxRows | undefined;
  error: string | undefined;
}

export type SandboxOutcome =
  | { state: 'done'; answers: readonly SandboxAnswer[]; elapsedMs: number }
  /** It came to its limit and was stopped; `limit` is in seconds or MB. */
  | { state: 'stopped'; by: 'time' | 'memory'; limit: number }
  /** The process ended, could not be started, or could not take the plan; nothing is known of the query. */
  | { state: 'failed'; text: string }
  | { state: 'busy'; waiting: number };

export interface Sandbox {
  /** Runs a plan apart from everything else. Never throws: a crash, a limit and a full queue are answers. Nothing is kept; it may run twice. */
  run(plan: SandboxPlan): Promise<SandboxOutcome>;
  close(): Promise<void>;
}
