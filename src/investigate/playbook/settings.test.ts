import { describe, expect, it } from 'vitest';
import { parseObservation } from '../logfmt.js';
import type { CaseFile, PastCall } from './case-file.js';
import type { Context } from './context.js';
import { settingChanges } from './settings.js';

const change = (sha: string, at: string, was: string, is: string): string =>
  [
    `commit sha=${sha} author=p.novak at=${at} files=pipelines/b.yaml repo=config`,
    `diff sha=${sha} file=pipelines/b.yaml`,
    '| +++ b/pipelines/b.yaml',
    `| -  limit: ${was}`,
    `| +  limit: ${is}`,
  ].join('\n');

/** A case about one DAG, with a setting of the pipeline `b` and what git said of it. */
function about(dag: string, ...changes: string[]): Context {
  const text = changes.join('\n');
  const call = {
    id: 'c1',
    tool: 'git_blame',
    args: {},
    status: 'ok',
    text,
    parsed: parseObservation(text),
  } as PastCall;
  const settings = [
    { path: 'b.limit', component: 'spark', file: 'pipelines/b.yaml', key: 'spark.limit', cap: undefined },
  ];
  const pipelines = ['a', 'b'].map((name) => ({ dag: name, owner: 'x', schedule: '', sources: [] }));
  const file = { settings, pipelines, calls: [call] } as unknown as CaseFile;
  return { file, focus: { dag, task: undefined }, errorText: 'Task did not emit heartbeat' } as unknown as Context;
}

const LOWERED = change('aaaaaaaaaaaa', '2026-11-23T15:30:38.000Z', '64m', '1m');
const PUT_BACK = change('bbbbbbbbbbbb', '2026-11-23T15:31:00.000Z', '1m', '64m');

describe('settingChanges', () => {
  it('finds the change of a setting of the pipeline in question', () => {
    expect(settingChanges(about('b', LOWERED))).toMatchObject([{ was: '64m', is: '1m' }]);
  });

  it("leaves out another pipeline's setting, as live: it was blamed for a worker that died elsewhere", () => {
    expect(settingChanges(about('a', LOWERED))).toEqual([]);
  });

  it('leaves out a change that was put back already, so that nobody is asked to make it again', () => {
    expect(settingChanges(about('b', PUT_BACK, LOWERED)).map(({ is }) => is)).toEqual(['64m']);
  });
});
