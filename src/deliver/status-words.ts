import type { DeliveryReport } from '../domain/chat.js';

const SILENT_MS = 60_000;
const NAMED = 5;

export interface StatusWords {
  /** `stuck`: a person must do something. `silent`: nobody delivers, as while the role is stopped. */
  state: 'fine' | 'silent' | 'stuck';
  lines: string[];
}

/** How far a chat is behind the log and why, one sentence a line, with what to do. */
export function statusWords(chat: string, report: DeliveryReport | undefined, now: Date): StatusWords {
  if (report === undefined) return { state: 'fine', lines: [`Nothing was ever delivered to ${chat}.`] };
  const { holder, at, blocked } = report;
  if (now.getTime() - Date.parse(at) > SILENT_MS) {
    const silent = `Nobody has delivered to ${chat} for ${spanWords(at, now)} (${holder} did). Start the web role.`;
    return { state: 'silent', lines: [silent, waitingWords(report, now)] };
  }
  const left = blocked.length - NAMED;
  return {
    state: blocked.length === 0 ? 'fine' : 'stuck',
    lines: [
      `${holder} delivers to ${chat}. ${waitingWords(report, now)}`,
      ...blocked.slice(0, NAMED).map((one) => blockedWords(chat, one, now)),
      ...(left > 0 ? [`${left} more can not be told.`] : []),
    ],
  };
}

function waitingWords({ threads, messages, oldest }: DeliveryReport, now: Date): string {
  if (threads === 0) return 'All is told as it is in the log.';
  const many = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
  const age = oldest === undefined ? '' : `, the oldest for ${spanWords(oldest, now)}`;
  return `${many(messages, 'message')} of ${many(threads, 'thread')} ${messages === 1 ? 'waits' : 'wait'}${age}.`;
}

function blockedWords(
  chat: string,
  { incident, channel, reason, since }: DeliveryReport['blocked'][number],
  now: Date,
): string {
  const what = incident ?? (channel === undefined ? chat : `channel ${channel}`);
  return `Stuck for ${spanWords(since, now)}: ${what}. ${reason}`;
}

function spanWords(instant: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(instant)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
