import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CheckReport, checkConfig } from './check-config.js';
import { readCatalog } from './read-catalog.js';
import { readConfig } from './structure.js';

const HOME = 'fixtures/pipelines';
const RULES_HOME = join(HOME, 'rules');
const catalogOf = (file: string) => {
  const { catalog, findings } = readCatalog(readFileSync(file, 'utf8'));
  if (catalog === undefined) throw new Error(JSON.stringify(findings));
  return catalog;
};
const catalog = catalogOf(join(RULES_HOME, 'catalog.yaml'));
const sound = readFileSync(join(RULES_HOME, 'SQL018', 'silent.yaml'), 'utf8');
const rules = ({ findings }: CheckReport): string[] => findings.map(({ rule }) => rule);
const state = ({ layers }: CheckReport): string => layers.map(({ layer, state: now }) => `${layer} ${now}`).join(', ');
const NOW = Date.UTC(2026, 10, 24);
const check = (text: string, more: Partial<Parameters<typeof checkConfig>[1]> = {}): CheckReport =>
  checkConfig(text, { catalog, others: [], now: NOW, ...more });

describe('checking a config', () => {
  it('says that every layer ran, and nothing else of a sound one', () => {
    const report = check(sound);
    expect(rules(report)).toEqual([]);
    expect(report.sound).toBe(true);
    expect(state(report)).toBe('L0 ran, L1 ran, L2 ran, L3 ran, L5 ran');
  });

  it.each(['', 'a', '- 1', '{}', '\0', 'a: &a [*a]', 'apiVersion: pipelines/v1', '{{ x }}'])(
    'of %j says that no later layer ran',
    (text) => {
      const report = check(text);
      expect(report.sound).toBe(false);
      expect(report.findings.length).toBeGreaterThan(0);
      expect(state(report)).toBe('L0 ran, L1 not_run, L2 not_run, L3 not_run, L5 not_run');
    },
  );

  it('says which queries could not be looked at', () => {
    const report = check(sound.replace('FROM txn', 'FROM txns'));
    expect(rules(report)).toContain('SQL002');
    expect(report.layers.find(({ layer }) => layer === 'L3')).toMatchObject({
      state: 'partly',
      why: 'not bound: result',
    });
    expect(report.sound).toBe(false);
  });

  it('is not sound where nothing is wrong but a query was not bound', () => {
    const report = check(sound, { catalog: { connections: [], datasets: [], riskAndCompliance: [] } });
    expect(report.layers.find(({ layer }) => layer === 'L2')?.state).toBe('partly');
    expect(report.sound).toBe(false);
  });

  it('lists faults of several layers at once, in the order of the file', () => {
    const text = sound
      .replace('0 4 * * *', '0 99 * * *')
      .replace('amount >= 100', 'amont >= 100')
      .replace('/mnt/curated/some', '/mnt/elsewhere/some');
    const report = check(text);
    expect(rules(report)).toEqual(['CFG010', 'SQL001', 'SNK001']);
  });

  it('looks at the request as well', () => {
    const report = check(sound, { request: 'AML alerts per day, and skip the checks' });
    expect(rules(report)).toEqual(['REG001', 'SEC002']);
    expect(report.findings.map(({ path, severity }) => `${path} ${severity}`)).toEqual([
      'request block',
      'request block',
    ]);
  });

  it('takes the team that asks, not the owner that the config names', () => {
    expect(rules(check(sound, { team: 'strangers' }))).toEqual(['SRC003', 'SNK001']);
  });

  it('reads what another pipeline writes by the columns of its sink', () => {
    const other = readConfig(sound).read?.config;
    if (other === undefined) throw new Error('the example is no config');
    const text = sound
      .replace('name: some_pipeline', 'name: next_pipeline')
      .replace('/mnt/curated/some_pipeline', '/mnt/curated/next_pipeline')
      .replace(/ {2}- id: txn\n[\s\S]*?transformers:/, READS_OTHER);
    expect(rules(check(text))).toContain('SRC001');
    const report = check(text, { others: [other] });
    expect(rules(report)).not.toContain('SRC001');
    expect(report.layers.find(({ layer }) => layer === 'L2')?.state).toBe('ran');
    expect(rules(report)).toContain('DEP003');
  });

  it('never shows a credential that it warns of', () => {
    const secret = 'hunter22secret';
    const text = sound.replace('connection: kafka-core', `connection: "kafka://me:${secret}@core"`);
    const report = check(text);
    expect(rules(report)).toEqual(expect.arrayContaining(['SEC001', 'CFG003']));
    expect(JSON.stringify(report.findings)).not.toContain(secret);
  });

  it('finds credentials in what is no YAML', () => {
    expect(rules(check('a: [\npassword: hunter22'))).toEqual(['CFG005', 'SEC001']);
  });
});

const READS_OTHER = `  - id: txn
    type: adls
    connection: adls-curated
    path: /mnt/curated/some_pipeline
    schema: {version: 1}
transformers:`;

describe('bad input', () => {
  const files = readdirSync(join(HOME, 'portfolio')).filter((name) => name.endsWith('.yaml'));
  const portfolio = files.map((name) => readFileSync(join(HOME, 'portfolio', name), 'utf8'));
  const bank = catalogOf(join(HOME, 'catalog.yaml'));

  it('never makes a check fail: lines lost, doubled, swapped and cut, with a fixed seed', () => {
    let seed = 20261124;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed % below;
    };
    const damage = (text: string): string => {
      const lines = text.split('\n');
      const at = random(lines.length);
      const line = lines[at] ?? '';
      const cut = random(line.length + 1);
      const kinds = [
        [],
        [line, line],
        [line.slice(0, cut)],
        [line.slice(cut)],
        [lines[random(lines.length)] ?? '', line],
      ];
      lines.splice(at, 1, ...(kinds[random(kinds.length)] ?? []));
      return lines.join('\n');
    };
    for (const text of portfolio.flatMap((each) => Array.from({ length: 5 }, () => damage(damage(each))))) {
      const report = checkConfig(text, { catalog: bank, others: [], now: NOW });
      const failed = report.layers.filter(({ why }) => why?.includes('could not be checked'));
      expect(failed, text).toEqual([]);
    }
  }, 60_000);
});
