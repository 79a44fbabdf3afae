/** How a chat's service and the people in it are reached, as its newest authenticated message said. A cache beside the log. */

/** Where the service takes our calls. */
export interface ChatService {
  serviceUrl: string;
  /** Who we are there. */
  botId: string;
  tenantId: string;
  at: string;
}

/** The personal chat with one person. */
export interface PersonalChat {
  conversation: string;
  /** The chat's own name of the person. */
  user: string;
  at: string;
}

/** The team that a channel belongs to. */
export interface ChatTeam {
  team: string;
  at: string;
}

/** Each `save` replaces what was known. @throws AppError `unavailable` when the store is away. */
export interface ReferenceStore {
  /** By the id of our app there: another app is another bot. */
  service(app: string): Promise<ChatService | undefined>;
  saveService(app: string, service: ChatService): Promise<void>;
  personalChat(person: string): Promise<PersonalChat | undefined>;
  savePersonalChat(person: string, chat: PersonalChat): Promise<void>;
  teamOf(channel: string): Promise<ChatTeam | undefined>;
  saveTeam(channel: string, team: ChatTeam): Promise<void>;
}
