import type { ChatCall, ChatPlatform, Pace, Place } from '../../../src/domain/chat.js';
import { AppError } from '../../../src/domain/errors.js';
import { type Words, wordsOf } from './threads.js';
import type { VirtualTime } from './virtual-time.js';

/**
 * What can happen to a call. `refused`: 5xx, not done. `failed`: 5xx, yet done. `lost`: done, and the answer never comes. `late`: done
 * after the caller has given up. `swallowed`: not done, and no answer. `slow`: eight seconds, then well. `limited`: 429.
 */
export type Fault =
  | 'refused'
  | 'failed'
  | 'lost'
  | 'late'
  | 'swallowed'
  | 'slow'
  | 'limited'
  | 'forbidden'
  | 'unauthenticated';

export interface Standing extends Words {
  name: string;
  id: string;
  channel: string;
  root: string | undefined;
  at: number;
  deleted: boolean;
}

export interface Call {
  call: ChatCall;
  channel: string;
  /** Delivery id; empty for `find`. */
  id: string;
  at: number;
  fault: Fault | undefined;
}

export interface ScriptedPlatform extends ChatPlatform<Words> {
  calls: Call[];
  /** What must never happen and did: a bucket overdrawn, a call into a pause, two calls to one thread at once, an old state. */
  violations: string[];
  /** Every message ever posted. */
  all(): Standing[];
  /** What people see. */
  seen(channel?: string): Standing[];
  remove(name: string): void;
}

interface Limits {
  post: { perMinute: number; burst: number };
  chat: { perMinute: number; burst: number };
  edit: { perMinute: number; burst: number };
  find: { perMinute: number; burst: number };
}

const LIMITS: Limits = {
  post: { perMinute: 60, burst: 1 },
  chat: { perMinute: 240, burst: 10 },
  edit: { perMinute: 50, burst: 5 },
  find: { perMinute: 50, burst: 5 },
};

const LATENCY_MS = 120;
export const RETRY_AFTER_MS = 7000;

export interface ScriptedOptions {
  time: VirtualTime;
  fault?: (call: ChatCall, id: string, place: Place) => Fault | undefined;
  limits?: Partial<Limits>;
}

