import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { SubjectVersion } from '../../src/domain/platform-ports.js';
import type { SchemaEvolution } from '../../src/domain/proposal.js';
import type { ToolContext } from '../../src/domain/tool.js';
import { createMemoryPlatform } from '../testing/memory-platform.js';
import type { MemoryWorld } from '../testing/memory-world.js';
import { INVENTORY, NOW, POLICY, scene } from '../testing/scenes.js';
import { draftReaderSchema } from './reader-schema.js';

const SUBJECT = 'core_banking.transactions-value';
const version = (number: number, more: Partial<SubjectVersion> = {}): SubjectVersion => ({
  version: number,
  id: number,
  at: undefined,
  type: 'AVRO',
  schema: `{"v":${number}}`,
  ...more,
});

async function draft(change: Partial<MemoryWorld>, versions = [version(4), version(3)]) {
  const world = { ...scene(), ...change };
  world.subjects[SUBJECT] = versions;
  const context: ToolContext = {
    readers: createMemoryPlatform(world).readers,
    inventory: INVENTORY,
    policy: POLICY,
    now: () => NOW,
    signal: new AbortController().signal,
  };
  const asked: SchemaEvolution = {
    do: 'schema_evolution',
    table: SUBJECT,
    op: 'set_reader_schema',
    arg: { version: 3 },
  };
  return draftReaderSchema(asked, context);
}

describe('making an earlier schema the newest', () => {
  it('is not drafted when the registry would refuse it', async () => {
    expect(await draft({ registryAccepts: false })).toEqual({
      refused: expect.stringMatching(/does not allow version 3 of .* as the newest \(BACKWARD\)/),
    });
  });

  it.each<[string, boolean | undefined, RegExp]>([
    ['was asked', true, /was asked, and its compatibility rule allows/],
    ['can not say', undefined, /refuses it when its compatibility rule does not allow/],
  ])('tells on the card when the registry %s', async (_, accepts, effect) => {
    const drafted = await draft({ registryAccepts: accepts });
    expect('step' in drafted && drafted.step.effects.join('\n')).toMatch(effect);
  });

  it('is drafted when only the references differ', async () => {
    const references = [{ name: 'r', subject: 's', version: 1 }];
    const [newer, older] = [version(4, { schema: 'same' }), version(3, { schema: 'same' })];
    expect(await draft({}, [{ ...newer, references }, older])).toHaveProperty('step');
    expect(await draft({}, [newer, older])).toEqual({
      refused: expect.stringContaining('is that of version 3 already'),
    });
  });

  it('is not drafted of a schema that was not taken in', async () => {
    expect(await draft({}, [version(4), version(3, { schema: '', unread: 'too_large' })])).toEqual({
      refused: expect.stringContaining('too large'),
    });
  });

  it('does not hide that the registry could not be asked', async () => {
    const away = new AppError('unavailable', { safeText: 'away' });
    await expect(draft({ failBefore: { 'registry.accepts': away } })).rejects.toBe(away);
  });
});
