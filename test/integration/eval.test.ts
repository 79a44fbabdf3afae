import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunManifest, RunRecord } from '../../src/evaluate/model.js';
import {
  countersign,
  descendants,
  freshEnvironment,
  isAlive,
  startCommand,
  temporaryFolder,
} from '../support/stack.js';

const SHIPPED = resolve(import.meta.dirname, '../../fixtures/scenarios');
/** A false alarm, one to hand over, and one whose plan waits for half an hour. */
const THREE = ['s03', 's07', 's08'];

const folder = temporaryFolder();
const env = freshEnvironment(folder.path);
const at = (...names: string[]): string => join(folder.path, ...names);
const evaluate = (...args: string[]) => countersign(['eval', ...args], env);

beforeAll(() => {
  mkdirSync(at('set'));
  for (const name of THREE) copyFileSync(join(SHIPPED, `${name}.yaml`), at('set', `${name}.yaml`));
});
afterAll(() => folder.remove());

function kept(out: string): { manifest: RunManifest; records: RunRecord[]; names: string[] } {
  const names = readdirSync(at(out, 'runs')).sort();
  const read = <T>(...path: string[]): T => JSON.parse(readFileSync(at(out, ...path), 'utf8')) as T;
  return { manifest: read('run.json'), records: names.map((name) => read<RunRecord>('runs', name)), names };
}

/** Wall clock, and what is made of it. */
const CLOCKED = new Set(['seconds', 'mttr', 'executionMinutes', 'startedAt', 'finishedAt']);
/** Drawn anew in every world, or read from the clock: ids of the log and of queries, and the key that redaction makes its stand-ins with. */
const DRAWN =
  /INC-[0-9A-Z]{7}|dec-[0-9a-f]{20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8}_\d{6}_\d{5}_\w{5}|<EMAIL:\w+>|\d\d:\d\d UTC, \d+ \w{3}/g;

function withoutClock(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, held: unknown) => {
      if (CLOCKED.has(name)) return undefined;
      return typeof held === 'string' ? held.replaceAll(DRAWN, 'id') : held;
    }),
  );
}

