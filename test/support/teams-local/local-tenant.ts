import { parseDocument, stringify } from 'yaml';

/** Ids stay the same over all starts, so that routes, roster and settings go on fitting each other. */
export const TENANT = '5c1d7a52-6f0e-4c7c-9d0a-10ca1c0de001';
export const BOT = { id: '28:5c1d7a52-6f0e-4c7c-9d0a-10ca1c0de0b0', name: 'Countersign' };
const CRITICAL = '19:localgeneral@thread.tacv2';
export const INCIDENTS = '19:localincidents@thread.tacv2';
const TEAM = { id: CRITICAL, name: 'Data platform', aadGroupId: '5c1d7a52-6f0e-4c7c-9d0a-10ca1c0de0a0' };

export interface LocalPerson {
  id: string;
  aadObjectId: string;
  name: string;
  email: string;
}

function person(short: string, number: number, name: string, email: string): LocalPerson {
  return { id: `29:local-${short}`, aadObjectId: `5c1d7a52-6f0e-4c7c-9d0a-10ca1c0de0${number}`, name, email };
}

/** The people of `policy.yaml`, and one whom no policy knows. */
export const PEOPLE = {
  you: person('you', 11, 'You', 'you@example.com'),
  ana: person('ana', 12, 'Ana (on-call)', 'ana@example.com'),
  ben: person('ben', 13, 'Ben (on-call)', 'ben@example.com'),
  lea: person('lea', 14, 'Lea (data lead)', 'lea@example.com'),
  max: person('max', 15, 'Max (data lead)', 'max@example.com'),
  sam: person('sam', 16, 'Sam (stranger)', 'sam@elsewhere.example'),
} satisfies Record<string, LocalPerson>;
export type PersonName = keyof typeof PEOPLE;

export function isPersonName(name: string): name is PersonName {
  return Object.hasOwn(PEOPLE, name);
}

/** The Playground's configuration file: it wants one person who sits before it and exactly five others, and one channel beside General. */
export function playgroundConfig(as: PersonName): string {
  const others = Object.values(PEOPLE).filter((one) => one !== PEOPLE[as]);
  return stringify({
    version: '0.1.1',
    tenantId: TENANT,
    bot: BOT,
    currentUser: userOf(PEOPLE[as]),
    users: others.map(userOf),
    personalChat: { id: personalChatOf(as) },
    groupChat: { id: '19:localgroup@thread.v2', name: 'Not used' },
    team: { ...TEAM, channels: [{ id: INCIDENTS, name: 'data-incidents' }] },
  });
}

/** The chat of the bot with the one who sits before the Playground. */
export function personalChatOf(as: PersonName): string {
  return `a:local-${as}`;
}

function userOf({ id, aadObjectId, name, email }: LocalPerson): Record<string, string> {
  // `Principle` is how the Playground spells it.
  return { id, name, userPrincipleName: email, aadObjectId, givenName: name, surname: '', email };
}

/** The `routes:` lines of a policy that sends incidents to this team's channels. */
export function localRoutes(): string {
  return `routes:
  - { severity: [critical], teams: '${CRITICAL}' }
  - { teams: '${INCIDENTS}' }
`;
}

/** A policy that says what `policy` says, with these routes. */
export function withLocalRoutes(policy: string): string {
  const document = parseDocument(policy);
  document.set('routes', parseDocument(localRoutes()).get('routes'));
  return document.toString({ lineWidth: 0 });
}

export interface AppSettings {
  serviceUrl: string;
  webPort: number;
  dataDir: string;
  policyFile: string;
}

/** The environment with which the app connects to the Playground. There is no secret in it: here nobody is authenticated. */
export function environmentOf({ serviceUrl, webPort, dataDir, policyFile }: AppSettings): Record<string, string> {
  return {
    TEAMS_LOCAL: 'playground',
    TEAMS_TENANT_ID: TENANT,
    TEAMS_SERVICE_URL: serviceUrl,
    COUNTERSIGN_WEB_PORT: String(webPort),
    COUNTERSIGN_DATA: dataDir,
    COUNTERSIGN_POLICY: policyFile,
  };
}
