import type { SlackClock } from './clock.js';

/** What the app did against the limits. */
export interface LimitCounts {
  /** Calls answered with 429 because a bucket was empty. */
  rejected: number;
  /** Of these: calls made although an earlier 429 said to wait longer. */
  impatient: number;
}

export interface Limits extends LimitCounts {
  /** @returns whole seconds to wait when the call is refused. */
  take(method: string, channel: string | undefined): number | undefined;
  /** After a 429 that a test forced: who calls sooner is impatient. */
  closeFor(method: string, channel: string | undefined, seconds: number): void;
}

/** Calls in a minute for each method of a tier; Slack says "at least", an honest app keeps to it. */
const TIER = { 1: 1, 2: 20, 3: 50, 4: 100 } as const;
export type Tier = keyof typeof TIER | 'special';
/** `chat.postMessage`: one a second in each channel, "short bursts" allowed. */
const POSTS_PER_MINUTE = 60;
const POST_BURST = 5;
/** Methods without a published number. */
const SPECIAL_PER_MINUTE = 600;

interface Bucket {
  tokens: number;
  perMinute: number;
  capacity: number;
  at: number;
  /** Until when a 429 said to wait. */
  closedUntil: number;
}

export function createLimits(
  clock: SlackClock,
  tierOf: (method: string) => Tier,
  workspacePostsPerMinute: number,
): Limits {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (name: string, perMinute: number, capacity: number): Bucket => {
    const now = clock.now();
    const bucket = buckets.get(name) ?? { tokens: capacity, perMinute, capacity, at: now, closedUntil: 0 };
    bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) * perMinute) / 60_000);
    bucket.at = now;
    buckets.set(name, bucket);
    return bucket;
  };
  const bucketsOf = (method: string, channel: string | undefined): Bucket[] => {
    if (method === 'chat.postMessage') {
      return [
        bucketOf(`${method} ${channel}`, POSTS_PER_MINUTE, POST_BURST),
        bucketOf(`${method} workspace`, workspacePostsPerMinute, workspacePostsPerMinute),
      ];
    }
    const tier = tierOf(method);
    const perMinute = tier === 'special' ? SPECIAL_PER_MINUTE : TIER[tier];
    return [bucketOf(method, perMinute, perMinute)];
  };
  const limits: Limits = {
    rejected: 0,
    impatient: 0,
    take(method, channel) {
      const needed = bucketsOf(method, channel);
      const empty = needed.filter((bucket) => bucket.tokens < 1 || bucket.closedUntil > clock.now());
      if (empty.length === 0) {
        for (const bucket of needed) bucket.tokens -= 1;
        return undefined;
      }
      limits.rejected += 1;
      if (empty.some((bucket) => bucket.closedUntil > clock.now())) limits.impatient += 1;
      return Math.max(...empty.map((bucket) => close(bucket, clock.now())));
    },
    closeFor(method, channel, seconds) {
      const [bucket] = bucketsOf(method, channel);
      if (bucket !== undefined) bucket.closedUntil = Math.max(bucket.closedUntil, clock.now() + seconds * 1000);
    },
  };
  return limits;
}

/** Closes the bucket until there is a token, by whole seconds; @returns these seconds. */
function close(bucket: Bucket, now: number): number {
  const wait = ((1 - bucket.tokens) * 60_000) / bucket.perMinute;
  bucket.closedUntil = Math.max(bucket.closedUntil, now + Math.ceil(wait / 1000) * 1000);
  return Math.max(1, Math.ceil((bucket.closedUntil - now) / 1000));
}
