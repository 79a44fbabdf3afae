import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readCatalog } from '../read-catalog.js';
import { readConfig } from '../structure.js';
import { type DraftedRequest, draftRequest } from './draft-request.js';
import type { IntentCard } from './intent.js';

const HOME = 'fixtures/pipelines';
const Outcome = z.enum(['draft', 'ask', 'review', 'refuse']);
const Words = z.array(z.string()).default([]);
const Expected = z.strictObject({
  grain: z.array(z.string()).optional(),
  measures: z.array(z.string()).optional(),
  columns: z.array(z.string()).optional(),
  filters: z.array(z.string()).optional(),
  joins: z.array(z.string()).optional(),
  quality: z.array(z.string()).optional(),
  after: z.array(z.string()).optional(),
  sink: z.string().optional(),
  mode: z.string().optional(),
  cron: z.string().optional(),
  questions: Words,
  suggestions: Words,
  rules: Words,
  silent: Words,
});
const Request = z.strictObject({
  text: z.string(),
  why: z.string().optional(),
  author: z.string().default('payments-data'),
  outcome: Outcome,
  expect: Expected,
});

const { catalog } = readCatalog(readFileSync(join(HOME, 'catalog.yaml'), 'utf8'));
const portfolio = readdirSync(join(HOME, 'portfolio')).flatMap(
  (name) => readConfig(readFileSync(join(HOME, 'portfolio', name), 'utf8')).read?.config ?? [],
);
const requests = readdirSync(join(HOME, 'requests')).flatMap((name) =>
  z.array(Request).parse(parse(readFileSync(join(HOME, 'requests', name), 'utf8'))),
);

function drafted(text: string, team: string): DraftedRequest {
  if (catalog === undefined) throw new Error('the catalogue has faults');
  return draftRequest(text, { catalog, portfolio, author: { team, contact: `#${team}` } });
}

const told = ({ findings }: DraftedRequest): string =>
  findings.map(({ rule, message, suggestion }) => `${rule} ${message} (${suggestion})`).join('\n');

/** A card in the words of the expectations. */
function summary(card: IntentCard | undefined) {
  const measure = ({ function: kind, of }: IntentCard['measures'][number]) =>
    [kind, of?.column].filter((part) => part !== undefined).join(' ');
  return {
    grain: card?.grain.map(({ name }) => name),
    measures: card?.measures.map(measure),
    columns: card?.columns.map(({ column }) => column),
    filters: card?.filters.map(({ of, op, values }) => [of.column, op, ...values].join(' ')).sort(),
    joins: card?.joins.map(({ kind, source }) => `${kind} ${source}`),
    quality: card?.quality.map((check) => [check.type, ...('columns' in check ? check.columns : [])].join(' ')),
    after: card?.after,
    sink: card?.sink?.path ?? card?.sink?.table,
    mode: card?.sink?.mode,
    cron: card?.schedule.cron,
  };
}

const results = new Map<string, { right: number; of: number; falselyRefused: number }>();

describe('the corpus of requests', () => {
  it.each(requests.map((request) => [request.text.slice(0, 70), request] as const))('%s', (_name, request) => {
    const result = drafted(request.text, request.author);
    const score = results.get(request.outcome) ?? { right: 0, of: 0, falselyRefused: 0 };
    results.set(request.outcome, score);
    score.of += 1;
    if (result.outcome === request.outcome) score.right += 1;
    else if (result.outcome === 'refuse') score.falselyRefused += 1;
    expect(result.outcome, told(result)).toBe(request.outcome);
    const { questions, suggestions, rules, silent, filters, ...meaning } = request.expect;
    const found = summary(result.card);
    expect(found, told(result)).toMatchObject(
      filters === undefined ? meaning : { ...meaning, filters: [...filters].sort() },
    );
    for (const text of questions) expect(told(result)).toContain(text);
    for (const text of suggestions) expect(told(result)).toContain(text);
    const fired = result.findings.map(({ rule }) => rule as string);
    expect(fired, told(result)).toEqual(expect.arrayContaining(rules));
    expect(
      fired.filter((rule) => silent.includes(rule)),
      told(result),
    ).toEqual([]);
    expect(result.text !== undefined).toBe(request.outcome === 'draft');
  });

  it('is large and mixed enough to say something', () => {
    expect(requests.length).toBeGreaterThanOrEqual(30);
    expect(new Set(requests.map(({ outcome }) => outcome)).size).toBe(Outcome.options.length);
  });

  afterAll(() => {
    const lines = [...results].map(
      ([outcome, { right, of, falselyRefused }]) => `${outcome} ${right}/${of}, falsely refused ${falselyRefused}`,
    );
    process.stdout.write(`requests by class: ${lines.join('; ')}\n`);
  });
});
