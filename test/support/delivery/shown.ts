import { expect } from 'vitest';
import type { Fault } from './scripted-platform.js';
import { createStage, type Process, type Stage } from './stage.js';
import type { ThreadSketch } from './threads.js';

/** What the deliverer's tests say over and over, and how they look at the chat. */

export const INCIDENT = 'INC-1';
export const CARD = { id: 'a', text: 'decide', live: true };
export const open = (over: Partial<ThreadSketch> = {}): ThreadSketch => ({
  incident: INCIDENT,
  version: 1,
  headline: 'it failed',
  ...over,
});
export const WHOLE = open({ version: 4, trace: 'looked at the log', cards: [CARD] });

/** Faults for the first calls of a kind, one each; then all goes well. */
export function script(faults: Partial<Record<'post' | 'edit' | 'find', (Fault | undefined)[]>>) {
  return (call: 'post' | 'edit' | 'find'): Fault | undefined => faults[call]?.shift();
}

export const texts = ({ platform }: Stage, channel?: string): string[] =>
  platform.seen(channel).map(({ text }) => text);
export const ids = ({ platform }: Stage): string[] => platform.seen().map(({ id }) => id);
export const count = ({ platform }: Stage, call: string): number =>
  platform.calls.filter((one) => one.call === call).length;

export async function settled(stage: Stage, { delivery }: Process, incident?: string): Promise<void> {
  let done = false;
  void delivery.settled(incident).then(() => {
    done = true;
  });
  await stage.time.until(() => done);
  expect(stage.platform.violations).toEqual([]);
}

/** One process shows this, and it is all there. */
export async function shown(sketch: ThreadSketch, options: Parameters<typeof createStage>[0] = {}) {
  const stage = createStage(options);
  const process = stage.start();
  stage.becomes(sketch);
  await settled(stage, process);
  return { stage, process };
}
