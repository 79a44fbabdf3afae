import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../place.js';
import { type Agreement, agreementOf } from './compare.js';
import { openDuck } from './duck.js';
import { agreementSection, agreementTable } from './report.js';
import { askSpark } from './spark.js';
import { inputsOf, readSuite } from './suite.js';

/** Runs the suite on Spark and through the binder on DuckDB, says how far they agree and writes docs/drafting-agreement.md. */
export async function runAgreement(say: (line: string) => void): Promise<number> {
  const suite = readSuite();
  const { version, answers } = await askSpark(suite);
  const inputs = inputsOf(suite.tables);
  const duck = await openDuck(suite.tables);
  const all: Agreement[] = [];
  for (const query of suite.queries) {
    const answer = answers[query.id];
    if (answer === undefined) throw new Error(`Spark gave no answer to ${query.id}.`);
    all.push(await agreementOf(query, inputs, answer, duck.run));
  }
  duck.close();
  const versions = `Spark ${version} (ANSI, UTC) and on DuckDB ${duckVersion()}`;
  writeFileSync(join(packageRoot(), 'docs/drafting-agreement.md'), `${agreementSection(all, versions).trimEnd()}\n`);
  say(agreementTable(all));
  for (const { id, notes } of all.filter(({ outcome }) => outcome === 'missed' || outcome === 'wrong'))
    say(`${id}: ${notes.join('; ')}`);
  return 0;
}

function duckVersion(): string {
  const file = join(packageRoot(), 'node_modules/@duckdb/node-api/package.json');
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version).replace(/-.*$/, '');
}
