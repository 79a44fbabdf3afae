import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrinoGiven } from './expectations/trino-given.js';

/** Runs statements over the plain protocol, without our connector, in the session a pipeline's query has. */
export function submitTo(
  url: string,
  session: { user: string; catalog: string; schema: string },
): TrinoGiven['submit'] {
  return async (sql, { user = session.user, source = 'scheduler', properties } = {}) => {
    const headers = {
      'x-trino-user': user,
      'x-trino-source': source,
      'x-trino-catalog': session.catalog,
      'x-trino-schema': session.schema,
      ...(properties === undefined ? {} : { 'x-trino-session': properties }),
    };
    let response = await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql });
    for (;;) {
      const page = (await response.json()) as { id: string; nextUri?: string };
      if (page.nextUri === undefined) return page.id;
      response = await fetch(page.nextUri, { headers });
    }
  };
}

interface Action {
  metaData?: { schemaString: string; configuration: Record<string, string> };
}

/** A table as its newest `metaData` describes it, read from the JSON commits below `root`. */
export function tableInLog(root: string, name: string): ReturnType<TrinoGiven['table']> {
  const log = join(root, ...name.split('.'), '_delta_log');
  const commits = (existsSync(log) ? readdirSync(log) : []).filter((file) => /^\d{20}\.json$/.test(file)).sort();
  const metaData = commits
    .flatMap((file) => readFileSync(join(log, file), 'utf8').trim().split('\n'))
    .map((line) => (JSON.parse(line) as Action).metaData)
    .findLast((found) => found !== undefined);
  if (metaData === undefined) throw new Error(`${name} has no Delta log with a metaData action.`);
  const { fields } = JSON.parse(metaData.schemaString) as { fields: { name: string; type: unknown }[] };
  return {
    version: Number.parseInt(commits.at(-1) ?? '', 10),
    columns: Object.fromEntries(fields.map((field) => [field.name, field.type])),
    properties: metaData.configuration,
  };
}
