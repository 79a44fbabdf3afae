import { randomBytes } from 'node:crypto';
import type { SlackClock } from './clock.js';
import { refusal } from './core.js';
import type { Triggers } from './parts.js';

export function createTriggers(clock: SlackClock, lifetimeMs: number): Triggers {
  const issued = new Map<string, { user: string; fromView?: string; at: number; used: boolean }>();
  let counter = 100_000;
  return {
    issue(user, fromView) {
      counter += 1;
      const id = `${counter}.${Math.floor(clock.now())}.${randomBytes(16).toString('hex')}`;
      issued.set(id, { user, at: clock.now(), used: false, ...(fromView === undefined ? {} : { fromView }) });
      return id;
    },
    use(id) {
      const trigger = issued.get(id);
      if (trigger === undefined) throw refusal('invalid_trigger_id');
      if (trigger.used) throw refusal('exchanged_trigger_id');
      if (clock.now() - trigger.at > lifetimeMs) throw refusal('expired_trigger_id');
      trigger.used = true;
      return trigger;
    },
  };
}
