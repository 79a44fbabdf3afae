import { z } from 'zod';
import type { ChatService, PersonalChat, ReferenceStore } from '../../src/domain/chat-references.js';
import type { Clock } from '../../src/domain/ports.js';
import { placeIn } from './connector.js';
import type { TeamsSettings } from './settings.js';

export interface ReferencesDeps {
  store: ReferenceStore;
  settings: TeamsSettings;
  clock: Clock;
}

/** Where Teams and its people are reached; the newest authenticated activity wins. */
export interface TeamsReferences {
  /**
   * What an authenticated activity tells of it; anything else in it is passed over. To be called for each, before the work. What is known
   * already is not written again. @throws AppError `unavailable` when it can not be stored; the process knows it all the same.
   */
  remember(activity: unknown): Promise<void>;
  /** Where to call, and as whom; the settings' word before Teams has said so. */
  service(): Promise<{ serviceUrl: string; botId: string; tenantId: string }>;
  /** By AAD object id; undefined when this person has never written to us alone, nor installed the app for themselves. */
  personalChat(aadObjectId: string): Promise<PersonalChat | undefined>;
  /** The team of a channel, once something came from there. */
  teamOf(channel: string): Promise<string | undefined>;
}

/** How the Bot Framework names a bot in Teams. */
const BOT_PREFIX = '28:';
const Name = z.string().min(1).max(500);

const Told = z.object({
  serviceUrl: z.url({ protocol: /^https?$/ }).max(500),
  recipient: z.object({ id: Name }),
  from: z.object({ id: Name, aadObjectId: Name.optional() }).optional(),
  conversation: z.object({ id: Name, conversationType: z.string().max(50).optional(), tenantId: Name.optional() }),
  channelData: z
    .object({
      tenant: z.object({ id: Name }).optional().catch(undefined),
      team: z.object({ id: Name }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type Told = z.infer<typeof Told>;

const MOST_KNOWN = 5000;
const READ_AGAIN_MS = 60_000;

/** Reads the store once for each thing, and writes what changes; another process may write, too: it heard the same Teams. */
export function createTeamsReferences({ store, settings, clock }: ReferencesDeps): TeamsReferences {
  let service: ChatService | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  /** What is known here and could not be written yet. */
  const unsaved = new Set<string>();
  const saving = async (name: string, save: () => Promise<void>): Promise<void> => {
    unsaved.add(name);
    await save();
    unsaved.delete(name);
  };
  const chats = new Map<string, PersonalChat>();
  const teams = new Map<string, string>();
  const now = (): string => clock.now().toISOString();

  async function rememberService(told: Told): Promise<void> {
    const { serviceUrl, recipient } = told;
    // Over plain http our token would be read on the way; only what runs on this machine is called so.
    if (!isSafe(serviceUrl)) return;
    const known = { serviceUrl, botId: recipient.id, tenantId: settings.tenantId };
    const same = service?.serviceUrl === serviceUrl && service.botId === known.botId;
    if (same && !unsaved.has('service')) return;
    const said = { ...known, at: now() };
    service = said;
    await saving('service', () => store.saveService(settings.appId, said));
  }

  async function rememberPlace({ conversation, from, channelData }: Told): Promise<void> {
    const { channel } = placeIn(conversation.id);
    const team = channelData?.team?.id;
    if (
      conversation.conversationType === 'channel' &&
      team !== undefined &&
      (teams.get(channel) !== team || unsaved.has(channel))
    ) {
      keep(teams, channel, team);
      await saving(channel, () => store.saveTeam(channel, { team, at: now() }));
    }
    const person = from?.aadObjectId?.toLowerCase();
    if (conversation.conversationType !== 'personal' || from === undefined || person === undefined) return;
    if (chats.get(person)?.conversation === conversation.id && !unsaved.has(person)) return;
    const chat = { conversation: conversation.id, user: from.id, at: now() };
    keep(chats, person, chat);
    await saving(person, () => store.savePersonalChat(person, chat));
  }

  return {
    async remember(activity) {
      const told = Told.safeParse(activity).data;
      if (told === undefined) return;
      const tenant = told.channelData?.tenant?.id ?? told.conversation.tenantId;
      if (tenant !== undefined && tenant !== settings.tenantId) return;
      await rememberService(told);
      await rememberPlace(told);
    },
    async service() {
      const asked = clock.now().getTime();
      if (asked - readAt > READ_AGAIN_MS) {
        // Another process may have heard of a newer one.
        if (!unsaved.has('service')) service = (await store.service(settings.appId)) ?? service;
        readAt = asked;
      }
      return (
        service ?? {
          serviceUrl: settings.serviceUrl,
          botId: `${BOT_PREFIX}${settings.appId}`,
          tenantId: settings.tenantId,
        }
      );
    },
    async personalChat(aadObjectId) {
      const person = aadObjectId.toLowerCase();
      return chats.get(person) ?? store.personalChat(person);
    },
    async teamOf(channel) {
      return teams.get(channel) ?? (await store.teamOf(channel))?.team;
    },
  };
}

function isSafe(serviceUrl: string): boolean {
  const { protocol, hostname } = new URL(serviceUrl);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

/** Forgets the oldest of too many; the store has it. */
function keep<T>(known: Map<string, T>, key: string, value: T): void {
  const [oldest] = known.keys();
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(key, value);
}
