import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PipelineConfig } from './config.js';
import { readConfigText } from './document.js';
import { pipelineJsonSchema } from './json-schema.js';
import { keysOf } from './structure.js';

const FILE = 'docs/pipelines-v1.schema.json';

/** Written by `npm run schema`, which runs this test with leave to write. */
it('is the file that editors read', async () => {
  await expect(`${JSON.stringify(pipelineJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(`../../${FILE}`);
});

it('knows every key of the format and closes every object', () => {
  const text = readFileSync(FILE, 'utf8');
  for (const key of keysOf(PipelineConfig)) expect(text).toContain(`"${key}"`);
  const objects = text.match(/"properties": \{/g) ?? [];
  expect(text.match(/"additionalProperties": false/g) ?? []).toHaveLength(objects.length);
});

it('asks only for what has no default', () => {
  expect(pipelineJsonSchema()['required']).toEqual([
    'apiVersion',
    'kind',
    'metadata',
    'schedule',
    'sources',
    'transformers',
    'sink',
    'errorHandling',
  ]);
});

it('is where the files of the portfolio say it is', () => {
  const folder = 'fixtures/pipelines/portfolio';
  for (const file of readdirSync(folder)) {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    const hint = /^# yaml-language-server: \$schema=(\S+)/.exec(text)?.[1];
    if (hint === undefined) continue;
    expect(new URL(hint, `file:///${folder}/${file}`).pathname).toBe(`/${FILE}`);
    expect(readConfigText(text).findings).toEqual([]);
  }
});
