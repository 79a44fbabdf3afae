import { describe, expect, it } from 'vitest';
import { PipelineConfig } from '../config.js';
import { readConfigText } from '../document.js';
import type { ReadConfig } from '../structure.js';
import { checkGraph } from './check-graph.js';
import { createLineage, downstreamOf } from './lineage.js';

const COUNT = 1000;
const now = Date.UTC(2026, 10, 24);
const LAYER = 100;

/** Ten layers of a hundred pipelines, each reading two of the layer above, started at two hundred times of day. */
function layered(): ReadConfig[] {
  const { config: source } = readConfigText('apiVersion: pipelines/v1\n');
  if (source === undefined) throw new Error('not a config text');
  return Array.from({ length: COUNT }, (_, index) => {
    const layer = Math.floor(index / LAYER);
    const minute = layer * 120 + 5 * Math.floor((index % LAYER) / 5);
    const above = layer === 0 ? [] : [index - LAYER, (layer - 1) * LAYER + ((index * 7) % LAYER)];
    const names = [...new Set(above)].map((each) => `pipe_${each}`);
    const path = (name: string): string => `/mnt/curated/team_${name.length}/${name}`;
    const columns = [{ name: 'a', type: 'INT', nullable: true }];
    const reads = names.map((name) => ({ id: name, type: 'adls', connection: 'lake', path: path(name) }));
    const raw = [{ id: 'raw', type: 'kafka', connection: 'core', topic: `raw.topic_${index}` }];
    const config = PipelineConfig.parse({
      apiVersion: 'pipelines/v1',
      kind: 'Pipeline',
      metadata: {
        name: `pipe_${index}`,
        description: 'one of very many pipelines',
        owner: { team: 'pay', contact: 'c' },
        classification: { level: 'internal', regulated: 'none' },
      },
      schedule: { cron: `${minute % 60} ${Math.floor(minute / 60)} * * *`, timezone: 'Europe/Vienna', maxRuntime: 10 },
      dependsOn: names,
      sources: reads.length > 0 ? reads : raw,
      transformers: [{ id: 'out', type: 'sql', inputs: [reads[0]?.id ?? 'raw'], sql: 'SELECT 1 AS a' }],
      sink: {
        input: 'out',
        type: 'delta',
        connection: 'lake',
        path: path(`pipe_${index}`),
        mode: 'overwrite',
        columns,
      },
      errorHandling: { onError: 'fail' },
    });
    return { config, source };
  });
}

describe('a thousand pipelines', () => {
  it('are checked one by one in seconds, and one of them at once', { timeout: 60_000 }, () => {
    const reads = layered();
    const begun = performance.now();
    const lineage = createLineage(reads.map(({ config }) => config));
    const built = performance.now();
    const findings = reads.flatMap((each) => checkGraph(each, lineage, { now }));
    const all = performance.now();
    const last = reads.at(-1);
    if (last === undefined) throw new Error('none');
    const moved = { ...last, config: { ...last.config, schedule: { ...last.config.schedule, cron: '40 17 * * *' } } };
    const again = checkGraph(moved, lineage, { now, replaces: last.config.metadata.name });
    const one = performance.now();
    const figures = `graph ${(built - begun).toFixed(0)} ms, all ${(all - built).toFixed(0)} ms, one edit ${(one - all).toFixed(0)} ms`;
    process.stdout.write(`${COUNT} pipelines: ${figures}\n`);
    // 02:00 to 03:00 is skipped once a year in this zone: starts of the second layer and no other.
    expect(new Set(findings.map(({ rule, message }) => `${rule} ${message.slice(0, 13)}`))).toEqual(
      new Set(['DEP006 2027-03-28 02']),
    );
    expect(again.map(({ rule }) => rule)).toContain('DEP004');
    expect(all - begun).toBeLessThan(20_000);
    expect(one - all).toBeLessThan(2_000);
    expect(downstreamOf(lineage, 'pipe_1').length).toBeGreaterThan(9);
  });
});
