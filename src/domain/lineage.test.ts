import { describe, expect, it } from 'vitest';
import { blastRadiusOf } from './blast-radius.js';
import { lineageOf } from './lineage.js';
import { Inventory } from './pipeline.js';
import { Policy } from './policy.js';
import { BLAST_LIMITS, Proposal, ProposalStep, proposalDigest } from './proposal.js';
import { scoreRisk } from './risk.js';
import { Sighting } from './sighting.js';

const NOW = new Date('2026-05-14T02:20:00Z');
const inventory = Inventory.parse({
  pipelines: [
    { dag: 'ingest', owner: 'core', tasks: [{ id: 'land', writes: ['bronze.t'] }] },
    {
      dag: 'daily',
      owner: 'core',
      schedule: '0 3 * * *',
      tasks: [
        { id: 'transform', reads: ['bronze.t'], writes: ['silver.t'], sparkApp: 'Daily Transform' },
        { id: 'publish', reads: ['silver.t'] },
      ],
    },
    {
      dag: 'report',
      owner: 'bi',
      severity: 'critical',
      tasks: [{ id: 'build', reads: ['silver.t'], writes: ['gold.r'] }],
    },
  ],
  tables: [
    { name: 'silver.t', owner: 'payments', classes: ['pii'] },
    { name: 'gold.r', classes: ['financial', 'sox'] },
  ],
});
const policy = Policy.parse({ version: 1 });

function seen(job: string, does: 'reads' | 'writes', table: string, more: Partial<Sighting> = {}): Sighting {
  const name = table.replace('.', '/');
  return Sighting.parse({
    job: { namespace: 'airflow', name: job },
    does,
    dataset: { namespace: 's3://lake', name },
    at: '2026-05-13T03:00:00.000Z',
    ...more,
  });
}

function step(touches: string[], action: object = { do: 'config_rollback', target: 'x' }): ProposalStep {
  const text = { title: 't', before: '', after: '', restorePoint: 'r' };
  return ProposalStep.parse({
    action,
    ...text,
    effects: [],
    idempotency: 'guarded',
    touches,
    preconditions: [],
    verification: [],
  });
}

const radius = (touches: string[], sightings: Sighting[] = [], given = inventory) =>
  blastRadiusOf(lineageOf(given, { sightings, now: NOW }), [step(touches)], NOW);

describe('the blast radius by the inventory alone', () => {
  it('has tables with hops, owner and classes, consumers with their next run, and no doubts', () => {
    expect(radius(['bronze.t'])).toEqual({
      datasets: ['gold.r', 'silver.t'],
      pipelines: [
        { dag: 'daily', owner: 'core' },
        { dag: 'report', owner: 'bi' },
      ],
      detail: {
        tables: [
          { name: 'bronze.t', hops: 0, owner: 'core', classes: [] },
          { name: 'silver.t', hops: 1, owner: 'payments', classes: ['pii'] },
          { name: 'gold.r', hops: 2, owner: 'bi', classes: ['financial', 'sox'] },
        ],
        consumers: [
          { name: 'report', hops: 2, owner: 'bi', critical: true },
          {
            name: 'daily',
            hops: 1,
            owner: 'core',
            critical: false,
            nextRun: '2026-05-14T03:00:00.000Z',
            schedule: '0 3 * * *',
          },
        ],
        total: { tables: 2, consumers: 2 },
        classes: ['financial', 'pii', 'sox'],
        doubts: [],
      },
    });
  });

  it('is empty where nobody reads', () => {
    const { datasets, pipelines, detail } = radius(['gold.r']);
    expect({ datasets, pipelines, total: detail?.total }).toEqual({
      datasets: [],
      pipelines: [],
      total: { tables: 0, consumers: 0 },
    });
  });

  it('ends also when jobs read what they write, and in a circle', () => {
    const circle = Inventory.parse({
      pipelines: [
        { dag: 'a', owner: 'o', tasks: [{ id: 't', reads: ['x.x', 'x.z'], writes: ['x.y', 'x.x'] }] },
        { dag: 'b', owner: 'o', tasks: [{ id: 't', reads: ['x.y'], writes: ['x.z'] }] },
      ],
    });
    expect(radius(['x.x'], [], circle).detail?.tables.map(({ name, hops }) => [name, hops])).toEqual([
      ['x.x', 0],
      ['x.y', 1],
      ['x.z', 2],
    ]);
  });

  it('is bounded, keeps sensitive and near ones, and counts all', () => {
    const many = Inventory.parse({
      pipelines: Array.from({ length: 400 }, (_, n) => ({
        dag: `d${n}`,
        owner: 'o',
        tasks: [{ id: 't', reads: ['x.x'], writes: [`y.t${n}`] }],
      })),
      tables: [{ name: 'y.t399', classes: ['pii'] }],
    });
    const { detail, datasets } = radius(['x.x'], [], many);
    expect(detail?.tables).toHaveLength(BLAST_LIMITS.tables);
    expect(detail?.tables[1]?.name).toBe('y.t399');
    expect(detail?.total).toEqual({ tables: 400, consumers: 400 });
    expect(datasets.length).toBeLessThanOrEqual(300);
  });
});

