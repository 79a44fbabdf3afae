import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PipelineConfig } from '../config.js';
import { readConfig } from '../structure.js';
import { createLineage, downstreamOf, type Lineage } from './lineage.js';
import { foldersOf, locationsRead, overlaps } from './location.js';

const FOLDER = 'fixtures/pipelines/portfolio';
const configs = readdirSync(FOLDER).map((file) => {
  const { read } = readConfig(readFileSync(`${FOLDER}/${file}`, 'utf8'));
  if (read === undefined) throw new Error(file);
  return read.config;
});

function config(name: string): PipelineConfig {
  const found = configs.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

/** Every edge there is, in words. */
const edges = (lineage: Lineage): string[] =>
  lineage
    .names()
    .flatMap((name) => [...lineage.upstream(name), ...lineage.downstream(name)])
    .map(({ from, to, through }) => `${from} > ${to} ${through?.text ?? ''}`)
    .sort();

describe('the graph of pipelines', () => {
  it('lists all that a change reaches, nearest first, with what they read', () => {
    const found = downstreamOf(createLineage(configs), 'customer_txn_clean');
    expect(found.map(({ name, distance, through, team }) => [name, distance, through, team])).toEqual([
      ['fee_income_daily', 1, '/mnt/curated/customer_txn_clean', 'finance-data'],
      ['txn_by_channel_daily', 1, '/mnt/curated/customer_txn_clean', 'payments-data'],
    ]);
    expect(
      downstreamOf(createLineage(configs), 'gl_balances_daily')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['cost_center_spend_monthly', 'gl_trial_balance_monthly']);
    expect(downstreamOf(createLineage(configs), 'nobody')).toEqual([]);
  });

  it('reaches over several steps, and through a circle only once', () => {
    const first = config('customer_master');
    const chain = ['b', 'c', 'd'].map((letter, index) => {
      const before = ['customer_master', 'pipe_b', 'pipe_c'][index] ?? '';
      return {
        ...config('customer_households'),
        metadata: { ...first.metadata, name: `pipe_${letter}` },
        dependsOn: [before],
        sources: first.sources,
      };
    });
    const lineage = createLineage([{ ...first, dependsOn: ['pipe_d'] }, ...chain]);
    expect(downstreamOf(lineage, 'customer_master').map(({ name, distance }) => `${name} ${distance}`)).toEqual([
      'pipe_b 1',
      'pipe_c 2',
      'pipe_d 3',
    ]);
  });

  it('is the same after pipelines were taken out, changed and put back, in any order', () => {
    const whole = edges(createLineage(configs));
    expect(whole.length).toBeGreaterThan(50);
    const lineage = createLineage([...configs].reverse());
    for (const each of configs) lineage.remove(each.metadata.name);
    expect([lineage.size, edges(lineage)]).toEqual([0, []]);
    for (const each of configs) {
      lineage.put({ ...each, dependsOn: [], sink: { ...each.sink, path: '/mnt/elsewhere' } });
      lineage.put(each);
    }
    expect(edges(lineage)).toEqual(whole);
  });
});

describe('a place', () => {
  const key = (path: string, connection = 'lake'): string | undefined => {
    const sources = [{ id: 'x', type: 'adls' as const, connection, path }];
    return locationsRead({ ...config('customer_households'), sources })[0]?.key;
  };

  it.each([
    ['/mnt/a/b', '/mnt/a/b/'],
    ['/mnt/a/b', '/mnt//a/./b'],
    ['/mnt/a/b', '/mnt/a/c/../b'],
    ['/mnt/a/b', 'dbfs:/mnt/a/b'],
    ['/mnt/a/b', '/dbfs/mnt/a/b'],
    ['/mnt/a/b', '/mnt/a/b/*.parquet'],
    ['/mnt/a/b', '/mnt/a/b/{x,y}/z'],
    ['s3://bucket/a', 's3a://bucket/a/'],
    ['s3://bucket/a', 'S3N://bucket//a'],
  ])('%s is also %s', (a, b) => {
    expect(key(b)).toBe(key(a));
  });

  it('belongs to its connection where it is relative, and to nobody where it is not', () => {
    expect(key('a/b', 'one')).not.toBe(key('a/b', 'two'));
    expect(key('/a/b', 'one')).toBe(key('/a/b', 'two'));
    expect(key('s3://a/b')).not.toBe(key('/a/b'));
  });

  it('lies in its folders, and beside what only begins alike', () => {
    expect(foldersOf('files:/mnt/a/b')).toEqual(['files:/mnt/a/b', 'files:/mnt/a', 'files:/mnt', 'files:']);
    expect(overlaps('files:/mnt/a', 'files:/mnt/a/b')).toBe(true);
    expect(overlaps('files:/mnt/a', 'files:/mnt/ab')).toBe(false);
  });
});
