import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Inventory } from '../../src/domain/pipeline.js';
import { Policy } from '../../src/domain/policy.js';
import { createToolCatalog, manifestDigest, type ToolManifest, toolManifest } from '../../tools/registry.js';
import { createMemoryPlatform } from '../../tools/testing/memory-platform.js';
import { emptyWorld } from '../../tools/testing/memory-world.js';

const ROOT = resolve(import.meta.dirname, '../..');
const LOCK = resolve(ROOT, 'tools.lock.json');
const FIX = 'WRITE_TOOLS_LOCK=1 npx vitest run --project unit test/arch/tools.test.ts';

interface Lock extends ToolManifest {
  digest: string;
}
const { tools } = toolManifest();
const manifest: Lock = { digest: manifestDigest(), tools };
const locked = (): Lock => JSON.parse(readFileSync(LOCK, 'utf8')) as Lock;

if (process.env['WRITE_TOOLS_LOCK'] !== undefined) writeFileSync(LOCK, `${JSON.stringify(manifest, null, 2)}\n`);

describe('the lock', () => {
  it('holds the manifest as it is', () => {
    const now = JSON.parse(JSON.stringify(manifest)) as Lock;
    expect(
      locked(),
      `What a model reads has changed. Raise the version of each tool changed, then run: ${FIX}`,
    ).toEqual(now);
  });

  it('has a new version for each tool that differs from it', () => {
    const same = tools.filter((tool) => {
      const before = locked().tools.find(({ name }) => name === tool.name);
      return before !== undefined && before.version === tool.version && JSON.stringify(before) !== JSON.stringify(tool);
    });
    expect(
      same.map(({ name }) => name),
      'changed without a new version',
    ).toEqual([]);
  });

  it('has the digest that the catalog puts into the log', () => {
    const { readers } = createMemoryPlatform(emptyWorld());
    const catalog = createToolCatalog({
      readers,
      inventory: Inventory.parse({ pipelines: [] }),
      policy: Policy.parse({ version: 1 }),
      redactor: { redact: (text) => ({ text, count: 0 }) },
      scope: 'x',
      now: () => new Date(0),
    });
    expect(catalog.digest).toBe(locked().digest);
    expect(catalog.tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
  });
});

describe('the registry', () => {
  it('holds seven tools that look and four that draft, as published', () => {
    expect(tools.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'diagnose airflow_dag_status',
      'diagnose spark_job_logs',
      'diagnose delta_history',
      'diagnose kyuubi_query_plan',
      'diagnose schema_registry_diff',
      'diagnose git_blame',
      'diagnose metric_query',
      'propose propose_dag_retry',
      'propose propose_schema_evolution',
      'propose propose_config_rollback',
      'propose propose_resource_increase',
    ]);
  });

  it.each(tools)('$name has a file of its name, a useful description and closed, described arguments', (tool) => {
    const file = `${tool.name.replaceAll('_', '-')}.ts`;
    expect(readdirSync(resolve(ROOT, 'tools', tool.kind))).toContain(file);
    expect(tool.description.length).toBeGreaterThan(80);
    expect(tool.description.length).toBeLessThan(420);
    expect(tool.readOnly).toBe(true);
    expect(tool.version).toMatch(/^\d+$/);
    const schema = tool.schema as {
      additionalProperties: unknown;
      properties: Record<string, { description?: string }>;
    };
    expect(schema.additionalProperties).toBe(false);
    const named = ['run_id', 'dag_id', 'op'];
    const bare = Object.entries(schema.properties).filter(
      ([name, { description }]) => description === undefined && !named.includes(name),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
    // Added by the agent to every tool; a tool of its own with such a name would be shadowed.
    expect(Object.keys(schema.properties)).not.toEqual(expect.arrayContaining(['thought', 'hypothesis', 'confidence']));
  });

  it('costs the model less than 12 KB of descriptions and schemas', () => {
    expect(
      JSON.stringify(tools.map(({ name, description, schema }) => ({ name, description, schema }))).length,
    ).toBeLessThan(12_000);
  });
});
