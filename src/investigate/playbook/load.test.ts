import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Change } from '../../domain/diagnosis.js';
import { loadPlaybook } from './load.js';
import { LOOKS } from './looks.js';
import { PLACES } from './places.js';
import { familyOf } from './signals.js';
import { SITUATIONS } from './situations.js';
import { CASE_NAMES } from './template.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'playbook-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const own = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const PROCEDURE = `id: license
title: The licence server is full
raised_by: [license]
hypothesis: No licence was free.
causes:
  - signal: [license]
    category: resource_exhaustion
    entity: "spark:{task.spark|focus.name}"
    change: slots_exhausted
    claim: No licence was free for {focus.name}.
    confirmed_by: kind
    explains: [license]
    shows: the refusal
    repair: [{retry: true, after_minutes: 30}]
`;
const FAMILY = 'families: [{family: license, tokens: [checkout of a licence failed]}]';

describe('the playbook of an operator', () => {
  it('puts own procedures before the shipped ones and reads own error texts first', () => {
    own('license.yaml', PROCEDURE);
    own('families.yaml', FAMILY);
    const playbook = loadPlaybook(folder);
    expect(playbook.procedures[0]?.id).toBe('license');
    expect(playbook.procedures.length).toBe(loadPlaybook().procedures.length + 1);
    expect(familyOf(playbook.words, 'Checkout of a licence failed: OutOfMemory')).toBe('license');
  });

  it('replaces a shipped procedure by id', () => {
    own('killed.yaml', PROCEDURE.replace('id: license', 'id: killed'));
    own('families.yaml', FAMILY);
    const { procedures } = loadPlaybook(folder);
    expect(procedures.filter(({ id }) => id === 'killed')).toHaveLength(1);
    expect(procedures[0]?.id).toBe('killed');
  });

  it('has another digest with other procedures and the same one with the same', () => {
    const shipped = loadPlaybook().digest;
    expect(shipped).toMatch(/^[0-9a-f]{8}$/);
    expect(loadPlaybook().digest).toBe(shipped);
    own('families.yaml', FAMILY);
    expect(loadPlaybook(folder).digest).not.toBe(shipped);
  });

  it.each([
    ['no YAML', 'id: [', 'not YAML'],
    ['an unknown field', `${PROCEDURE}extra: 1\n`, 'extra'],
    ['an unknown change', PROCEDURE.replace('slots_exhausted', 'gremlins'), 'causes.0'],
    [
      'a pattern that does not compile',
      PROCEDURE.replace('signal: [license]', 'when: {says: "("}\n    signal: [license]'),
      'causes.0',
    ],
    ['an unknown family', PROCEDURE.replace('raised_by: [license]', 'raised_by: [moon]'), 'no family moon'],
    [
      'an unknown situation',
      PROCEDURE.replace('signal: [license]', 'when: {is: [moon]}\n    signal: [license]'),
      'no situation moon',
    ],
    ['an unknown look', `${PROCEDURE}  - {look: moon}\n`, 'no look moon'],
    [
      'an unknown place',
      `${PROCEDURE}ask: [{tool: git_blame, args: {}, for_each: moon, thought: x}]\n`,
      'no place moon',
    ],
    ['an unknown name', PROCEDURE.replace('{focus.name}.', '{moon}.'), 'no name moon'],
    ['an entity without a component', PROCEDURE.replace('"spark:', '"moon:'), 'entity'],
  ])('refuses the start over %s, naming file, path and reason', (_, text, reason) => {
    own('license.yaml', text);
    own('families.yaml', FAMILY);
    expect(() => loadPlaybook(folder)).toThrow(expect.objectContaining({ kind: 'misconfigured' }));
    expect(() => loadPlaybook(folder)).toThrow(/license\.yaml/);
    expect(() => loadPlaybook(folder)).toThrow(reason);
  });

  it('refuses a folder that is not there, and two files with one id', () => {
    expect(() => loadPlaybook(join(folder, 'nowhere'))).toThrow('does not exist');
    own('a.yaml', PROCEDURE);
    own('b.yaml', PROCEDURE);
    own('families.yaml', FAMILY);
    expect(() => loadPlaybook(folder)).toThrow(/b\.yaml is refused: id/);
  });

  it('reads the example of docs/agent.md, which lists every place, situation and look', () => {
    const docs = readFileSync('docs/agent.md', 'utf8');
    const example = /```yaml\n(# .*\n)?(id: license_server[\s\S]*?)```/.exec(docs)?.[2] ?? '';
    own('license.yaml', example);
    own('families.yaml', FAMILY);
    expect(loadPlaybook(folder).procedures[0]?.id).toBe('license_server');
    const listed = [...Object.keys(PLACES.lists), ...Object.keys(SITUATIONS), ...Object.keys(LOOKS), ...CASE_NAMES];
    expect(listed.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
  });

  it('can name every change of the taxonomy', () => {
    const home = 'src/investigate/playbook';
    const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => !name.includes('.test.'));
    const text = files
      .filter((name) => /\.(?:ts|yaml)$/.test(name))
      .map((name) => readFileSync(join(home, name), 'utf8'))
      .join('\n');
    const missing = Change.options.filter((change) => change !== 'none' && !text.includes(change));
    expect(missing).toEqual([]);
  });
});
