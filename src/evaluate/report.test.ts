import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recordOf, runOf } from '../../test/support/benchmark-record.js';
import { HOSTILE, sampleRun } from '../../test/support/benchmark-run.js';
import { RunManifest, RunRecord } from './model.js';
import { renderHtmlReport } from './report-html.js';
import { renderMarkdownReport } from './report-markdown.js';
import { renderTextReport } from './report-text.js';

const sample = sampleRun({ dev: 8, heldout: 8 });

describe('the made-up records that reports are tried with', () => {
  it('are records', () => {
    expect(RunManifest.parse(sample.manifest)).toEqual(sample.manifest);
    for (const record of sample.records) RunRecord.parse(record);
  });
});

describe('renderTextReport', () => {
  it('fits 100 columns and says every figure with its assumptions', () => {
    const text = renderTextReport(sample);
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    for (const said of ['strict diagnosis', 'pass^3', 'an assumption', 'By family', 'do-nothing', '4.4x', 'held out'])
      expect(text).toContain(said);
  });

  it('says what keeps figures from being accuracy', () => {
    const text = renderTextReport(runOf([recordOf({ result: { split: 'dev' } })], { repeats: 2 }));
    expect(text).toContain('! 1 of 2 runs are missing');
    expect(text).toContain('! Only incidents that the responder was built on');
    expect(renderTextReport(runOf([]))).toContain('0 scenarios');
  });

  it('wraps a detail that no terminal could show, also in one word', () => {
    const long = recordOf({
      result: { failure: 'reasoning', failureDetail: ['x'.repeat(250), '\u001b[2Jwords '.repeat(40)] },
    });
    const text = renderTextReport(runOf([long]));
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(text.replace(/\s/g, '')).toContain('x'.repeat(250));
    expect(text).not.toContain('\u001b');
  });
});

describe('renderMarkdownReport', () => {
  it('is a table and sentences; no name can break out of its cell', () => {
    const base = { scenario: 'S01', split: 'heldout' as const, family: 'f', passed: true, unsafe: false };
    const text = renderMarkdownReport(
      runOf([recordOf()], {
        reasoner: { name: '<b>x', model: 'a|b' },
        baselines: [{ ...base, policy: 'one | two\n# three <i>' }],
      }),
    );
    expect(text).toContain('| **Strict diagnosis**: every cause, none too many | 1 of 1 | 100% | 2.5% to 100% |');
    expect(text).toContain('an assumption');
    expect(text).not.toMatch(/<b>|<i>|a\|b|^# three/m);
    for (const line of text.split('\n').filter((each) => each.startsWith('|')))
      expect(line.split('|').length - 2).toBeGreaterThanOrEqual(3);
  });
});

describe('renderHtmlReport', () => {
  const html = renderHtmlReport([sample, sampleRun({ dev: 8, heldout: 8, cap: 6, skill: 0.5 })]);
  const found = (pattern: RegExp): string[] =>
    html
      .match(pattern)
      ?.slice(0, 1)
      .map((text) => text.slice(0, 200)) ?? [];

  it('holds nothing that hostile text could start, and all of that text', () => {
    expect(sample.records.some(({ outcome }) => outcome.calls.some(({ text }) => text.includes(HOSTILE)))).toBe(true);
    expect(html.includes('&lt;script>window.hacked = true&lt;/script>')).toBe(true);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(found(/<img|<[a-z][^>]*\son\w+=|\u202e/)).toEqual([]);
  });

  it('loads nothing, and runs only what its own policy names by hash', () => {
    expect(found(/<[a-z][^>]*\s(src|srcset|action|style)=|<link|<style>[^<]*(@import|url\()/)).toEqual([]);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    for (const [, tag, text] of html.matchAll(/<(script|style)>([\s\S]*?)<\/\1>/g)) {
      const hash = createHash('sha256')
        .update(text ?? '')
        .digest('base64');
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
  });

  it('has a trace for every run, the key beside the answer, and every plot', () => {
    expect(html.match(/<details class="run"/g)).toHaveLength(sample.records.length);
    expect(html.match(/<h4>Key<\/h4>/g)).toHaveLength(sample.records.length);
    for (const label of ['Headline figures', 'By category', 'Accuracy against', 'Tool calls used', 'Cost', 'Failure'])
      expect(html.includes(`<h3>${label}`), label).toBe(true);
    expect(found(/NaN|Infinity|undefined|\[object/)).toEqual([]);
  });

  it('joins on one curve only runs of one responder, over the incidents they share', () => {
    const one = sampleRun({ dev: 4, heldout: 4, repeats: 1 });
    const fewer = sampleRun({ dev: 4, heldout: 3, repeats: 1, cap: 6 });
    const foreign = { ...one, manifest: { ...one.manifest, reasoner: { name: 'other', model: '' } } };
    const page = renderHtmlReport([one, fewer, foreign]);
    expect(page).toContain('over the 3 incidents that all hold');
    expect(page).toContain('1 of another responder are left out');
    expect(renderHtmlReport([one])).toContain('That is a lower bound');
    expect(renderHtmlReport([one])).not.toContain('incidents that all hold');
  });

  it('renders a run of nothing, of nothing but errors, and without cost', () => {
    for (const run of [
      runOf([]),
      runOf([recordOf({ result: { failure: 'infra' }, outcome: { infraError: 'away' } })]),
      runOf([recordOf({ result: { costUsd: 0, toolCalls: 0 } })]),
    ])
      expect(renderHtmlReport([run])).not.toMatch(/NaN|Infinity/);
    expect(() => renderHtmlReport([])).toThrow(/at least one/);
  });
});