describe('two runs of one seed', () => {
  let first: Awaited<ReturnType<typeof evaluate>>;
  let second: Awaited<ReturnType<typeof evaluate>>;
  beforeAll(async () => {
    first = await evaluate('--scenarios', at('set'), '--concurrency', '2', '--out', at('one'), '--json');
    second = await evaluate('--scenarios', at('set', '*.yaml'), '--concurrency', '2', '--out', at('two'), '--json');
  }, 240_000);

  it('agree in every figure but those of the clock, and print nothing but the figures', () => {
    expect([first.code, second.code]).toEqual([0, 0]);
    const figures = withoutClock(JSON.parse(first.out));
    expect(figures).toEqual(withoutClock(JSON.parse(second.out)));
    expect(JSON.stringify(figures)).toContain('S03');
    expect(first.err).toMatch(/3\/3 {2}S0\d#1 +diagnosis/);
  });

  it('leave the same records: answers, words, verdict and thread', () => {
    const [one, two] = [kept('one'), kept('two')];
    expect(one.names).toEqual(['S03-1.json', 'S07-1.json', 'S08-1.json']);
    expect(withoutClock(one)).toEqual(withoutClock(two));
    for (const [index, { result, outcome, verdict, thread }] of one.records.entries()) {
      expect(outcome.calls.length).toBeGreaterThan(0);
      expect(outcome.calls.every(({ thought, hypothesis, confidence }) => thought && hypothesis && confidence)).toBe(
        true,
      );
      expect(thread.length).toBeGreaterThan(5);
      expect(result.failure).not.toBe('infra');
      // The world's clock goes on while the responder thinks.
      expect(verdict?.executionMinutes).toBeCloseTo(two.records[index]?.verdict?.executionMinutes ?? Number.NaN, -0.5);
    }
  });

  it('leave reports, which can be made again from the folder alone, and compare as equal', async () => {
    expect(readFileSync(at('one', 'report.html'), 'utf8')).toContain('S07');
    expect(readFileSync(at('one', 'report.md'), 'utf8')).toContain('playbook');
    const again = await evaluate('report', at('one'), '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toEqual(JSON.parse(first.out));
    const compared = await evaluate('compare', at('one'), at('two'), '--json');
    expect([compared.code, compared.err]).toEqual([0, '']);
    expect(JSON.parse(compared.out)).toMatchObject({ common: 3, unpaired: 0, leftOut: [] });
  });

  it('let a plan wait for its data, and carry it out through the gate', () => {
    const [waited] = kept('one').records;
    expect(waited?.outcome.repairs).toMatchObject([{ do: 'retry', not_before_minutes: expect.any(Number) }]);
    expect(waited?.verdict).toMatchObject({ passed: true, runGreen: true });
    expect(waited?.verdict?.executionMinutes).toBeGreaterThan(
      Number(
        waited?.outcome.repairs[0] && 'not_before_minutes' in waited.outcome.repairs[0]
          ? waited.outcome.repairs[0].not_before_minutes
          : 0,
      ),
    );
  });

  it('are gone on with: only what is missing is run, and what stands is not touched', async () => {
    const stood = readFileSync(at('one', 'runs', 'S08-1.json'), 'utf8');
    const more = await evaluate(
      '--scenarios',
      at('set', 's08.yaml'),
      '--repeat',
      '2',
      '--budget',
      '0',
      '--out',
      at('one'),
    );
    expect(more.code).toBe(4);
    expect(more.err).toContain('Unfinished: 3 of 6 runs are missing, as the budget of $0 is used up');
    expect(kept('one').manifest).toMatchObject({ repeats: 2 });
    expect(kept('one').manifest.finishedAt).toBeUndefined();
    expect(readFileSync(at('one', 'runs', 'S08-1.json'), 'utf8')).toBe(stood);
  });

  it('are refused another cap, seed or scenario by name', async () => {
    const capped = await evaluate('--out', at('two'), '--cap', '6', '--seed', '3');
    expect([capped.code, capped.err]).toEqual([
      2,
      expect.stringMatching(/--cap was 12 and is now 6; --seed was 1 and is now 3/),
    ]);
    const file = at('set', 's08.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n# changed\n`);
    const changed = await evaluate('--out', at('two'));
    expect([changed.code, changed.err]).toEqual([
      2,
      expect.stringContaining(`scenario S08 (${file}) has changed since`),
    ]);
  });
});

describe('a run that is interrupted', { timeout: 240_000 }, () => {
  it('keeps what is done, ends its worlds and says how to go on', async () => {
    const out = at('stopped');
    const running = startCommand(
      ['eval', '--scenarios', join(SHIPPED, 's0[0278].yaml'), '--concurrency', '2', '--out', out],
      env,
    );
    await expect
      .poll(
        () => existsSync(join(out, 'runs')) && readdirSync(join(out, 'runs')).some((name) => name.endsWith('.json')),
        { timeout: 60_000 },
      )
      .toBeTruthy();
    const started = [...descendants(running.child.pid ?? Number.NaN).keys()];
    running.interrupt();
    expect(await running.ended).toBe(130);
    expect(running.err()).toContain(`To go on: countersign eval --out ${out}`);
    expect(started.length).toBeGreaterThan(0);
    await expect.poll(() => started.filter(isAlive), { timeout: 5000 }).toEqual([]);
    const done = kept('stopped').names;
    expect(done.length).toBeLessThan(4);
    const rest = await evaluate('--out', out);
    expect([rest.code, kept('stopped').names.length]).toEqual([0, 4]);
    for (const name of done) expect(rest.err).not.toContain(`${name.replace(/-1\.json$/, '')}#1`);
    expect(kept('stopped').manifest.finishedAt).toBeDefined();
  });
});

describe('scenarios that can not be played', () => {
  it('are refused with file, field and reason before anything starts', async () => {
    const bad = at('bad.yaml');
    writeFileSync(bad, readFileSync(join(SHIPPED, 's01.yaml'), 'utf8').replace('family:', 'famly:'));
    const refused = await evaluate('--scenarios', SHIPPED, bad, '--out', at('never'));
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(bad);
    expect(refused.err).toContain('family: ');
    expect(existsSync(at('never'))).toBe(false);
    const validated = await evaluate('--validate', '--scenarios', bad, '--json');
    expect(validated.code).toBe(1);
    expect(JSON.parse(validated.out)).toMatchObject({ problems: [{ file: bad }] });
  });

  it('are refused when two have one id', async () => {
    copyFileSync(join(SHIPPED, 's01.yaml'), at('again.yaml'));
    const refused = await evaluate('--scenarios', SHIPPED, at('again.yaml'));
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('S01 is the id of another chosen file')]);
  });

  it('are found by --validate, which prints the counts and what mindless policies pass', async () => {
    const { code, out } = await evaluate('--validate', '--scenarios', at('set', 's0[37].yaml'));
    expect(out).toMatch(/^2 scenarios/);
    expect(out).toMatch(/always_escalate +1 of 2/);
    expect(code).toBe(out.includes('No problems.') ? 0 : 1);
  });
});
