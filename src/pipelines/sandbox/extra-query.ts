/** A query that is run beside those of the config, for what only the database can answer. */
export interface ExtraQuery {
  id: string;
  sql: string;
  /** Sets of rows on which it runs. */
  sets: readonly string[];
}
