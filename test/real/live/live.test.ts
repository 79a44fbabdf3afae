import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentSummary, Thread } from '../../../src/domain/card.js';
import type { ClickAnswer } from '../../../src/domain/decision.js';
import { foldIncident, type Incident } from '../../../src/domain/incident.js';
import { createProcessLog } from '../../../src/log.js';
import { connectLog } from '../../../src/roles/log-connection.js';
import { AT_REST, countersign, startStack, type TestStack } from '../../support/stack.js';
import { pointTo } from '../alertmanager/receiver.js';
import type { LiveCase } from './case.js';
import { CASES } from './cases.js';
import { openWorld, type World } from './world.js';

/**
 * Failures that really happen on the real systems: the alert comes from Airflow's callback or from Alertmanager, and the roles of
 * Countersign, each its own process, investigate with the readers' logins and repair with the repairer's after people have decided.
 * The playbook reasons, so that a run needs no model.
 */
const THREADS = 'var/live';
/** Airflow keeps the logs of runs that were deleted: a run of its own name has a log of its own. */
const SESSION = new Date().toISOString().slice(0, 19).replaceAll(/\D/g, '');
const GOOD = `live__good_${SESSION}`;
const RUN = `live__incident_${SESSION}`;
const PEOPLE = ['ana@example.com', 'lea@example.com'];
const CHECK = 'looked at the same records in the systems themselves, as';

let world: World;
let stack: TestStack;
beforeAll(async () => {
  world = await openWorld();
  stack = await startStack({ platformFile: world.platformFile });
  const token = readFileSync(join(stack.dataDir, 'keys/intake-token'), 'utf8').trim();
  world.announce(stack.url, token);
  await pointTo(new URL('/intake/alertmanager', stack.url).href, token);
  mkdirSync(THREADS, { recursive: true });
}, 600_000);
afterAll(async () => {
  await stack?.stop();
  await world?.close();
});

describe('a live failure on the real systems', () => {
  it.each(CASES.map((one) => [one.title, one] as const))(
    '%s',
    async (_title, one) => {
      await failing(one);
      const incident = await incidentOf(one.dag);
      await stack.until(incident, AT_REST, 120_000);
      try {
        const { diagnosis, proposals } = await read(incident);
        const { category, change, entity, plan } = one.expected;
        expect({ causes: diagnosis?.causes, summary: diagnosis?.summary }).toMatchObject({
          causes: [{ category, change, entity }],
        });
        expect(diagnosis?.evidence.length).toBeGreaterThan(0);
        expect(proposals.at(-1)?.proposal.steps.map((step) => step.action.do)).toEqual(plan);

        const values = (await one.beforeDecision?.(world)) ?? undefined;
        await approve(incident, values);
        const { status } = await stack.until(incident, ['resolved', 'escalated', 'reopened', 'closed'], 300_000);
        expect(status).toBe('resolved');
        expect(await world.airflow.until(one.dag, RUN, ['success', 'failed'])).toBe('success');
        await keepThread(one, incident, await one.healed(world, RUN));
      } catch (failure) {
        await keepThread(one, incident, `NOT HEALED: ${(failure as Error).message}`);
        throw failure;
      }
    },
    600_000,
  );
});

/** A good run, then the break, then the run that fails. */
async function failing(one: LiveCase): Promise<void> {
  const { airflow } = world;
  await airflow.untilKnown(one.dag);
  await airflow.forget(one.dag);
  await one.prepare(world);
  const due = (minutes: number | undefined): Date | undefined =>
    minutes === undefined ? undefined : new Date(Date.now() - minutes * 60_000);
  await airflow.trigger(one.dag, GOOD, due(one.dueMinutesAgo?.good));
  expect(await airflow.until(one.dag, GOOD, ['success', 'failed'])).toBe('success');
  await one.breakIt(world);
  await airflow.trigger(one.dag, RUN, due(one.dueMinutesAgo?.incident));
  await one.during?.(world, RUN);
  expect(await airflow.until(one.dag, RUN, ['success', 'failed'])).toBe('failed');
}

/** The alert comes by itself. */
async function incidentOf(dag: string): Promise<string> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found: IncidentSummary | undefined = (await stack.client.list()).find(({ pipeline }) => pipeline === dag);
    if (found) return found.incident;
    if (Date.now() > deadline) throw new Error(`no alert about ${dag} arrived`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

async function read(incident: string): Promise<Incident> {
  const settings = {
    REDIS_URL: stack.redisUrls.web,
    COUNTERSIGN_LOG_VKEY: stack.vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: false,
  };
  const connection = await connectLog('web', settings, createProcessLog('live', 'silent'));
  try {
    const found = foldIncident(await connection.log.read(incident));
    if (found === undefined) throw new Error(`the log has no ${incident}`);
    return found;
  } finally {
    connection.close();
  }
}

/** As many people as the policy asks for; with `values` the first of them modifies what was proposed before. */
async function approve(incident: string, values: Record<string, string> | undefined): Promise<void> {
  let digest = await openCard(incident);
  if (values !== undefined) {
    const answer = await decide(incident, { digest, verdict: 'modify', as: PEOPLE[0] ?? '', values });
    if (answer.outcome !== 'modified') throw new Error(JSON.stringify(answer));
    // The card that follows is known at once; the page may show it a moment later.
    digest = answer.digest;
  }
  for (const as of values === undefined ? PEOPLE : [...PEOPLE].reverse()) {
    const answer = await decide(incident, { digest, verdict: 'approve', as });
    expect(['decided', 'vote_counted'], JSON.stringify(answer)).toContain(answer.outcome);
    if (answer.outcome === 'decided') return;
  }
}

async function decide(
  incident: string,
  click: { digest: string; verdict: 'approve' | 'modify'; as: string; values?: Record<string, string> },
): Promise<ClickAnswer> {
  const { as, verdict } = click;
  const words = `${CHECK} ${as.split('@')[0]}`;
  return stack.client.decide(incident, { ...click, words, clickId: `${incident}-${as}-${verdict}` });
}

async function openCard(incident: string): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const thread: Thread = await stack.client.thread(incident);
    const card = thread.cards.findLast(({ actions }) => actions.length > 0);
    if (card?.digest !== undefined) return card.digest;
    if (Date.now() > deadline) throw new Error(`${incident} shows nothing to decide`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** The thread as `countersign show` prints it, with the proof below. */
async function keepThread(one: LiveCase, incident: string, proof: string): Promise<void> {
  const { out } = await countersign(['show', incident], stack.commandEnvironment);
  writeFileSync(join(THREADS, `${one.name}.txt`), `${out.trimEnd()}\n\nOn the real system: ${proof}\n`);
}
