import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMMAND, SHORTCUT_INVESTIGATE } from './action-ids.js';
import { FREE, SCOPES } from './scopes.js';

const text = (max: number) => z.string().min(1).max(max);
const Address = z.literal('https://HOST/slack/events');

/** Slack's limits on a manifest; nothing that we do not use. */
const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(1), minor_version: z.literal(1) }),
  display_information: z.strictObject({
    name: text(35),
    description: text(140),
    long_description: z.string().min(174).max(4000),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/), always_online: z.boolean() }),
    app_home: z.strictObject({
      home_tab_enabled: z.literal(true),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().regex(/^\/[a-z]{1,31}$/),
          url: Address,
          description: text(2000),
          usage_hint: text(1000),
          should_escape: z.boolean(),
        }),
      )
      .max(50),
    shortcuts: z
      .array(
        z.strictObject({
          name: text(24),
          type: z.enum(['message', 'global']),
          callback_id: text(255),
          description: text(150),
        }),
      )
      .max(10),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({ request_url: Address, bot_events: z.array(z.string()).max(100) }),
    interactivity: z.strictObject({ is_enabled: z.literal(true), request_url: Address }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.literal(false),
  }),
});

const source = readFileSync(join(import.meta.dirname, 'manifest.yaml'), 'utf8');
const manifest = Manifest.parse(parse(source));
const asked = manifest.oauth_config.scopes.bot;
const events = manifest.settings.event_subscriptions.bot_events;

/** Methods of the Web API that the adapter's own code calls. */
function calledMethods(): string[] {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' });
  const code = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .join('\n');
  const typed = [...code.matchAll(/[cC]lient\s*\.((?:[a-zA-Z]+\s*\.\s*)+[a-zA-Z]+)\(/g)].map(([, path]) => path ?? '');
  const named = [...code.matchAll(/apiCall\(\s*'([a-zA-Z.]+)'/g)].map(([, name]) => name ?? '');
  return [...new Set([...typed.map((path) => path.replaceAll(/\s/g, '')), ...named])].sort();
}

describe('the manifest', () => {
  it('asks for the scopes of the list in code, each once', () => {
    expect([...asked].sort()).toEqual(Object.keys(SCOPES).sort());
  });

  it('has no user token: Countersign never acts in a name that is not its own', () => {
    expect(source).not.toMatch(/^\s+user:/m);
  });

  it('justifies each scope in the comment above it', () => {
    const lines = source.split('\n');
    const groups = asked.filter((scope) => lines[lines.indexOf(`      - ${scope}`) - 1]?.trimStart().startsWith('#'));
    // channels:read and groups:read share one comment.
    expect(asked.filter((scope) => !groups.includes(scope))).toEqual(['groups:read']);
  });

  it('subscribes to the events that scopes are asked for, and to those that need none', () => {
    const needed = [...Object.values(SCOPES).flatMap((use) => use.events ?? []), ...FREE.events];
    expect([...events].sort()).toEqual([...needed].sort());
  });

  it('has the features that scopes are asked for', () => {
    for (const feature of Object.values(SCOPES).flatMap((use) => use.features ?? []))
      expect(manifest.features).toHaveProperty(feature);
  });

  it('names the command and the shortcut as the code does', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual([COMMAND]);
    expect(manifest.features.shortcuts.map(({ callback_id, type }) => [callback_id, type])).toEqual([
      [SHORTCUT_INVESTIGATE, 'message'],
    ]);
  });
});

describe('the scopes and the code', () => {
  const listed = new Set<string>([...Object.values(SCOPES).flatMap((use) => use.methods ?? []), ...FREE.methods]);

  it('the search for calls finds some', () => {
    expect(calledMethods()).toEqual(expect.arrayContaining(['users.info', 'conversations.info', 'views.open']));
  });

  it('every method that is called is in the list', () => {
    expect(calledMethods().filter((method) => !listed.has(method))).toEqual([]);
  });

  it('every method in the list is called', () => {
    expect([...listed].filter((method) => !calledMethods().includes(method))).toEqual([]);
  });
});
