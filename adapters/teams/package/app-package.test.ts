import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, inflateRawSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/domain/errors.js';
import { COMMAND_INVESTIGATE } from '../inbound/invokes.js';
import { isCommand } from '../inbound/work-command.js';
import { appPackage } from './app-package.js';
import type { PackageOwner } from './manifest.js';

const OWNER: PackageOwner = {
  appId: '2D1F6C1E-8a0b-4a3e-9c55-6f0b7d7a1e21',
  company: 'Example "Data" Ltd',
  website: 'https://example.com/countersign',
  version: '1.2.3',
};
const template = readFileSync(join(import.meta.dirname, 'manifest.json'), 'utf8');
const text = (max: number) => z.string().min(1).max(max);
const Guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** Teams' limits on a manifest of version 1.17; nothing that we do not use, so that no right is asked for unnoticed. */
const Manifest = z.strictObject({
  $schema: z.literal('https://developer.microsoft.com/json-schemas/teams/v1.17/MicrosoftTeams.schema.json'),
  manifestVersion: z.literal('1.17'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  id: Guid,
  developer: z.strictObject({ name: text(32), websiteUrl: z.url(), privacyUrl: z.url(), termsOfUseUrl: z.url() }),
  name: z.strictObject({ short: text(30), full: text(100) }),
  description: z.strictObject({ short: text(80), full: text(4000) }),
  icons: z.strictObject({ color: z.literal('color.png'), outline: z.literal('outline.png') }),
  accentColor: z.string().regex(/^#[0-9A-F]{6}$/),
  bots: z.tuple([
    z.strictObject({
      botId: Guid,
      scopes: z.array(z.enum(['team', 'personal'])),
      isNotificationOnly: z.literal(false),
      supportsFiles: z.literal(false),
      supportsCalling: z.literal(false),
      supportsVideo: z.literal(false),
      commandLists: z
        .array(
          z.strictObject({
            scopes: z.array(z.enum(['team', 'personal'])).length(1),
            commands: z.array(z.strictObject({ title: text(32), description: text(128) })).max(10),
          }),
        )
        .max(3),
    }),
  ]),
  composeExtensions: z.tuple([
    z.strictObject({
      botId: Guid,
      commands: z.tuple([
        z.strictObject({
          id: text(64),
          type: z.literal('action'),
          title: text(32),
          description: text(128),
          context: z.tuple([z.literal('message')]),
          fetchTask: z.literal(true),
        }),
      ]),
    }),
  ]),
});

/** Reads a zip by its directory, as Teams does, and checks every sum and every local header. */
function unzip(zip: Buffer): Map<string, Buffer> {
  const end = zip.length - 22;
  expect(zip.readUInt32LE(end)).toBe(0x06054b50);
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('ascii', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    expect(zip.readUInt32LE(local)).toBe(0x04034b50);
    expect(zip.subarray(local + 4, local + 30)).toEqual(zip.subarray(at + 6, at + 32));
    const start = local + 30 + nameLength;
    const content = inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(at + 20)));
    expect(content.length).toBe(zip.readUInt32LE(at + 24));
    expect(crc32(content)).toBe(zip.readUInt32LE(at + 16));
    files.set(name, content);
    at += 46 + nameLength;
  }
  expect(at).toBe(end);
  return files;
}

interface Picture {
  width: number;
  height: number;
  pixel(x: number, y: number): number[];
}

function readPng(png: Buffer): Picture {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const typed = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(typed));
    chunks.set(typed.toString('latin1', 0, 4), typed.subarray(4));
    at += 12 + length;
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(0);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  expect(rows.length).toBe(height * (1 + width * 4));
  return { width, height, pixel: (x, y) => [...rows.subarray(y * (1 + width * 4) + 1 + x * 4).subarray(0, 4)] };
}

function made(owner: Partial<PackageOwner> = {}): Map<string, Buffer> {
  return unzip(appPackage(template, { ...OWNER, ...owner }));
}

describe('the app package', () => {
  it('has the three files that Teams wants, and nothing else', () => {
    expect([...made().keys()]).toEqual(['manifest.json', 'color.png', 'outline.png']);
  });

  it('is the same each time', () => {
    expect(appPackage(template, OWNER)).toEqual(appPackage(template, OWNER));
  });

  it('keeps to the limits of Teams and asks for no right: no permission, no consent, no domain, no files, no calls', () => {
    const manifest = Manifest.parse(JSON.parse(made().get('manifest.json')?.toString() ?? ''));
    const id = OWNER.appId.toLowerCase();
    expect([manifest.id, manifest.bots[0].botId, manifest.composeExtensions[0].botId]).toEqual([id, id, id]);
    expect(manifest.developer).toMatchObject({ name: OWNER.company, websiteUrl: OWNER.website });
    expect(manifest.version).toBe('1.2.3');
  });

  it('names the commands that the code knows, in a team as in the chat with the bot', () => {
    const { bots, composeExtensions } = Manifest.parse(JSON.parse(made().get('manifest.json')?.toString() ?? ''));
    const lists = bots[0].commandLists.map(({ commands }) => commands.map(({ title }) => title).sort());
    expect(lists).toEqual([lists[0], lists[0]]);
    expect(lists[0]).toEqual(['digest', 'help', 'list', 'open', 'status', 'waiting']);
    expect(lists[0]?.filter((title) => !isCommand(title))).toEqual([]);
    expect(composeExtensions[0].commands[0].id).toBe(COMMAND_INVESTIGATE);
  });

  it('leaves no placeholder behind', () => {
    expect(made().get('manifest.json')?.toString()).not.toMatch(/APP_ID|COMPANY|WEBSITE|"VERSION"/);
  });

  it('has an opaque colour icon, dark at its edge and white in its mark', () => {
    const icon = readPng(made().get('color.png') ?? Buffer.alloc(0));
    expect([icon.width, icon.height]).toEqual([192, 192]);
    expect(icon.pixel(0, 0)).toEqual([0x1f, 0x3a, 0x5f, 255]);
    expect(icon.pixel(96, 137)).toEqual([255, 255, 255, 255]);
  });

  it('has an outline icon that is white or nothing', () => {
    const icon = readPng(made().get('outline.png') ?? Buffer.alloc(0));
    expect([icon.width, icon.height]).toEqual([32, 32]);
    const all = Array.from({ length: 32 * 32 }, (_, index) => icon.pixel(index % 32, Math.floor(index / 32)));
    expect(all.filter(([red, green, blue]) => red !== 255 || green !== 255 || blue !== 255)).toEqual([]);
    const opaque = all.filter(([, , , alpha]) => alpha === 255).length;
    expect(opaque).toBeGreaterThan(80);
    expect(all.filter(([, , , alpha]) => alpha === 0).length).toBeGreaterThan(opaque);
  });

  const wrong: [string, Partial<PackageOwner>, RegExp][] = [
    ['an application id that is none', { appId: 'my-bot' }, /--app-id/],
    ['no company', { company: ' ' }, /--company/],
    ['a company too long for Teams', { company: 'x'.repeat(33) }, /--company/],
    ['an address without https', { website: 'http://example.com' }, /--website/],
    ['a version of two numbers', { version: '1.0' }, /--version/],
  ];
  for (const [what, owner, says] of wrong) {
    it(`refuses ${what}, and says which option`, () => {
      const attempt = (): unknown => appPackage(template, { ...OWNER, ...owner });
      expect(attempt).toThrow(AppError);
      expect(attempt).toThrow(says);
    });
  }
});
