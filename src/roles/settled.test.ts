import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { TaskInstance } from '../domain/platform-ports.js';
import { createSettling } from './settled.js';

const AT = Date.parse('2026-11-23T02:00:10Z');
const alert = (source: string): Pick<Incident, 'alert'> =>
  ({
    alert: {
      source,
      startedAt: '2026-11-23T02:00:00Z',
      subject: { dag: 'd', run: 'r', task: 't' },
    },
  }) as unknown as Pick<Incident, 'alert'>;

/** Airflow that answers with one state after the other; an error is thrown. */
function airflow(...answers: (string | AppError)[]): { asked: () => number; tasks: () => Promise<TaskInstance[]> } {
  let asked = 0;
  return {
    asked: () => asked,
    tasks: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer instanceof AppError) throw answer;
      return [
        { task: 't', state: answer },
        { task: 'other', state: 'running' },
      ] as unknown as TaskInstance[];
    },
  };
}
const signal = new AbortController().signal;

describe('an alert that is ahead of Airflow', () => {
  it('waits until Airflow says that the task has ended', async () => {
    const system = airflow('running', 'failed');
    await createSettling(system, 5_000, () => AT)(alert('airflow'), signal);
    expect(system.asked()).toBe(2);
  });

  it('waits no longer than it may, nor for a system that does not answer, nor for alerts of others or of long ago', async () => {
    let time = AT;
    const stuck = airflow('running');
    await createSettling(stuck, 1_000, () => (time += 600))(alert('airflow'), signal);
    expect(stuck.asked()).toBe(1);
    const away = airflow(new AppError('unavailable', { safeText: 'away' }));
    await createSettling(away, 5_000, () => AT)(alert('airflow'), signal);
    expect(away.asked()).toBe(1);
    const none = airflow('running');
    await createSettling(none, 5_000, () => AT)(alert('alertmanager'), signal);
    await createSettling(none, 5_000, () => AT + 600_000)(alert('airflow'), signal);
    expect(none.asked()).toBe(0);
  });
});
