import { z } from 'zod';
import { type AlertReading, alertReading } from '../../../src/domain/alert-reading.js';
import { sha256Hex } from '../../../src/domain/canonical.js';
import { jobId, within } from '../../../src/domain/gesture.js';
import { NO_WORDS, OWN_MESSAGE } from '../../../src/domain/talk.js';
import { readForm } from '../dialogs.js';
import type { Inbound } from './context.js';
import type { TeamsJob, Where } from './job.js';
import { MessagePayload, messageWords, typedWords } from './message-words.js';
import { answered, type Pressed, words, worked } from './pressed.js';
import type { Reply } from './reply.js';
import { OPENING } from './texts.js';

/** An alert that a person points at: a form with what the message says, and the incident when it is sent. */

/** What was in the form when it was opened, kept on our side: who sends it cannot change whose words they are. */
const Drafted = z.object({
  /** Of title and text as they stood in the form. */
  digest: z.string(),
  /** AAD object id of who wrote the message; nobody's when a program did. */
  author: z.string().optional(),
  monitor: z.boolean(),
  message: z.unknown(),
});

const REMEMBERED_SECONDS = 3600;
const STORE_WITHIN_MS = 1000;
const TITLE_MOST = 300;
const TEXT_MOST = 3000;

/** "Investigate this alert" was chosen in a message's menu. `id` names the gesture. */
export async function investigateMessage(inbound: Inbound, id: string, payload: unknown): Promise<Reply> {
  const message = MessagePayload.safeParse(payload).data;
  if (message === undefined) return words('Nothing opened', NO_WORDS);
  const program = message.from?.application?.id;
  if (program !== undefined && program === inbound.settings.appId) return words('Nothing opened', OWN_MESSAGE);
  const reading = readMessage(inbound, message);
  if (reading.alert.text === '') return words('Nothing opened', NO_WORDS);
  const { severity, subject } = reading.alert;
  const draft = {
    title: reading.alert.title.slice(0, TITLE_MOST),
    text: reading.alert.text.slice(0, TEXT_MOST),
    severity,
    ...(subject.dag === undefined ? {} : { dag: subject.dag }),
    ...(subject.table === undefined ? {} : { table: subject.table }),
  };
  const origin = `message ${id}`;
  const author = message.from?.user?.id;
  const monitor = message.from?.user == null && program !== undefined;
  const kept = JSON.stringify({
    digest: digestOf(draft),
    monitor,
    message,
    ...(author === undefined ? {} : { author }),
  });
  // Not kept: it counts as the words of whoever sends the form.
  await within(STORE_WITHIN_MS, inbound.once.settle(keyOf(origin), kept, REMEMBERED_SECONDS));
  return { show: 'alert', args: { draft, origin } };
}

function keyOf(origin: string): string {
  return `teams:alert:${sha256Hex(origin).slice(0, 40)}`;
}

function digestOf(values: Record<string, string | undefined>): string {
  const fields = ['title', 'text', 'severity', 'dag', 'table'].map((name) => tidy(values[name] ?? ''));
  return sha256Hex(JSON.stringify(fields));
}

/** Clients send line ends and blanks in their own ways. */
function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function readMessage(inbound: Inbound, message: MessagePayload): AlertReading {
  const known = inbound.names?.();
  return alertReading(messageWords(message), {
    receivedAt: inbound.clock.now(),
    ...(known === undefined ? {} : { known }),
  });
}

/** What somebody typed, as an alert. */
export function readTyped(inbound: Inbound, text: string): AlertReading {
  const known = inbound.names?.();
  const receivedAt = inbound.clock.now();
  return alertReading(typedWords(text, receivedAt), { receivedAt, ...(known === undefined ? {} : { known }) });
}

/** The form was sent. Sent as it was opened, it is what the message says; changed in any way, it is the sender's own word. */
export async function investigateReply(inbound: Inbound, pressed: Pressed): Promise<Reply> {
  const { where, carried, data, patienceMs } = pressed;
  const { values } = readForm(data);
  const faults = tidy(values['title'] ?? '').length < 3 ? { title: 'Say in a few words what is wrong.' } : undefined;
  const origin = carried.origin ?? `opened ${pressed.id}`;
  if (faults !== undefined) return { show: 'alert', args: { draft: values, faults, origin } };
  const drafted = await within(STORE_WITHIN_MS, draftedFor(inbound, origin));
  const unchanged = drafted !== undefined && drafted.digest === digestOf(values);
  const opened = unchanged ? fromMessage(inbound, drafted, where) : fromForm(inbound, values, where);
  const id = jobId('open', where.user, origin, digestOf(values));
  const job: TeamsJob = { kind: 'open', id, where, ...opened };
  return answered(await worked(inbound, job, patienceMs), { carried, meanwhile: OPENING });
}

async function draftedFor({ once }: Inbound, origin: string): Promise<z.infer<typeof Drafted> | undefined> {
  if (!origin.startsWith('message ')) return undefined;
  const known = await once.begin(keyOf(origin), REMEMBERED_SECONDS);
  if (typeof known !== 'object') return undefined;
  return Drafted.safeParse(JSON.parse(known.answer)).data;
}

type Opened = Pick<Extract<TeamsJob, { kind: 'open' }>, 'alert' | 'author' | 'missing'>;

function fromMessage(inbound: Inbound, { message, author, monitor }: z.infer<typeof Drafted>, where: Where): Opened {
  const { alert, missing } = readMessage(inbound, MessagePayload.parse(message));
  if (monitor) return { alert, missing };
  return { alert, missing, author: author ?? where.aad ?? where.user };
}

function fromForm(inbound: Inbound, values: Record<string, string>, where: Where): Opened {
  const said = [values['title'], values['text']].filter((part) => part !== undefined && part.trim() !== '');
  const { alert, missing } = readTyped(inbound, said.join('\n'));
  const severity = (['critical', 'high', 'medium', 'low'] as const).find((one) => one === values['severity']);
  const subject = { ...alert.subject, ...given('dag', values['dag']), ...given('table', values['table']) };
  const stillMissing = missing.filter((one) => !(one.startsWith('how severe') && severity !== undefined));
  return {
    alert: { ...alert, severity: severity ?? alert.severity, subject },
    author: where.aad ?? where.user,
    missing: Object.keys(subject).length > 0 ? stillMissing.filter((one) => !one.startsWith('which')) : stillMissing,
  };
}

function given(name: string, value: string | undefined): Record<string, string> {
  const text = value?.trim().slice(0, 250) ?? '';
  return text === '' ? {} : { [name]: text };
}
