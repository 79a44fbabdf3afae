import { describe, expect, it } from 'vitest';
import { testPolicy } from '../../test/support/incidents.js';
import { Inventory } from './pipeline.js';
import { routeOf, routeWarnings } from './routes.js';

const policy = (...routes: object[]) => testPolicy({ routes });

describe('a route', () => {
  const routed = policy(
    { owner: 'payments', severity: ['critical', 'high'], slack: 'C0PAGER' },
    { owner: 'payments', slack: 'C0PAY' },
    { severity: ['critical'], slack: 'C0ALL' },
  );
  it.each([
    ['payments', 'high', 'C0PAGER'],
    ['payments', 'low', 'C0PAY'],
    ['bi', 'critical', 'C0ALL'],
    ['', 'critical', 'C0ALL'],
    ['bi', 'low', undefined],
    ['', 'low', undefined],
  ])('of owner "%s" at severity %s leads to %s', (owner, severity, channel) => {
    expect(routeOf(routed, { owner, severity })?.slack).toBe(channel);
  });

  it('is the first that fits, not the closest', () => {
    const routes = policy({ slack: 'C0FIRST' }, { owner: 'payments', slack: 'C0SECOND' });
    expect(routeOf(routes, { owner: 'payments', severity: 'high' })?.slack).toBe('C0FIRST');
  });

  it('does not take an unknown owner for the one that is named', () => {
    expect(routeOf(policy({ owner: 'payments', slack: 'C0PAY' }), { owner: '', severity: 'high' })).toBeUndefined();
  });
});

describe('warnings about routes', () => {
  const inventory = Inventory.parse({
    pipelines: [
      { dag: 'ledger', owner: 'core', severity: 'critical', tasks: [{ id: 't' }] },
      { dag: 'report', owner: 'bi', tasks: [{ id: 't' }] },
    ],
  });

  it('are none where every pipeline is told and every route is reached', () => {
    expect(routeWarnings(policy({ owner: 'core', slack: 'C0CORE' }, { slack: 'C0ALL' }), inventory)).toEqual([]);
    expect(routeWarnings(policy(), inventory)).toEqual([]);
  });

  it('name a route that several above it take everything from', () => {
    const routes = policy(
      { severity: ['critical', 'high'], slack: 'C0A' },
      { owner: 'bi', severity: ['medium', 'low'], slack: 'C0B' },
      { owner: 'bi', slack: 'C0NEVER' },
      { slack: 'C0REST' },
    );
    expect(routeWarnings(routes, inventory)).toEqual([
      'route 3 (owner bi, any severity) is never reached: the routes above it take all that it would',
    ]);
  });

  it('name a pipeline that is told nowhere, and at which severities', () => {
    expect(routeWarnings(policy({ owner: 'bi', severity: ['critical', 'high'], slack: 'C0BI' }), inventory)).toEqual([
      'no route takes ledger (owner core): its incidents are on the web page alone',
      'no route takes report (owner bi) at severity medium, low: its incidents are on the web page alone',
    ]);
  });
});
