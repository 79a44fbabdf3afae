import type { TeamsOptions, TeamsServer } from './server-types.js';

/** A Teams on loopback (connector, login, keys and the people's side) that takes nothing which Teams would not take. */
export async function startTeams(_options: TeamsOptions = {}): Promise<TeamsServer> {
  throw new Error('the head is here for those who build on it; the body follows');
}
