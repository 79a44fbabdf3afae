import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SYSTEMS } from '../real/catalogue.js';
import { CASES } from '../real/live/cases.js';

const page = readFileSync('docs/platform.md', 'utf8');

describe('docs/platform.md', () => {
  it.each(SYSTEMS.map(({ title, truth }) => [title, truth]))('has a row for %s that says %s', (title, truth) => {
    expect(page).toContain(`| ${title} | ${truth} |`);
  });

  it.each(CASES.map(({ name }) => name))('shows the thread of %s, and that the real system was healed', (name) => {
    expect(page).toContain(`(incidents/${name}.txt)`);
    expect(existsSync(`docs/incidents/${name}.txt`)).toBe(true);
    expect(readFileSync(`docs/incidents/${name}.txt`, 'utf8')).toMatch(/On the real system: (?!NOT HEALED)/);
  });
});
