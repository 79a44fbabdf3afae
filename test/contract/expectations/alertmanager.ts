import { expect } from 'vitest';
import { detectSource } from '../../../adapters/alerts/formats.js';
import type { Alert } from '../../../src/domain/alert.js';
import type { AlertIntake, Delivery } from '../../support/alert-intake.js';
import type { Contract } from '../contract.js';

export interface AlertmanagerGiven {
  intake: AlertIntake;
  /** What was sent when the alert began, when it was told again, and when it was over. */
  firing: Delivery;
  repeated: Delivery;
  resolved: Delivery;
  /** What the alert was made of. */
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** What a person must find in the incident. */
  subject: Alert['subject'];
  severity: Alert['severity'];
}

interface Webhook {
  status: string;
  groupLabels: Record<string, string>;
  commonLabels: Record<string, string>;
  commonAnnotations: Record<string, string>;
  groupKey: string;
  externalURL: string;
  alerts: Record<'status' | 'startsAt' | 'endsAt' | 'generatorURL' | 'fingerprint', string>[];
}
const bodyOf = (delivery: Delivery): Webhook => JSON.parse(delivery.text);
const [STILL_FIRING, FIRST] = ['0001-01-01T00:00:00Z', 0];

/** The identity that Prometheus and Alertmanager give a set of labels: FNV-1a over its sorted names and values. */
function fingerprintOf(labels: Record<string, string>): string {
  let hash = 14_695_981_039_346_656_037n;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 1_099_511_628_211n);
  };
  for (const name of Object.keys(labels).sort()) {
    for (const text of [name, labels[name] ?? '']) {
      for (const byte of Buffer.from(text)) add(byte);
      add(255);
    }
  }
  return hash.toString(16).padStart(16, '0');
}

