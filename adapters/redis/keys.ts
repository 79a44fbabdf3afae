/** One hash tag, so that an append stays atomic on Redis Cluster too. */
const TAG = '{cs}';

/** Entries a segment list holds; a full segment never changes again. */
export const SEGMENT_SIZE = 65_536;

export const LOG_PREFIX = `${TAG}:log:`;
export const CHECKPOINTS_KEY = `${TAG}:checkpoints`;
export const TILES_KEY = `${TAG}:tiles`;
export const LINEAGE_KEY = `${TAG}:lineage`;
export const LEASE_KEY = `${TAG}:sealer:lease`;

export const segmentKey = (segment: number): string => `${LOG_PREFIX}${segment}`;
export const subjectKey = (subject: string): string => `${TAG}:subject:${subject}`;
export const outboxKey = (queue: string): string => `${TAG}:outbox:${queue}`;
export const observationKey = (digest: string): string => `${TAG}:obs:${digest}`;
export const onceKey = (key: string): string => `${TAG}:once:${key}`;
export const spendKey = (day: string): string => `${TAG}:spend:${day}`;

/** What stands in a chat, beside the log: one hash a thread; which headline is whose; which finished threads are wholly shown. */
export const CHAT_PREFIX = `${TAG}:chat:`;
export const chatThreadKey = (chat: string, incident: string): string => `${CHAT_PREFIX}${chat}:thread:${incident}`;
export const chatRootsKey = (chat: string): string => `${CHAT_PREFIX}${chat}:roots`;
export const chatShownKey = (chat: string): string => `${CHAT_PREFIX}${chat}:shown`;
export const chatReportKey = (chat: string): string => `${CHAT_PREFIX}${chat}:report`;
export const chatReferencesKey = (chat: string): string => `${CHAT_PREFIX}${chat}:references`;
export const chatLeaseKey = (chat: string): string => `${TAG}:chatlease:${chat}`;

/** Pokes only: whoever hears one reads the log; a lost one costs a poll interval. */
export const APPENDED_CHANNEL = 'cs:appended';
export const SEALED_CHANNEL = 'cs:sealed';
