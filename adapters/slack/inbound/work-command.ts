import type { IncidentSummary } from '../../../src/domain/card.js';
import type { Person } from '../../../src/domain/decision.js';
import { COMMAND } from '../action-ids.js';
import { alertFromText } from '../alert-text.js';
import type { SlackBody } from '../body.js';
import { digestReply, helpReply, listReply, sayReply, statusReply } from '../replies.js';
import { type Inbound, linksTo, readingContext } from './context.js';
import type { JobOf } from './job.js';
import { personOrTell, sayRefusal } from './telling.js';
import { NOT_FOR_YOU } from './texts.js';

const DAYS = 7;
const DAYS_MOST = 366;

/** `/countersign list|status|digest|open …`, told to who typed it. */
export async function workCommand(inbound: Inbound, job: JobOf<'command'>): Promise<void> {
  const [word = '', ...rest] = job.text.trim().split(/\s+/);
  const more = job.text.trim().slice(word.length).trim();
  await sayRefusal(inbound, job.where, async () => {
    if (word.toLowerCase() === 'open') return openText(inbound, job, more);
    await inbound.answers.say(job.where, await replyTo(inbound, job, word.toLowerCase(), rest));
  });
}

const TELLING = new Set(['list', 'status', 'digest']);

/** Incidents of all channels are for the people of the company alone; guests may type commands too. */
async function replyTo(inbound: Inbound, job: JobOf<'command'>, word: string, rest: string[]): Promise<SlackBody> {
  if (!TELLING.has(word)) return helpReply();
  const person = await inbound.identity.personOf(job.where.user);
  if (person === undefined) return sayReply(NOT_FOR_YOU);
  switch (word) {
    case 'list':
      return list(inbound, person, rest[0]?.toLowerCase() ?? 'open');
    case 'status':
      return status(inbound, person);
    case 'digest':
      return digest(inbound, rest[0] ?? String(DAYS));
    default:
      return helpReply();
  }
}

async function list(inbound: Inbound, person: Person, which: string): Promise<SlackBody> {
  const { backend } = inbound;
  const reply = async (listed: IncidentSummary[]): Promise<SlackBody> =>
    listReply(listed, await linksTo(inbound, listed));
  switch (which) {
    case 'open':
      return reply(backend.list({ status: 'open' }));
    case 'all':
      return reply(backend.list({}));
    case 'waiting':
      return reply(backend.waitingFor(person.id));
    default:
      return sayReply(`Not understood. It is ${COMMAND} list, with open, waiting or all.`);
  }
}

async function status({ backend, deliveries }: Inbound, person: Person): Promise<SlackBody> {
  const waiting = backend.waitingFor(person.id);
  return statusReply({
    waiting,
    open: backend.list({ status: 'open' }),
    log: await backend.logState(),
    deliveries: (await deliveries?.()) ?? [],
  });
}

function digest(inbound: Inbound, days: string): SlackBody {
  const number = Number(days);
  if (!Number.isInteger(number) || number < 1 || number > DAYS_MOST) {
    return sayReply(`Not understood. It is ${COMMAND} digest, with a number of days from 1 to ${DAYS_MOST}.`);
  }
  return digestReply(inbound.backend.digest(number));
}

async function openText(inbound: Inbound, job: JobOf<'command'>, text: string): Promise<void> {
  const by = await personOrTell(inbound, job.where);
  if (by === undefined) return;
  const { alert, missing } = alertFromText(text, job.where.user, readingContext(inbound));
  const opened = await inbound.backend.investigate(alert, by, by);
  const gaps = missing.length === 0 ? '' : `\nYour text does not say ${missing.join('; ')}.`;
  await inbound.answers.say(job.where, sayReply(`${opened.text}${gaps}`));
}