describe('observed lineage', () => {
  it('adds what the inventory does not know, marked with when it was seen', () => {
    const sightings = [
      seen('churn_model.train', 'reads', 'silver.t', { jobOwner: 'ml' }),
      seen('churn_model.train', 'writes', 'ml.churn'),
    ];
    const { detail, pipelines } = radius(['bronze.t'], sightings);
    expect(detail?.tables.find(({ name }) => name === 'ml.churn')).toEqual({
      name: 'ml.churn',
      hops: 2,
      owner: 'ml',
      classes: [],
      observed: '2026-05-13T03:00:00.000Z',
    });
    expect(detail?.consumers.find(({ name }) => name === 'churn_model.train')).toMatchObject({
      owner: 'ml',
      observed: expect.any(String),
    });
    expect(pipelines.map(({ dag }) => dag)).toEqual(['daily', 'report']);
  });

  it('can not take away or lower anything: with any sightings, everything of the inventory stays', () => {
    const before = radius(['bronze.t']);
    const sightings = [seen('daily.transform', 'reads', 'other.x'), seen('daily.transform', 'writes', 'other.y')];
    const after = radius(['bronze.t'], sightings);
    for (const name of before.datasets) expect(after.datasets).toContain(name);
    const lineage = (given: Sighting[]) => lineageOf(inventory, { sightings: given, now: NOW });
    expect(scoreRisk([step(['bronze.t'])], lineage(sightings), policy)).toEqual(
      scoreRisk([step(['bronze.t'])], lineage([]), policy),
    );
  });

  it('fades: what was not seen for longer than the inventory says does not count', () => {
    const old = seen('churn.train', 'reads', 'silver.t', { at: '2026-04-08T00:00:00.000Z' });
    expect(radius(['bronze.t'], [old]).detail?.consumers.map(({ name }) => name)).not.toContain('churn.train');
    expect(lineageOf(inventory, { sightings: [old], now: NOW }).faded).toBe(1);
    const patient = Inventory.parse({ ...inventory, lineage: { fadeAfterDays: 60 } });
    expect(radius(['bronze.t'], [old], patient).detail?.consumers.map(({ name }) => name)).toContain('churn.train');
  });

  it.each<[string, Partial<Sighting> & { name: string }]>([
    ['its own name', { name: 'daily.transform' }],
    ['its parent’s', { name: 'app.execute_x', parents: ['daily.transform'] }],
    ['its root’s', { name: 'app.execute_x', parents: ['app', 'daily.transform'] }],
    ['the name of its Spark application', { name: 'daily_transform.execute_merge.silver_t' }],
    ['the name of its Spark application, above it', { name: 'adhoc.x', parents: ['daily_transform', 'daily'] }],
  ])('belongs to a task of the inventory by %s', (_, { name, ...more }) => {
    const lineage = lineageOf(inventory, { sightings: [seen(name, 'reads', 'raw.extra', more)], now: NOW });
    const job = lineage.jobs.find((one) => one.reads.has('raw.extra'));
    expect(job).toMatchObject({ name: 'daily.transform', configured: true, seen: '2026-05-13T03:00:00.000Z' });
  });

  it('of a task that the inventory does not list belongs to its DAG', () => {
    const lineage = lineageOf(inventory, { sightings: [seen('report.extra', 'reads', 'bronze.t')], now: NOW });
    expect(lineage.jobs.find(({ name }) => name === 'report.extra')).toMatchObject({
      dag: 'report',
      owner: 'bi',
      configured: false,
    });
  });
});

