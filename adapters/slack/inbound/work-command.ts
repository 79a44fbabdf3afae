import type { IncidentSummary } from '../../../src/domain/card.js';
import { COMMAND } from '../action-ids.js';
import { alertFromText } from '../alert-text.js';
import type { SlackBody } from '../body.js';
import { digestReply, helpReply, listReply, sayReply, statusReply } from '../replies.js';
import { type Inbound, linksTo } from './context.js';
import type { JobOf } from './job.js';
import { personOrTell, sayRefusal } from './telling.js';
import { NOTHING_CAN_WAIT } from './texts.js';

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

async function replyTo(inbound: Inbound, job: JobOf<'command'>, word: string, rest: string[]): Promise<SlackBody> {
  switch (word) {
    case 'list':
      return list(inbound, job, rest[0]?.toLowerCase() ?? 'open');
    case 'status':
      return status(inbound, job);
    case 'digest':
      return digest(inbound, rest[0] ?? String(DAYS));
    default:
      return helpReply();
  }
}

async function list(inbound: Inbound, job: JobOf<'command'>, which: string): Promise<SlackBody> {
  const { backend } = inbound;
  const reply = async (listed: IncidentSummary[]): Promise<SlackBody> =>
    listReply(listed, await linksTo(inbound, listed));
  switch (which) {
    case 'open':
      return reply(backend.list({ status: 'open' }));
    case 'all':
      return reply(backend.list({}));
    case 'waiting': {
      const person = await inbound.identity.personOf(job.where.user);
      return person === undefined ? sayReply(NOTHING_CAN_WAIT) : reply(backend.waitingFor(person.id));
    }
    default:
      return sayReply(`Not understood. It is ${COMMAND} list, with open, waiting or all.`);
  }
}

async function status(inbound: Inbound, job: JobOf<'command'>): Promise<SlackBody> {
  const { backend, identity } = inbound;
  const person = await identity.personOf(job.where.user);
  const waiting = person === undefined ? [] : backend.waitingFor(person.id);
  return statusReply({ waiting, open: backend.list({ status: 'open' }), log: await backend.logState() });
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
  const known = inbound.names?.();
  const context = { receivedAt: inbound.clock.now(), ...(known === undefined ? {} : { known }) };
  const { alert, missing } = alertFromText(text, job.where.user, context);
  const opened = await inbound.backend.investigate(alert, by, by);
  const gaps = missing.length === 0 ? '' : `\nYour text does not say ${missing.join('; ')}.`;
  await inbound.answers.say(job.where, sayReply(`${opened.text}${gaps}`));
}