/** What the intake understands of Alertmanager, and what Alertmanager sends. */
export const alertmanagerContract: Contract<AlertmanagerGiven> = {
  system: 'alertmanager',
  expectations: [
    {
      name: 'an alert is posted as JSON with the bearer token, and accepted',
      async check({ firing, intake }) {
        expect(firing.status).toBe(202);
        expect(firing.headers['authorization']).toBe(`Bearer ${intake.token}`);
        expect(firing.headers['content-type']).toBe('application/json');
        expect(firing.headers['user-agent']).toMatch(/^Alertmanager\//);
      },
    },
    {
      name: 'the payload has the members of version 4, and no others',
      async check({ firing }) {
        expect(Object.keys(bodyOf(firing)).sort()).toEqual([
          'alerts',
          'commonAnnotations',
          'commonLabels',
          'externalURL',
          'groupKey',
          'groupLabels',
          'receiver',
          'status',
          'truncatedAlerts',
          'version',
        ]);
        expect(bodyOf(firing)).toMatchObject({ version: '4', receiver: 'countersign', truncatedAlerts: 0 });
        expect(detectSource(bodyOf(firing))).toBe('alertmanager');
      },
    },
    {
      name: 'each alert has the same seven members',
      async check({ firing, resolved }) {
        for (const delivery of [firing, resolved]) {
          expect(bodyOf(delivery).alerts.map((alert) => Object.keys(alert).sort())).toEqual([
            ['annotations', 'endsAt', 'fingerprint', 'generatorURL', 'labels', 'startsAt', 'status'],
          ]);
        }
      },
    },
    {
      name: 'the group is named by the labels it is grouped by',
      async check({ firing, labels }) {
        const { groupKey, groupLabels, commonLabels } = bodyOf(firing);
        expect(groupLabels).toEqual({ alertname: labels['alertname'] });
        expect(groupKey).toBe(`{}:{alertname="${labels['alertname']}"}`);
        expect(commonLabels).toEqual(labels);
      },
    },
    {
      name: 'what all alerts say is said of the group as well',
      async check({ firing, annotations }) {
        expect(bodyOf(firing).commonAnnotations).toEqual(annotations);
      },
    },
    {
      name: 'the end of year 1 means that it still fires',
      async check({ firing }) {
        expect(bodyOf(firing)).toMatchObject({
          status: 'firing',
          alerts: [{ status: 'firing', endsAt: STILL_FIRING }],
        });
      },
    },
    {
      name: 'the fingerprint is that of the labels',
      async check({ firing, labels }) {
        expect(bodyOf(firing).alerts[FIRST]?.fingerprint).toBe(fingerprintOf(labels));
        expect(firing.alerts[FIRST]?.fingerprint).toBe(fingerprintOf(labels));
      },
    },
    {
      name: 'the link leads to the expression at the server that evaluated it',
      async check({ firing }) {
        const { externalURL, alerts } = bodyOf(firing);
        const link = alerts[FIRST]?.generatorURL ?? '';
        expect(link).toMatch(/^https?:\/\/[^/]+\/graph\?g0\.expr=[^&]+&g0\.tab=1$/);
        expect(new URL(link).origin).not.toBe(new URL(externalURL).origin);
        expect(firing.alerts[FIRST]?.link).toBe(link);
      },
    },
    {
      name: 'it becomes an alert about the pipeline, task and table of its labels',
      async check({ firing, subject, severity, labels }) {
        expect(firing.alerts).toHaveLength(1);
        expect(firing.alerts[FIRST]).toMatchObject({ source: 'alertmanager', status: 'firing', severity, labels });
        expect(firing.alerts[FIRST]?.subject).toEqual(subject);
      },
    },
    {
      name: 'its summary is the title and its description the text',
      async check({ firing, annotations }) {
        expect(firing.alerts[FIRST]).toMatchObject({
          title: annotations['summary'],
          text: annotations['description'],
        });
      },
    },
    {
      name: 'it began when the monitor says, in UTC',
      async check({ firing }) {
        const startsAt = bodyOf(firing).alerts[FIRST]?.startsAt ?? '';
        expect(firing.alerts[FIRST]?.startedAt).toBe(new Date(startsAt).toISOString());
      },
    },
    {
      name: 'an alert that is told again is the same: fingerprint and beginning are what they were',
      async check({ firing, repeated }) {
        expect(repeated).not.toBe(firing);
        expect(repeated.status).toBe(202);
        const identity = ({ alerts: [alert] }: Delivery) => [alert?.fingerprint, alert?.startedAt, alert?.status];
        expect(identity(repeated)).toEqual(identity(firing));
      },
    },
    {
      name: 'the end of it is told, with when it ended',
      async check({ resolved, firing }) {
        const [alert] = bodyOf(resolved).alerts;
        expect(bodyOf(resolved).status).toBe('resolved');
        expect(alert?.status).toBe('resolved');
        expect(Date.parse(alert?.endsAt ?? '')).toBeGreaterThan(Date.parse(alert?.startsAt ?? ''));
        expect(resolved.alerts[FIRST]).toMatchObject({
          status: 'resolved',
          fingerprint: firing.alerts[FIRST]?.fingerprint,
          startedAt: firing.alerts[FIRST]?.startedAt,
        });
      },
    },
    ...[
      ['without a token', undefined],
      ['with another token', 'Bearer somebody-elses'],
      ['with an empty token', 'Bearer '],
      ['with the token as a password', 'Basic'],
    ].map(([how, authorization]) => ({
      name: `the same payload ${how} is refused with 401 and no reason`,
      async check({ intake, firing }: AlertmanagerGiven) {
        const value =
          authorization === 'Basic'
            ? `Basic ${Buffer.from(`alertmanager:${intake.token}`).toString('base64')}`
            : authorization;
        const answer = await fetch(intake.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(value === undefined ? {} : { authorization: value }) },
          body: firing.text,
        });
        expect(answer.status).toBe(401);
        expect(await answer.json()).toMatchObject({ detail: 'Not authenticated.' });
      },
    })),
    {
      name: 'a payload cut short is refused as input, and of a wrong version as well',
      async check({ intake, firing }) {
        const post = async (body: string): Promise<number> =>
          (await fetch(intake.url, { method: 'POST', headers: { authorization: `Bearer ${intake.token}` }, body }))
            .status;
        expect(await post(firing.text.slice(0, -20))).toBe(400);
        expect(await post(JSON.stringify({ ...bodyOf(firing), version: '5' }))).toBe(400);
        expect(await post(JSON.stringify({ ...bodyOf(firing), alerts: [] }))).toBe(400);
      },
    },
  ],
};
