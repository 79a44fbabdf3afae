import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindConfig } from '../bind-config.js';
import { PipelineConfig } from '../config.js';
import { readCatalog } from '../read-catalog.js';
import { readConfig } from '../structure.js';
import { checkAgainstCard } from './card-checks.js';
import { draftRequest } from './draft-request.js';
import { similarPipelines } from './similar-pipelines.js';

const HOME = 'fixtures/pipelines';
const read = (name: string): string => readFileSync(join(HOME, name), 'utf8');
const known = readCatalog(read('catalog.yaml')).catalog;
if (known === undefined) throw new Error('the catalogue has faults');
const catalog = known;
const author = { team: 'payments-data', contact: '#payments-data' };
const draft = (request: string) => draftRequest(request, { catalog, portfolio: [], author });

const MAIN =
  'Create a pipeline that reads the Oracle CUSTOMER_TRANSACTIONS table, aggregates by customer_id and month (sum of amount, count of records), and writes to Delta at /mnt/curated/monthly_customer_txn. The source is CDC via Kafka.';

describe('the main example', () => {
  const result = draft(MAIN);

  it('is the example of the reference in meaning: only names of its parts and the sentence about it differ', () => {
    const own = readConfig(result.text ?? '').read?.config;
    const wanted = readConfig(read('monthly_customer_txn.yaml')).read?.config;
    const plain = (config: PipelineConfig | undefined) => {
      const text = JSON.stringify({ ...config, metadata: { ...config?.metadata, description: '' } });
      return PipelineConfig.parse(
        withDescription(JSON.parse(text.replaceAll('customer_transactions', 'txn').replaceAll(/\\n\s*/g, ' '))),
      );
    };
    expect(plain(own)).toEqual(plain(wanted));
  });

  it('asks about the change stream and the currencies, and has no error', () => {
    expect(result.outcome).toBe('draft');
    expect(result.card?.open.map(({ rule }) => rule)).toContain('MON001');
    expect(result.card?.open.some(({ what }) => what.includes('change stream'))).toBe(true);
    expect(result.findings.filter(({ severity }) => severity === 'error' || severity === 'block')).toEqual([]);
  });

  it('is the same text every time', () => {
    expect(draft(MAIN).text).toBe(result.text);
  });
});

const withDescription = (config: Record<string, unknown>): unknown => ({
  ...config,
  metadata: { ...(config['metadata'] as object), description: 'not compared here' },
});

describe('a draft held against its card', () => {
  const result = draft(
    'Sum amount by customer_id and month from CUSTOMER_TRANSACTIONS where status is POSTED and currency is EUR, write to Delta at /mnt/curated/posted_eur. Make sure total_amount must not be negative.',
  );
  const check = (edit: (text: string) => string) => {
    const text = edit(result.text ?? '');
    expect(text === result.text).toBe(false);
    const config = readConfig(text).read;
    if (config === undefined || result.card === undefined) throw new Error('no config');
    return checkAgainstCard(config, bindConfig(config, catalog), result.card).map(
      ({ rule, message }) => `${rule} ${message}`,
    );
  };

  it('has nothing to say where it does what was asked', () => {
    expect(result.outcome, JSON.stringify(result.findings)).toBe('draft');
    expect(
      check((text) =>
        text.replace("status = 'POSTED'", "status IN ('POSTED')").replaceAll('total_amount', 'amount_sum'),
      ),
    ).toEqual([]);
  });

  it('finds a requested filter that is missing', () => {
    expect(check((text) => text.replace("status = 'POSTED'\n        AND ", ''))).toEqual([
      'FLT002 the requested filter is missing: status = POSTED',
    ]);
  });

  it('finds a requested output that is missing, and one that nobody asked for', () => {
    expect(check((text) => text.replace('SUM(amount) AS total_amount', 'MAX(amount) AS max_amount'))).toEqual([
      'INT002 the requested output is missing: sum of amount',
      "INT003 nobody asked for the output 'max_amount'",
    ]);
  });

  it('finds another grain of time, another sink, and a check that was dropped', () => {
    expect(check((text) => text.replaceAll("'MONTH'", "'YEAR'"))).toEqual(
      expect.arrayContaining([expect.stringContaining('INT002')]),
    );
    expect(check((text) => text.replace('path: /mnt/curated/posted_eur', 'path: /mnt/curated/other'))).toEqual([
      expect.stringContaining('INT002 delta at /mnt/curated/posted_eur'),
    ]);
    expect(check((text) => text.replace(/ {2}- \{id: dq_total_amount_range.*\n/, ''))).toEqual([
      'DQ002 the requested check is missing: range of total_amount',
    ]);
  });

  it('finds a filter that nobody asked for', () => {
    expect(check((text) => text.replace("status = 'POSTED'", "status = 'POSTED'\n        AND amount > 0"))).toEqual([
      "INT003 nobody asked for a filter on 'amount'",
    ]);
  });
});

describe('requests that are no requests', () => {
  it.each([
    '',
    '   ',
    '?',
    '@d0 @p1 @q2',
    '\u0000',
    "'".repeat(500),
    'by by by by by by',
    'x'.repeat(5_000),
    'a, '.repeat(1_000),
    '/mnt/a/b '.repeat(300),
  ])('%#: an answer, never a crash', (text) => {
    expect(draft(text).outcome).toBe('ask');
  });
});

describe('pipelines like a request', () => {
  const portfolio = readdirSync(join(HOME, 'portfolio')).flatMap(
    (name) => readConfig(read(join('portfolio', name))).read?.config ?? [],
  );

  it('are those of the same table and grain first, the same every time', () => {
    const names = (request: string): string[] =>
      similarPipelines(request, portfolio, 3).map(({ metadata }) => metadata.name);
    expect(names(MAIN)[0]).toBe('monthly_customer_txn');
    expect(names('declined card authorizations per hour')[0]).toBe('card_declines_hourly');
    expect(names(MAIN)).toEqual(names(MAIN));
  });

  it('are none where no word is shared', () => {
    expect(similarPipelines('zzz qqq', portfolio, 3)).toEqual([]);
    expect(similarPipelines(MAIN, portfolio, 0)).toEqual([]);
  });
});
