import { z } from 'zod';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';

const INSTALL = 'Add the app to the team of the channel, and allow it there.';
const ASK_ADMIN = 'Ask an administrator of Teams.';
const SETTINGS = 'Look at TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID; countersign doctor tries them.';
const PLAIN = 'This is a fault of Countersign; it is shown as plain text instead.';

/** Two calls of one conversation met: a moment later it goes. */
const MET_MS = 2000;
/** A 429 of Teams often says for how long it holds, and often not: the widest window of which we are ever likely to meet the end. */
const PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3600_000;

/** What botbuilder's connector throws, as far as it is read. */
const Refused = z.object({
  statusCode: z.number().int(),
  code: z.string().max(100).optional().catch(undefined),
});

/** Teams' own words for a refusal, in ours. All prove that nothing was done. */
const MEANING: Record<string, [ErrorKind, string]> = {
  BotNotInConversationRoster: ['forbidden', `The app is not in this conversation. ${INSTALL}`],
  BotDisabledByAdmin: ['forbidden', `An administrator has blocked the app. ${ASK_ADMIN}`],
  MessageWritesBlocked: ['forbidden', 'This person has blocked the app, or removed it.'],
  ConversationBlockedByUser: ['forbidden', 'This person has blocked the app.'],
  NotEnoughPermissions: ['forbidden', `The app may not do this here. ${INSTALL}`],
  InvalidBotApiHost: ['misconfigured', 'Teams wants to be called at another address. Look at TEAMS_SERVICE_URL.'],
  ConversationNotFound: ['not_found', 'The conversation is not in Teams any more.'],
  ActivityNotFoundInConversation: ['not_found', 'The message is not in Teams any more.'],
  MemberNotFoundInConversation: ['not_found', 'This person is not in the conversation.'],
  MessageSizeTooBig: ['invalid_input', `A message is larger than Teams takes. ${PLAIN}`],
};

/** By status, where the code says nothing. */
const BY_STATUS: Record<number, [ErrorKind, string]> = {
  400: ['invalid_input', `Teams refused a message as malformed. ${PLAIN}`],
  401: ['unauthenticated', `Teams does not take our token. ${SETTINGS}`],
  403: ['forbidden', `The app may not do this here. ${INSTALL}`],
  404: ['not_found', 'What was to be changed or answered is not in Teams any more.'],
  410: ['not_found', 'What was to be changed or answered is not in Teams any more.'],
  413: ['invalid_input', `A message is larger than Teams takes. ${PLAIN}`],
};

/**
 * The only mapper of what botbuilder's connector throws. `unavailable` and `timeout`: whether it was done is not known; all else was not.
 * 412 is among those that were not: two calls of one conversation met, and it goes a moment later, like a limit.
 */
export function teamsError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const refused = Refused.safeParse(thrown).data;
  if (refused === undefined) return unanswered(thrown);
  const { statusCode: status, code } = refused;
  const cause = traceOf(thrown);
  if (status === 429) return limited(cause, retryAfterMs(thrown) ?? PAUSE_MS, 'Teams asks us to slow down.');
  if (status === 412) return limited(cause, retryAfterMs(thrown) ?? MET_MS, 'Teams was busy with this conversation.');
  if (status >= 500 || status === 408)
    return new AppError('unavailable', {
      safeText: `Teams is not able to answer now (status ${status}); whether it was done is not known.`,
      cause,
    });
  if (status < 300)
    return new AppError('unavailable', {
      safeText: 'Something between us and Teams answered in its place; whether it was done is not known.',
      cause,
    });
  const meaning = (code !== undefined && Object.hasOwn(MEANING, code) ? MEANING[code] : undefined) ?? BY_STATUS[status];
  if (meaning !== undefined) return new AppError(meaning[0], { safeText: meaning[1], cause });
  return new AppError('unexpected_answer', {
    safeText: `Teams did not take the call (status ${status}). Look at the proxy between us and Teams, and at TEAMS_SERVICE_URL.`,
    cause,
  });
}

/** For the process log: the connector's own error has the answer's whole text as its message, and our token in it. */
function traceOf(thrown: unknown): Error {
  const { statusCode, code } = thrown as { statusCode?: unknown; code?: unknown };
  const known = [statusCode, code].flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [one] : []));
  return new Error(`connector: ${known.join(' ').slice(0, 100) || 'no status'}`);
}

function limited(cause: unknown, pauseMs: number, safeText: string): AppError {
  return new AppError('rate_limited', { safeText, retryAfterMs: pauseMs, cause });
}

/** Seconds or a date. Undefined when it is absent or no time at all. */
function retryAfterMs(thrown: unknown): number | undefined {
  const text = headerOf(thrown, 'retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_PAUSE_MS) : undefined;
}

function headerOf(thrown: unknown, name: string): string | undefined {
  const { response } = thrown as { response?: { headers?: { get?(name: string): unknown } } };
  const value = response?.headers?.get?.(name);
  return typeof value === 'string' ? value : undefined;
}

/** No answer, or only the beginning of one. */
function unanswered(thrown: unknown): AppError {
  const late = thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError');
  const cause = traceOf(thrown);
  return late
    ? new AppError('timeout', { safeText: 'Teams did not answer in time; whether it was done is not known.', cause })
    : new AppError('unavailable', {
        safeText: 'The connection to Teams broke; whether it was done is not known.',
        cause,
      });
}
