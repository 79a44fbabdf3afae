import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Category, Change } from '../domain/diagnosis.js';
import { CHANGES, TIE_BREAKS } from './taxonomy.js';

const plain = (text: string): string => text.replace(/\s+/g, ' ');
const prompt = plain(readFileSync('src/investigate/prompts/investigator.md', 'utf8'));

describe('what other agents are told of the closed lists', () => {
  it.each(TIE_BREAKS)('is in the prompt of our own agent, word for word: %s', (text) => {
    expect(prompt).toContain(text);
  });

  it.each(Object.entries(CHANGES))('%s has the changes that the prompt gives it', (category, changes) => {
    expect(prompt).toContain(`${category}: ${changes.join(', ')}`);
  });

  it('leaves no category and no change out', () => {
    expect(Object.keys(CHANGES).sort()).toEqual(Category.options.filter((name) => name !== 'none').sort());
    const named = new Set<string>(Object.values(CHANGES).flat());
    expect(Change.options.filter((name) => name !== 'none' && !named.has(name))).toEqual([]);
  });
});
