import { z } from 'zod';
import type { ReferenceStore } from '../../src/domain/chat-references.js';
import { AppError } from '../../src/domain/errors.js';
import type { Clock } from '../../src/domain/ports.js';
import type { ProcessLog } from '../../src/log.js';
import { createBotAdapter } from './bot-adapter.js';
import { createTeamsConnector, type TeamsConnector } from './connector.js';
import { teamsError } from './errors.js';
import { createTeamsReferences, type TeamsReferences } from './references.js';
import type { TeamsSettings } from './settings.js';

export interface TeamsCheck {
  name: string;
  /** Also true for what only deserves attention; the text then says so. */
  ok: boolean;
  text: string;
}

export interface TeamsChecksDeps {
  settings: TeamsSettings;
  /** Channel ids of the routes. */
  channels: readonly string[];
  /** Where what Teams said of itself is kept; without it only the settings are tried. */
  store?: ReferenceStore;
  clock: Clock;
  processLog: ProcessLog;
}

const KEYS = 'https://login.botframework.com/v1/.well-known/openidconfiguration';
const TIMEOUT_MS = 10_000;
const WARN_MS = 60_000;
/** Tokens are refused from here on. */
const FAIL_MS = 300_000;

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const Keys = z.object({ keys: z.array(z.unknown()).min(1) });

const NOBODY: ReferenceStore = {
  service: async () => undefined,
  saveService: async () => undefined,
  personalChat: async () => undefined,
  savePersonalChat: async () => undefined,
  teamOf: async () => undefined,
  saveTeam: async () => undefined,
};

/** What `countersign doctor` asks Teams and Microsoft's login; reads only, and nothing throws. */
export async function teamsChecks(deps: TeamsChecksDeps): Promise<TeamsCheck[]> {
  const { settings, store = NOBODY, clock, processLog } = deps;
  const references = createTeamsReferences({ store, settings, clock });
  const bot = createBotAdapter({ ...settings, processLog });
  const connector = createTeamsConnector({ bot, service: references.service });
  const channels = [...new Set(deps.channels)];
  // One login for all: a secret that is refused is refused once, not once for each channel.
  const login = check('Teams login', () => loginText(connector, settings));
  const letIn = login.then(({ ok }) => ok);
  return Promise.all([
    login,
    ...(settings.local === undefined
      ? [check('Teams keys', () => keysText(settings)), check('Teams clock', () => clockText(deps))]
      : []),
    check('Teams service', () => serviceText(deps)),
    ...channels.map((channel) =>
      check(`Teams channel ${channel}`, async () => {
        if (!(await letIn)) throw failed('Not tried, as the login failed.');
        return channelText(connector, references, channel);
      }),
    ),
  ]);
}

async function check(name: string, probe: () => Promise<string>): Promise<TeamsCheck> {
  try {
    return { name, ok: true, text: await probe() };
  } catch (error) {
    return { name, ok: false, text: teamsError(error).safeText };
  }
}

const failed = (safeText: string, cause?: unknown): AppError => new AppError('misconfigured', { safeText, cause });
/** Names are Teams'; they go to a terminal. */
const shown = (name: string): string => name.replaceAll(/[^\p{L}\p{M}\p{N} ._'&()-]/gu, '?').slice(0, 80);

async function loginText(connector: TeamsConnector, { appId, tenantId, local }: TeamsSettings): Promise<string> {
  if (local !== undefined)
    return 'warning: TEAMS_LOCAL is set: nobody is authenticated, so this is for trying out only';
  await connector.login();
  return `app ${appId} of tenant ${tenantId} is let in`;
}

/** Without these keys no message of Teams can be believed, so none is taken. */
async function keysText({ openIdMetadata = KEYS }: TeamsSettings): Promise<string> {
  const whose = openIdMetadata === KEYS ? "Teams' keys" : 'The keys that TEAMS_OPENID_METADATA names';
  const { jwks_uri } = await readJson(openIdMetadata, Metadata, whose);
  const { keys } = await readJson(jwks_uri, Keys, whose);
  const text = `${keys.length} ${keys.length === 1 ? 'key' : 'keys'} to check by who calls us`;
  return openIdMetadata === KEYS ? text : `warning: ${text}, from TEAMS_OPENID_METADATA and not from Microsoft`;
}

async function readJson<T>(url: string, schema: z.ZodType<T>, what: string): Promise<T> {
  let body: unknown;
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    body = answer.ok ? await answer.json() : undefined;
  } catch (cause) {
    throw failed(`${what} can not be read: nothing that Teams sends is taken. Allow this machine to reach it.`, cause);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw failed(`${what} are not where they should be: nothing that Teams sends is taken.`);
}

/** By the Date header of the login; half the round trip is taken off, and its seconds are whole. */
async function clockText({ settings: { loginUrl, tenantId }, clock }: TeamsChecksDeps): Promise<string> {
  const login = loginUrl ?? `https://login.microsoftonline.com/${tenantId}`;
  const before = clock.now().getTime();
  const answer = await fetch(`${login}/v2.0/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw failed("Microsoft's login can not be reached.", cause);
  });
  const after = clock.now().getTime();
  await answer.body?.cancel();
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return "warning: Microsoft's login did not say what time it is";
  const off = (before + after) / 2 - (theirs + 500);
  const size = Math.round(Math.abs(off) / 1000);
  const text = `our clock is ${size} s ${off < 0 ? 'behind' : 'ahead of'} Microsoft's`;
  if (Math.abs(off) >= FAIL_MS) throw failed(`${text}: every click is refused. Set the clock of this machine.`);
  if (Math.abs(off) >= WARN_MS) return `warning: ${text}; from 300 s on every click is refused`;
  return size <= 1 ? "our clock agrees with Microsoft's" : text;
}

/** Only a message of Teams says where it is to be called, and proves that its way to us is open. */
async function serviceText({ settings, store }: TeamsChecksDeps): Promise<string> {
  const known = await store?.service(settings.appId);
  if (known !== undefined)
    return `called at ${new URL(known.serviceUrl).host}, as Teams said on ${known.at.slice(0, 10)}`;
  const where = `called at ${new URL(settings.serviceUrl).host} until Teams says better`;
  return `warning: Teams has not called us yet, so ${where}. The bot's messaging endpoint is <our address>/teams/messages.`;
}

async function channelText(connector: TeamsConnector, references: TeamsReferences, channel: string): Promise<string> {
  const { count, more } = await connector.membersOf(channel).catch((error: unknown) => {
    const { kind, safeText } = teamsError(error);
    if (kind === 'not_found' || kind === 'invalid_input')
      throw failed(
        'Teams knows no such channel, or the app is not in its team. Add the app to the team, or mend policy.yaml.',
      );
    throw failed(safeText, error);
  });
  const people = `${count}${more ? ' and more' : ''} ${count === 1 && !more ? 'person' : 'people'}`;
  const name = await nameOf(connector, references, channel);
  return `${name === undefined ? '' : `${shown(name)}, `}the app is there; ${people}`;
}

/** For the reader alone: without it the check is as good. */
async function nameOf(
  connector: TeamsConnector,
  references: TeamsReferences,
  channel: string,
): Promise<string | undefined> {
  try {
    const team = await references.teamOf(channel);
    if (team === undefined) return undefined;
    return (await connector.channelsOf(team)).get(channel) ?? (channel === team ? 'General' : undefined);
  } catch {
    return undefined;
  }
}
