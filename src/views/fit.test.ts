import { describe, expect, it } from 'vitest';
import type { Card, Section } from '../domain/card.js';
import { clip, fitCard, LIMITS, pieces } from './fit.js';

function card(sections: Section[], more: Partial<Card> = {}): Card {
  return { id: 'x', title: 'title', tone: 'neutral', sections, actions: [], ...more };
}

describe('clip and pieces', () => {
  it('count characters as people do, not half of them', () => {
    expect(clip('😀😀😀', 3)).toBe('😀😀😀');
    expect(clip('😀😀😀😀', 3)).toBe('😀😀…');
  });

  it('lose nothing when they break at line ends', () => {
    const text = Array.from({ length: 50 }, (_, at) => `line ${at}`).join('\n');
    const found = pieces(text, 60);
    expect(found.every((piece) => piece.length <= 60)).toBe(true);
    expect(found.join('\n')).toBe(text);
    expect(pieces('x'.repeat(25), 10).join('')).toBe('x'.repeat(25));
  });
});

describe('a card within the limits of every chat', () => {
  it('never cuts what an approver must have seen', () => {
    const after = Array.from({ length: 300 }, (_, at) => `setting_${at} = ${at}`).join('\n');
    const effects = Array.from({ length: 40 }, (_, at) => `${at} ${'e'.repeat(290)}`);
    const fitted = fitCard(
      card([
        { kind: 'diff', title: 'step', before: 'a', after },
        { kind: 'list', title: 'This also happens', items: effects },
      ]),
    );
    const diffs = fitted.sections.flatMap((section) => (section.kind === 'diff' ? [section] : []));
    expect(diffs.map((section) => section.after).join('\n')).toBe(after);
    expect(diffs[0]?.title).toBe(`step (part 1 of ${diffs.length})`);
    const lists = fitted.sections.flatMap((section) => (section.kind === 'list' ? [section.items] : []));
    expect(lists.flat()).toEqual(effects);
  });

  it('keeps every part within its limit', () => {
    const fitted = fitCard(
      card(
        [
          { kind: 'text', voice: 'model', text: 'm'.repeat(9000) },
          { kind: 'text', voice: 'ours', text: 'o'.repeat(7000) },
          { kind: 'facts', rows: Array.from({ length: 23 }, (_, at) => ({ name: `n${at}`, value: 'v'.repeat(3000) })) },
          { kind: 'diff', title: 't'.repeat(200), before: 'b'.repeat(4000), after: 'a'.repeat(4000) },
        ],
        { title: 't'.repeat(300) },
      ),
    );
    expect(fitted.title.length).toBe(LIMITS.title);
    for (const section of fitted.sections) {
      if (section.kind === 'text') expect(section.text.length).toBeLessThanOrEqual(LIMITS.sectionText);
      if (section.kind === 'facts') expect(section.rows.length).toBeLessThanOrEqual(LIMITS.rows);
      if (section.kind === 'diff')
        expect(section.before.length + section.after.length).toBeLessThanOrEqual(LIMITS.sectionText);
    }
    expect(fitted.sections.filter((section) => section.kind === 'facts').length).toBe(3);
    const ours = fitted.sections.flatMap((one) => (one.kind === 'text' && one.voice === 'ours' ? one.text : []));
    expect(ours.join('').length).toBe(7000);
  });

  it('says so when there are more parts than a message can hold', () => {
    const many = Array.from({ length: 60 }, (_, at): Section => ({ kind: 'text', voice: 'ours', text: `${at}` }));
    const { sections } = fitCard(card(many));
    expect(sections.length).toBe(LIMITS.sections);
    expect(sections.at(-1)).toMatchObject({ text: '21 more parts of this card are only in the log.' });
  });

  it('keeps forms within what a dialog takes', () => {
    const options = Array.from({ length: 150 }, (_, at) => ({ value: `${at}`, label: 'l'.repeat(100) }));
    const { actions } = fitCard(
      card([], {
        actions: [
          {
            verdict: 'modify',
            label: 'l'.repeat(100),
            style: 'plain',
            form: {
              title: 't'.repeat(60),
              submit: 's'.repeat(60),
              fields: [{ kind: 'choice', name: 'a', label: 'l'.repeat(200), value: '', required: true, options }],
            },
          },
        ],
      }),
    );
    const form = actions[0]?.form;
    expect([form?.title.length, form?.submit.length, actions[0]?.label.length]).toEqual([24, 24, 75]);
    const [field] = form?.fields ?? [];
    expect(field?.kind === 'choice' && [field.options.length, field.options[0]?.label.length]).toEqual([100, 75]);
  });
});
