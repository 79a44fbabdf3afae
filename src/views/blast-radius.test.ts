import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTerminalThread } from '../../adapters/terminal/thread.js';
import { openHouse } from '../../test/e2e/house.js';
import { asEntries, at, INCIDENT, POLICY, sampleProposal, untilProposal } from '../../test/e2e/sample-story.js';
import type { Section, Thread } from '../domain/card.js';
import { foldIncident } from '../domain/incident.js';
import type { BlastDetail, Proposal } from '../domain/proposal.js';
import { blastRadiusSections } from './blast-radius.js';
import { fitCard, LIMITS } from './fit.js';
import { threadOf } from './thread.js';

const sample = sampleProposal().blastRadius;

function sectionsWith(change: Partial<BlastDetail>): Section[] {
  if (sample.detail === undefined) throw new Error('the sample has details');
  return blastRadiusSections({ ...sample, detail: { ...sample.detail, ...change } });
}

function tagged(sections: readonly Section[]): Extract<Section, { kind: 'tagged' }>[] {
  return sections.flatMap((section) => (section.kind === 'tagged' ? [section] : []));
}

function thread(): Thread {
  const incident = foldIncident(asEntries(untilProposal()));
  if (incident === undefined) throw new Error('no incident');
  return threadOf(incident, { policy: POLICY, now: new Date(at(13)) });
}

