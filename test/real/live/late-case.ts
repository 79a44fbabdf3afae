import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRules, writeTargets } from '../prometheus/rules.js';
import type { LiveCase } from './case.js';

const MINUTE = 60_000;

export const lateData: LiveCase = {
  name: 'late-data',
  title: 'A delivery is late, and Prometheus is the first to see it',
  dag: 'risk_report',
  dueMinutesAgo: { good: 240, incident: 20 },
  async prepare(world) {
    const folder = join(world.landing, 'positions');
    mkdirSync(folder, { recursive: true });
    const yesterday = join(folder, 'yesterday.csv');
    writeFileSync(yesterday, 'account,isin,quantity\n1,DE0001102309,11\n');
    utimesSync(yesterday, new Date(Date.now() - 180 * MINUTE), new Date(Date.now() - 180 * MINUTE));
    await world.airflow.untilKnown('positions_feed');
    await world.airflow.forget('positions_feed');
  },
  async breakIt(world) {
    world.hold('positions');
    await world.airflow.trigger('positions_feed', 'live__positions', new Date(Date.now() - 30 * MINUTE));
    await world.untilHeld('positions');
  },
  async during(world, run) {
    await world.airflow.until('risk_report', run, ['failed']);
    await writeTargets('live', [{ address: world.exporter }]);
    await writeRules('live', [
      {
        alert: 'PositionsLate',
        expr: 'landing_age_seconds{source="positions"} > 3600',
        labels: { dag: 'risk_report', task: 'wait_for_positions', severity: 'high' },
        annotations: {
          summary: 'positions have not arrived',
          description: 'Freshness: nothing was delivered to landing.positions for over an hour',
        },
      },
    ]);
  },
  async beforeDecision(world) {
    // The custodian delivers at last, so the person who decides need not wait any longer.
    world.release('positions');
    await world.airflow.until('positions_feed', 'live__positions', ['success']);
    return { 'steps.0.not_before_minutes': '0' };
  },
  expected: {
    category: 'late_data',
    change: 'producer_delayed',
    entity: 'airflow:positions_feed.deliver',
    plan: ['retry'],
  },
  async healed(world, run) {
    await writeRules('live', []);
    await writeTargets('live', []);
    const { state } = await world.airflow.task('risk_report', run, 'report');
    if (state !== 'success') throw new Error(`report is ${state}`);
    return 'Airflow says that risk_report.report has run after the positions arrived.';
  },
};