export function createScriptedPlatform({ time, fault = () => undefined, limits }: ScriptedOptions): ScriptedPlatform {
  const messages = new Map<string, Standing>();
  const calls: Call[] = [];
  const violations: string[] = [];
  const busy = new Map<string, number>();
  const meter = createMeter(time, violations);
  let names = 0;
  const all = { ...LIMITS, ...limits };
  const named = (bucket: string, limit: { perMinute: number; burst: number }): Pace => ({ bucket, ...limit });
  const paceOf = (call: ChatCall, { channel }: Place): Pace[] =>
    call === 'post' ? [named(`post:${channel}`, all.post), named('post', all.chat)] : [named(call, all[call])];

  /** Everything that is the same for each call: time, limits, faults before and after the deed. */
  async function make<T>(call: ChatCall, place: Place, id: string, deed: () => T): Promise<T> {
    const thread = id.split('/')[0] || `${place.channel}/${place.root ?? ''}`;
    const what = fault(call, id, place);
    calls.push({ call, channel: place.channel, id, at: time.now(), fault: what });
    if (id !== '' && (busy.get(thread) ?? 0) > time.now()) violations.push(`two calls at once to ${thread}`);
    if (!meter.take(paceOf(call, place)) || what === 'limited') {
      meter.pause(paceOf(call, place), time.now() + RETRY_AFTER_MS);
      throw new AppError('rate_limited', { safeText: 'Slow down.', retryAfterMs: RETRY_AFTER_MS });
    }
    busy.set(thread, time.now() + (what === 'slow' ? 8000 : LATENCY_MS) - 1);
    await time.sleep(what === 'slow' ? 8000 : LATENCY_MS);
    switch (what) {
      case 'refused':
        throw new AppError('unavailable', { safeText: 'The chat is away.' });
      case 'failed':
        deed();
        throw new AppError('unavailable', { safeText: 'The chat is away.' });
      case 'lost':
        deed();
        return never();
      case 'late':
        void time
          .sleep(14_000)
          .then(deed)
          .catch(() => undefined);
        return never();
      case 'swallowed':
        return never();
      case 'forbidden':
      case 'unauthenticated':
        throw new AppError(what, { safeText: `The app is ${what} here.` });
      default:
        return deed();
    }
  }

  return {
    chat: 'slack',
    calls,
    violations,
    all: () => [...messages.values()],
    seen: (channel) =>
      [...messages.values()].filter((one) => !one.deleted && (channel === undefined || one.channel === channel)),
    remove: (name) => void Object.assign(messages.get(name) ?? {}, { deleted: true }),
    messagesOf: wordsOf,
    paceOf,
    post: (place, body, id) =>
      make('post', place, id, () => {
        wellFormed(body);
        if (place.root !== undefined && !answerable(place.root))
          throw new AppError('not_found', { safeText: 'The headline is gone.' });
        const name = `m${++names}`;
        const { channel, root } = place;
        messages.set(name, { ...body, name, id, channel, root, at: time.now(), deleted: false });
        return name;
      }),
    edit: (place, name, body, id) =>
      make('edit', place, id, () => {
        const standing = messages.get(name);
        if (standing === undefined || standing.deleted)
          throw new AppError('not_found', { safeText: 'The message is gone.' });
        wellFormed(body);
        if (body.version < standing.version) violations.push(`${id}: version ${body.version} over ${standing.version}`);
        Object.assign(standing, body);
      }),
    find: (place, since) =>
      make('find', place, '', () => {
        const found = [...messages.values()].filter(
          ({ deleted, channel, root, at }) =>
            !deleted && channel === place.channel && root === place.root && at >= since.getTime(),
        );
        return new Map(found.map(({ id, name }) => [id, name]));
      }),
  };

  function answerable(root: string): boolean {
    const standing = messages.get(root);
    const replies = [...messages.values()].some((one) => one.root === root && !one.deleted);
    return standing !== undefined && (!standing.deleted || replies);
  }
}

function wellFormed({ text, form }: Words): void {
  if (text.includes('hopeless') || (form === 'rich' && text.includes('malformed')))
    throw new AppError('invalid_input', { safeText: 'The body is malformed.' });
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

interface State {
  left: number;
  at: number;
  pausedAt: number;
  pausedUntil: number;
}

/** Counts tokens as the platform does: full at first, and never forgiving. */
function createMeter(
  time: VirtualTime,
  violations: string[],
): { take(paces: Pace[]): boolean; pause(paces: Pace[], until: number): void } {
  const tokens = new Map<string, State>();
  const stateOf = ({ bucket, perMinute, burst }: Pace): State => {
    const before = tokens.get(bucket) ?? { left: burst, at: time.now(), pausedAt: 0, pausedUntil: 0 };
    const left = Math.min(burst, before.left + ((time.now() - before.at) * perMinute) / 60_000);
    const state = { ...before, left, at: time.now() };
    tokens.set(bucket, state);
    return state;
  };
  return {
    take(paces) {
      let enough = true;
      for (const pace of paces) {
        const state = stateOf(pace);
        if (state.left < 1 - 1e-6) violations.push(`bucket ${pace.bucket} overdrawn at ${time.now()}`);
        // A call of the same moment was on its way already.
        if (state.pausedUntil > time.now() && state.pausedAt < time.now())
          violations.push(`call into the pause of ${pace.bucket} at ${time.now()}`);
        if (state.left < 1 - 1e-6 || state.pausedUntil > time.now()) enough = false;
        else state.left -= 1;
      }
      return enough;
    },
    // As Slack does: the channel, and not the workspace.
    pause([narrowest], until) {
      if (narrowest !== undefined) Object.assign(stateOf(narrowest), { pausedUntil: until, pausedAt: time.now() });
    },
  };
}