describe('the blast radius on a card', () => {
  it('shows few names with owner, classes and distance, counts the rest, and says who runs next and when', () => {
    expect(blastRadiusSections(sample)).toMatchInlineSnapshot(`
      [
        {
          "kind": "tagged",
          "more": 3,
          "rows": [
            {
              "name": "bronze.transactions",
              "tags": [
                "pii",
              ],
              "text": "touched by this repair, owned by payments-data",
            },
            {
              "name": "silver.transactions",
              "tags": [
                "pii",
                "financial",
              ],
              "text": "1 job away, owned by payments-data",
            },
            {
              "name": "gold.merchant_daily",
              "tags": [
                "financial",
                "sox",
              ],
              "text": "2 jobs away, owned by bi-team",
            },
            {
              "name": "gold.fraud_features",
              "tags": [],
              "text": "2 jobs away, owned by risk-ml",
            },
            {
              "name": "mart.chargebacks",
              "tags": [],
              "text": "3 jobs away, owner not known, only seen in runs, last 04:12 UTC, 13 May",
            },
            {
              "name": "mart.merchants_weekly",
              "tags": [],
              "text": "3 jobs away, owned by bi-team",
            },
          ],
          "tags": [
            "financial",
            "pii",
            "sox",
          ],
          "title": "Touches 1 table; built from it, downstream: 8 tables, up to 3 jobs away",
        },
        {
          "kind": "tagged",
          "more": 0,
          "rows": [
            {
              "name": "fraud_features",
              "tags": [
                "critical",
              ],
              "text": "due 03:30 UTC, 14 May, owned by risk-ml",
            },
            {
              "name": "merchant_reporting",
              "tags": [],
              "text": "due 06:00 UTC, 14 May, owned by bi-team",
            },
            {
              "name": "daily_transactions",
              "tags": [],
              "text": "due 02:00 UTC, 15 May, owned by payments-data",
            },
            {
              "name": "chargeback_export.write",
              "tags": [],
              "text": "schedule not known, owner not known, only seen in runs, last 04:12 UTC, 13 May",
            },
          ],
          "tags": [],
          "title": "Runs on it next: 4 pipelines and jobs",
        },
        {
          "items": [
            "chargeback_export.write was seen on 2026-05-13: it reads gold.merchant_daily, which the inventory does not say.",
          ],
          "kind": "list",
          "title": "Inventory and observed runs differ; both are counted above",
        },
      ]
    `);
  });

  it('counts everything that is not shown, also what the proposal itself left out', () => {
    const [tables, consumers] = tagged(sectionsWith({ total: { tables: 212, consumers: 90 } }));
    expect(tables).toMatchObject({
      title: 'Touches 1 table; built from it, downstream: 212 tables, up to 3 jobs away',
      more: 207,
    });
    expect(tables?.rows).toHaveLength(6);
    expect(consumers).toMatchObject({ more: 86 });
  });

  it('does not list again what the steps name, unless its data are of a class', () => {
    const table = { owner: 'a', classes: [], hops: 0 };
    const tables = [
      { ...table, name: 'silver.a' },
      { ...table, name: 'silver.b', classes: ['pii'] },
      { ...table, name: 'gold.c', hops: 1 },
    ];
    const [first] = tagged(sectionsWith({ tables, total: { tables: 1, consumers: 0 }, classes: ['pii'] }));
    expect(first).toMatchObject({ title: 'Touches 2 tables; built from them, downstream: 1 table', more: 0 });
    expect(first?.rows.map(({ name }) => name)).toEqual(['silver.b', 'gold.c']);
  });

  it('lists the columns made from a changed one, and says where that is not known', () => {
    const columns = { of: 'bronze.t.email', built: ['silver.t.customer', 'gold.r.*'], total: 9, unknownTables: 2 };
    expect(sectionsWith({ columns }).find(({ kind }) => kind === 'list')).toMatchObject({
      title: 'Columns made from bronze.t.email',
      items: [
        'silver.t.customer',
        'gold.r (which rows it has)',
        'and 7 more',
        'Not known for 2 downstream tables: no run said which columns it reads',
      ],
    });
    const none = sectionsWith({ columns: { of: 'a.b.c', built: [], total: 0, unknownTables: 0 } });
    expect(none.find(({ kind }) => kind === 'list')).toMatchObject({ items: ['None that a run was seen to make'] });
  });

  it('says so where nobody reads, and still shows the class of what is touched', () => {
    const touched = { name: 'gold.r', hops: 0, owner: 'bi', classes: ['sox'] };
    const nothing = { consumers: [], total: { tables: 0, consumers: 0 }, doubts: [] };
    const sections = sectionsWith({ ...nothing, tables: [touched], classes: ['sox'] });
    expect(sections[0]).toMatchObject({
      kind: 'list',
      items: ['Nothing that the inventory or an observed run knows of'],
    });
    expect(tagged(sections)[0]).toMatchObject({ rows: [{ name: 'gold.r', tags: ['sox'] }], more: 0 });
    expect(sectionsWith({ ...nothing, tables: [{ ...touched, classes: [] }], classes: [] })).toHaveLength(1);
  });

  it('still shows proposals of before there were details', () => {
    const old: Proposal['blastRadius'] = { datasets: ['gold.r'], pipelines: [{ dag: 'report', owner: 'bi' }] };
    expect(blastRadiusSections(old)).toEqual([
      {
        kind: 'list',
        title: 'Built from this, downstream: 1 dataset, 1 pipeline',
        items: ['DAG report, owned by bi', 'gold.r'],
      },
    ]);
  });

  it('fits a chat message however long the names are', () => {
    const tables = Array.from({ length: 60 }, (_, n) => ({
      name: `s3://bucket/${'x'.repeat(580)}${n}`,
      hops: 1,
      owner: 'o'.repeat(250),
      classes: ['a', 'b', 'c', 'd', 'e', 'f'],
    }));
    const sections = sectionsWith({ tables, total: { tables: 60, consumers: 0 } });
    const card = fitCard({ id: 'x', title: 't', tone: 'neutral', sections, actions: [] });
    const [fitted] = tagged(card.sections);
    expect(JSON.stringify(fitted).length).toBeLessThan(LIMITS.sectionText);
    expect(fitted?.rows).toHaveLength(6);
    expect(fitted?.more).toBe(54);
  });

  it('says the same in the terminal and on the page', async () => {
    const written: string[] = [];
    const out = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    });
    await createTerminalThread({ out: Object.assign(out, { columns: 110 }), color: false }).show(thread());
    const house = await openHouse();
    await house.tell(untilProposal());
    const page = await (await fetch(`${house.url}/incidents/${INCIDENT}`)).text();
    await house.close();
    const plain = page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
    const terminal = written.join('').replaceAll(/\s+/g, ' ');
    const cards = thread().cards.flatMap(({ sections }) => tagged(sections));
    expect(cards).toHaveLength(2);
    for (const { title, rows, more, tags } of cards) {
      for (const text of [title, ...rows.flatMap((row) => [row.name, row.text]), ...tags, `and ${more} more`]) {
        if (text === 'and 0 more') continue;
        expect(plain).toContain(text);
        expect(terminal).toContain(text);
      }
    }
    expect(terminal).toContain('silver.transactions [pii] [financial]');
  });
});
