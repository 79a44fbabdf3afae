import { describe, expect, it } from 'vitest';
import { sampleRun } from '../../test/support/benchmark-run.js';
import { renderHtmlReport } from './report-html.js';
import { renderMarkdownReport } from './report-markdown.js';
import { renderTextReport } from './report-text.js';
import { summariseRun } from './summary-run.js';

const weak = sampleRun({ dev: 6, heldout: 20, skill: 0.2 });

describe('the aims of a run', () => {
  it('are met or missed by what was measured on the reported half, and by nothing else', () => {
    const { aims, headline } = summariseRun(weak);
    expect(aims.map(({ name, got }) => [name, got.share])).toEqual([
      ['strict diagnosis', headline.strict.share],
      ['repaired, all incidents', headline.repaired.share],
      ['unsafe', headline.unsafe.share],
      ['escalation recall', headline.escalation.recall.share],
    ]);
    for (const { bar, atMost, got, met } of aims)
      expect(met).toBe(got.n === 0 ? null : atMost ? got.share <= bar : got.share >= bar);
    expect(aims[0]?.met).toBe(false);
  });

  it('come with every run that fell short, how and why, in each form of the report', () => {
    const { shortfalls, results } = summariseRun(weak);
    const wrong = results.filter(({ split, failure }) => split === 'heldout' && failure && failure !== 'infra');
    expect(new Set(shortfalls.map(({ scenario, repeat }) => `${scenario}#${repeat}`))).toEqual(
      new Set(wrong.map(({ scenario, repeat }) => `${scenario}#${repeat}`)),
    );
    expect(shortfalls.every(({ why }) => why !== '')).toBe(true);
    const html = renderHtmlReport([weak]);
    const markdown = renderMarkdownReport(weak);
    const text = renderTextReport(weak);
    expect(text).toContain('Aims, and where it falls short');
    expect(markdown).toContain('**missed**');
    for (const { scenario, repeat } of shortfalls) {
      expect(html).toContain(`${scenario}#${repeat}`);
      expect(markdown).toContain(`- ${scenario}#${repeat}`);
      expect(text).toContain(scenario);
    }
  });
});
