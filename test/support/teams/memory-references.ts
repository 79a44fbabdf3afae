import type { ChatService, ChatTeam, PersonalChat, ReferenceStore } from '../../../src/domain/chat-references.js';

/** How Teams and its people are reached, without Redis. */
export function createMemoryReferences(): ReferenceStore {
  const services = new Map<string, ChatService>();
  const chats = new Map<string, PersonalChat>();
  const teams = new Map<string, ChatTeam>();
  return {
    service: async (app) => services.get(app),
    saveService: async (app, service) => void services.set(app, service),
    personalChat: async (person) => chats.get(person),
    savePersonalChat: async (person, chat) => void chats.set(person, chat),
    teamOf: async (channel) => teams.get(channel),
    saveTeam: async (channel, team) => void teams.set(channel, team),
  };
}
