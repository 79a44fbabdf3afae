import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { runToEnd } from '../processes.js';
import { runJob } from '../spark/submit.js';
import { addressOf } from '../up.js';

const HERE = resolve(import.meta.dirname);

/** Runs Spark over the whole set of tables. @returns the rows Spark itself counts, by table. */
export async function writeWithSpark(root: string): Promise<Record<string, number>> {
  mkdirSync(root, { recursive: true, mode: 0o755 });
  const { code, output } = await runJob({ name: 'delta-tables', job: join(HERE, 'write_spark.py'), args: [root] });
  if (code !== 0) throw new Error(`Spark ended with ${code}:\n${output.slice(-4_000)}`);
  return JSON.parse(readFileSync(join(root, 'spark-counts.json'), 'utf8')) as Record<string, number>;
}

/** Runs delta-rs over the tables of the contract; `storage` are its options for an object store. */
export async function writeWithDeltaRs(python: string, root: string, storage?: Record<string, string>): Promise<void> {
  const args = [join(HERE, 'write_rs.py'), root, ...(storage ? [JSON.stringify(storage)] : [])];
  await runToEnd({ program: python, args });
}

/** A table of many commits by delta-rs. */
export async function writeLong(python: string, folder: string, commits: number): Promise<void> {
  await runToEnd({ program: python, args: [join(HERE, 'write_long.py'), folder, String(commits)] });
}

export interface TestBucket {
  endpoint: string;
  bucket: string;
  keys: Record<'reader' | 'writer', { accessKeyId: string; secretAccessKey: string }>;
  client: Record<'reader' | 'writer', S3Client>;
  put(key: string, body: string | Uint8Array): Promise<unknown>;
  remove(prefix: string, where: (name: string) => boolean): Promise<void>;
}

/** The bucket of the S3 server with both logins. */
export async function testBucket(): Promise<TestBucket> {
  const address = await addressOf('s3');
  const { endpoint = '', bucket = '', keysFile = '' } = address;
  const keys = JSON.parse(readFileSync(keysFile, 'utf8')) as TestBucket['keys'];
  const clientOf = (user: 'reader' | 'writer'): S3Client =>
    new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: keys[user] });
  const client = { reader: clientOf('reader'), writer: clientOf('writer') };
  return {
    endpoint,
    bucket,
    keys,
    client,
    put: (Key, Body) => client.writer.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
    async remove(prefix, where) {
      const { Contents = [] } = await client.writer.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      for (const { Key = '' } of Contents) {
        if (where(Key.slice(prefix.length))) await client.writer.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }
    },
  };
}

/** Copies a folder into the bucket, file by file, as a replication would. */
export async function copyToBucket({ put }: TestBucket, folder: string, prefix: string): Promise<void> {
  for (const name of readdirSync(folder)) await put(`${prefix}/${name}`, readFileSync(join(folder, name)));
}

/** A table's log, copied where a test may damage it. */
export function copyLog(from: string, to: string, table: string): string {
  const folder = join(to, ...table.split('.'), '_delta_log');
  mkdirSync(dirname(folder), { recursive: true });
  // Not Node's own copy, which rounds the times that commits are dated by.
  execFileSync('cp', ['-a', join(from, ...table.split('.'), '_delta_log'), folder]);
  return folder;
}
