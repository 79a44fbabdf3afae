import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** Plain ASCII, without folders. */
  name: string;
  content: Buffer;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** 2.0: deflate. */
const VERSION = 20;
const DEFLATE = 8;
/** 1 January 1980, the format's first day: the same content gives the same bytes. */
const DATE = (1 << 5) | 1;

/** A zip of a few small files (APPNOTE 6.3, without the 64-bit extensions). */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const packed = deflateRawSync(content, { level: 9 });
    const facts = factsOf(name, content, packed);
    const local = Buffer.concat([uint32(LOCAL), facts, Buffer.from(name, 'ascii'), packed]);
    locals.push(local);
    centrals.push(centralOf(name, facts, offset));
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  return Buffer.concat([...locals, directory, endOf(entries.length, directory.length, offset)]);
}

/** What the local header and the directory say in the same words. */
function factsOf(name: string, content: Buffer, packed: Buffer): Buffer {
  return Buffer.concat([
    uint16(VERSION),
    uint16(0),
    uint16(DEFLATE),
    uint16(0),
    uint16(DATE),
    uint32(crc32(content)),
    uint32(packed.length),
    uint32(content.length),
    uint16(name.length),
    uint16(0),
  ]);
}

function centralOf(name: string, facts: Buffer, offset: number): Buffer {
  // No comment, first disk, no attributes.
  const rest = Buffer.concat([uint16(0), uint16(0), uint16(0), uint32(0), uint32(offset)]);
  return Buffer.concat([uint32(CENTRAL), uint16(VERSION), facts, rest, Buffer.from(name, 'ascii')]);
}

function endOf(count: number, size: number, offset: number): Buffer {
  return Buffer.concat([
    uint32(END),
    uint16(0),
    uint16(0),
    uint16(count),
    uint16(count),
    uint32(size),
    uint32(offset),
    uint16(0),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
