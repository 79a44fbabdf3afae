import type { Core } from '../core.js';
import { refusal } from '../core.js';
import type { Tier } from '../limits.js';
import type { SlackChannel } from '../types.js';

/** One method of the Web API. */
export interface ApiMethod {
  tier: Tier;
  /** Any one of them suffices; none needed without it. Conversation methods ask by the kind of the channel instead. */
  scope?: string;
  /** Of which token; `bot` without it. */
  token?: 'app';
  required: string[];
  optional: string[];
  run(core: Core, args: Args): Record<string, unknown> | Promise<Record<string, unknown>>;
}

/** Arguments of one call: texts of a form, or values of a JSON body. */
export interface Args {
  raw: Record<string, unknown>;
  has(name: string): boolean;
  text(name: string): string | undefined;
  /** @throws refusal when it is missing. */
  need(name: string): string;
  flag(name: string): boolean;
  /** @throws refusal `invalid_limit` outside of 1 to `most`. */
  limit(otherwise: number, most: number): number;
  /** A structure: JSON text in a form, itself in a JSON body. @throws refusal with the given error. */
  json(name: string, error: string): unknown;
}

export function readArgs(raw: Record<string, unknown>): Args {
  const text = (name: string): string | undefined => {
    const value = raw[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  return {
    raw,
    has: (name) => raw[name] !== undefined && raw[name] !== null,
    text,
    need: (name) => text(name) ?? missing(name),
    flag: (name) => ['true', '1'].includes(text(name) ?? ''),
    limit(otherwise, most) {
      const given = text('limit');
      if (given === undefined) return otherwise;
      const number = Number(given);
      if (!Number.isInteger(number) || number < 1 || number > most) throw refusal('invalid_limit');
      return number;
    },
    json(name, error) {
      const value = raw[name];
      if (typeof value !== 'string') return value ?? undefined;
      if (value === '') return undefined;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        throw refusal(error);
      }
    },
  };
}

function missing(name: string): never {
  throw refusal('invalid_arguments', {
    response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
  });
}

/** @throws refusal `missing_scope` as Slack words it. */
export function needScope(core: Core, needed: string): void {
  const { scopes } = core.workspace.app;
  if (!scopes.includes(needed)) throw refusal('missing_scope', { needed, provided: scopes.join(',') });
}

/** `channels:read` for a public channel, `groups:read` for a private one, `im:read` for a direct conversation. */
export function needChannelScope(core: Core, channel: SlackChannel, what: 'read' | 'history'): void {
  needScope(core, `${channel.isIm ? 'im' : channel.isPrivate ? 'groups' : 'channels'}:${what}`);
}

/** A channel that the bot may know of; private ones only from inside. @throws refusal `channel_not_found`. */
export function visibleChannel(core: Core, id: string): SlackChannel {
  const channel = core.workspace.channels.get(id);
  if (channel === undefined) throw refusal('channel_not_found');
  if (channel.isPrivate && !isMember(core, channel)) throw refusal('channel_not_found');
  return channel;
}

export function isMember(core: Core, channel: SlackChannel): boolean {
  return channel.members.has(core.workspace.app.botUserId);
}

/** One page of a list, and the cursor of the next. @throws refusal `invalid_cursor`. */
export function pageOf<T>(all: T[], cursor: string | undefined, limit: number): { page: T[]; next: string } {
  const start =
    cursor === undefined || cursor === '' ? 0 : Number(/^next:(\d+)$/.exec(decode(cursor))?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw refusal('invalid_cursor');
  const end = start + limit;
  return { page: all.slice(start, end), next: end < all.length ? encode(`next:${end}`) : '' };
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