describe('where inventory and runs differ', () => {
  it('both are said, with the day, and nothing is decided', () => {
    const sightings = [seen('daily.transform', 'reads', 'raw.fx'), seen('daily.transform', 'writes', 'silver.t')];
    expect(radius(['bronze.t'], sightings).detail?.doubts).toEqual([
      'The inventory says that daily.transform reads bronze.t; its runs, last seen 2026-05-13, did not.',
      'daily.transform was seen on 2026-05-13: it reads raw.fx, which the inventory does not say.',
    ]);
  });

  it('a job that was never seen is no contradiction, and agreement is none', () => {
    expect(radius(['bronze.t'], [seen('other.job', 'reads', 'x.y')]).detail?.doubts).toEqual([]);
    const same = [seen('daily.transform', 'reads', 'bronze.t'), seen('daily.transform', 'writes', 'silver.t')];
    expect(radius(['bronze.t'], same).detail?.doubts).toEqual([]);
  });

  it('many are counted', () => {
    const sightings = Array.from({ length: 40 }, (_, n) => seen('daily.transform', 'reads', `raw.t${n}`));
    const doubts = radius(['bronze.t'], sightings).detail?.doubts ?? [];
    expect(doubts).toHaveLength(BLAST_LIMITS.doubts);
    expect(doubts.at(-1)).toMatch(/^And \d+ more differences\.$/);
  });
});

describe('column lineage', () => {
  const from = (name: string) => ({ namespace: 's3://lake', name });
  const sightings = [
    seen('daily.transform', 'writes', 'silver.t', {
      columns: [
        {
          from: from('bronze/t'),
          pairs: [
            ['email', 'customer'],
            ['day', '*'],
            ['amount', 'amount'],
          ],
        },
      ],
    }),
    seen('report.build', 'writes', 'gold.r', {
      columns: [{ from: from('silver/t'), pairs: [['customer', 'customers']] }],
    }),
    seen('daily.publish', 'writes', 'mart.p'),
  ];
  const columns = (action: object) =>
    blastRadiusOf(lineageOf(inventory, { sightings, now: NOW }), [step(['bronze.t'], action)], NOW).detail?.columns;
  const change = (op: string, arg: object): object => ({ do: 'schema_evolution', table: 'bronze.t', op, arg });

  it('lists what is made from the changed column, over several tables, and says where it is not known', () => {
    expect(columns(change('rename', { from: 'email', to: 'mail' }))).toEqual({
      of: 'bronze.t.email',
      built: ['silver.t.customer', 'gold.r.customers'],
      total: 2,
      unknownTables: 1,
    });
    expect(columns(change('set_type', { column: 'day', type: 'date' }))?.built).toEqual(['silver.t.*']);
  });

  it('says nothing for a new column, and nothing where no run said any', () => {
    expect(columns(change('add_column', { name: 'x', type: 'int' }))).toBeUndefined();
    const rename = step(['bronze.t'], change('rename', { from: 'email', to: 'mail' }));
    expect(blastRadiusOf(lineageOf(inventory), [rename], NOW).detail?.columns).toBeUndefined();
  });
});

describe('the risk by what is downstream', () => {
  const score = (touches: string[], action: object, given = policy) =>
    scoreRisk([step(touches, action)], lineageOf(inventory), given);
  const addColumn = { do: 'schema_evolution', table: 'bronze.t', op: 'add_column', arg: { name: 'x', type: 'int' } };

  it('counts one level for critical pipelines and one for sensitive data, each with its reason', () => {
    expect(score(['bronze.t'], addColumn)).toEqual({
      level: 'high',
      reasons: [
        'Adds a column to bronze.t that may be empty: readers that do not know it are not affected.',
        'Critical pipelines read what this touches: report; that counts one level more.',
        'Touches or feeds financial, pii, sox data: gold.r, silver.t; that counts one level more.',
      ],
    });
    expect(score(['gold.r'], addColumn).level).toBe('medium');
  });

  it('counts only classes that the policy names', () => {
    expect(score(['gold.r'], addColumn, Policy.parse({ version: 1, raisingClasses: ['pii'] })).level).toBe('low');
    expect(score(['gold.r'], addColumn, Policy.parse({ version: 1, raisingClasses: [] })).level).toBe('low');
  });
});

it('a proposal of before the details keeps its hash', () => {
  const old = {
    v: 1,
    incident: 'INC-1',
    revision: 1,
    proposedBy: 'agent',
    steps: [step(['bronze.t'])],
    why: '',
    risk: { level: 'low', reasons: ['r'] },
    blastRadius: { datasets: ['a.b'], pipelines: [] },
    attachments: [],
    expiresAt: '2026-05-14T03:00:00.000Z',
    authorsOfCause: [],
  };
  expect(proposalDigest(Proposal.parse(old))).toBe(proposalDigest(old as unknown as Proposal));
});
