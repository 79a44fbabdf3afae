import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SlackApp } from './types.js';

const Manifest = z.object({
  display_information: z.object({ name: z.string() }),
  features: z.object({
    bot_user: z.object({ display_name: z.string() }),
    app_home: z
      .object({
        home_tab_enabled: z.boolean().default(false),
        messages_tab_enabled: z.boolean().default(false),
        messages_tab_read_only_enabled: z.boolean().default(true),
      })
      .prefault({}),
    slash_commands: z.array(z.object({ command: z.string(), should_escape: z.boolean().default(false) })).default([]),
    shortcuts: z.array(z.object({ name: z.string(), type: z.string(), callback_id: z.string() })).default([]),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()).default([]) }).prefault({}),
    interactivity: z.object({ is_enabled: z.boolean() }).default({ is_enabled: false }),
  }),
});

/** What the app may do and gets to know, by its manifest. */
export type Granted = Pick<
  SlackApp,
  | 'name'
  | 'scopes'
  | 'events'
  | 'commands'
  | 'escapesCommands'
  | 'messageShortcuts'
  | 'homeTab'
  | 'messagesTab'
  | 'interactivity'
>;

export function grantedBy(source: string): Granted {
  const { display_information, features, oauth_config, settings } = Manifest.parse(parse(source));
  const home = features.app_home;
  return {
    name: display_information.name,
    scopes: oauth_config.scopes.bot,
    events: settings.event_subscriptions.bot_events,
    commands: features.slash_commands.map(({ command }) => command),
    escapesCommands: features.slash_commands.some(({ should_escape }) => should_escape),
    messageShortcuts: features.shortcuts.flatMap(({ type, name, callback_id }) =>
      type === 'message' ? [{ name, callbackId: callback_id }] : [],
    ),
    homeTab: home.home_tab_enabled,
    messagesTab: !home.messages_tab_enabled ? 'off' : home.messages_tab_read_only_enabled ? 'read_only' : 'on',
    interactivity: settings.interactivity.is_enabled,
  };
}

/** By the manifest of this repository, so that what it forgets is missing here too. Also found from where the build puts this file. */
export function grantedByOurManifest(): Granted {
  let folder = import.meta.dirname;
  for (;;) {
    const file = join(folder, 'adapters', 'slack', 'manifest.yaml');
    if (existsSync(file)) return grantedBy(readFileSync(file, 'utf8'));
    if (folder === dirname(folder)) throw new Error('adapters/slack/manifest.yaml is nowhere above this program');
    folder = dirname(folder);
  }
}
