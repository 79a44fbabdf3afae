import type { Section } from './card.js';
import type { Paper } from './rich-text.js';

/** There may be room for little: what the card turns on (risk, who, until when), then what we say, then the rest. */
export function termsFirst(sections: readonly Section[]): Section[] {
  const terms = sections.find(({ kind }) => kind === 'facts');
  const rank = (one: Section): number => (one === terms ? 0 : one.kind === 'text' && one.voice === 'ours' ? 1 : 2);
  return [...sections].sort((a, b) => rank(a) - rank(b));
}

/** A section as lines of plain text, whole. */
export function plainLines(section: Section, paper: Pick<Paper, 'diffLines'>): string[] {
  switch (section.kind) {
    case 'text':
      return section.label === undefined ? [section.text] : [`${section.label}:`, section.text];
    case 'facts':
      return section.rows.map(({ name, value }) => `${name}: ${value}`);
    case 'quote':
      return section.struck === undefined
        ? [`"${section.text}"`, `  ${section.source}: ${section.supports}`]
        : [`Struck: "${section.text}"`, `  ${section.struck}`];
    case 'diff':
      return [section.title, ...paper.diffLines(section.before, section.after).map(({ text }) => text)];
    case 'list':
      return [section.title, ...section.items.map((item) => `* ${item}`)];
    case 'tagged':
      return [
        section.title,
        ...section.rows.map(({ name, tags, text }) => `* ${[name, ...tags.map((tag) => `[${tag}]`), text].join(' ')}`),
        ...(section.more === 0 ? [] : [`and ${section.more} more`]),
      ];
    case 'patch':
      return [`Patch for a person, never executed: ${section.file}`];
  }
}
