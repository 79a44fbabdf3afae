import type { PersonalChat, ReferenceStore } from '../../src/domain/chat-references.js';
import type { Clock } from '../../src/domain/ports.js';
import type { TeamsSettings } from './settings.js';

export interface ReferencesDeps {
  store: ReferenceStore;
  settings: TeamsSettings;
  clock: Clock;
}

/** Where Teams and its people are reached; the newest authenticated activity wins. */
export interface TeamsReferences {
  /** What an authenticated activity tells of it; anything else in it is passed over. To be called for each, before the work. */
  remember(activity: unknown): Promise<void>;
  /** Where to call, and as whom; the settings' word before Teams has said so. */
  service(): Promise<{ serviceUrl: string; botId: string; tenantId: string }>;
  /** By AAD object id; undefined when this person has never written to us alone, nor installed the app for themselves. */
  personalChat(aadObjectId: string): Promise<PersonalChat | undefined>;
  /** The team of a channel, once something came from there. */
  teamOf(channel: string): Promise<string | undefined>;
}

export function createTeamsReferences(_deps: ReferencesDeps): TeamsReferences {
  throw new Error('the head is here for those who build on it; the body follows');
}
