import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages';
import { type LogRecord, type ParsedObservation, parseObservation } from '../logfmt.js';
import { splitReasoning } from '../reasoning.js';
import type { ErrorWords } from './signals.js';

/** A task as the platform block of the prompt describes it. */
export interface TaskFact {
  dag: string;
  id: string;
  after: string[];
  reads: string[];
  writes: string[];
  mode: string;
  sparkApp: string | undefined;
  queryUser: string | undefined;
  code: string | undefined;
}

export interface SettingFact {
  path: string;
  component: string;
  file: string;
  key: string;
  cap: number | undefined;
}

export interface PastCall {
  id: string;
  tool: string;
  args: Record<string, unknown>;
  status: 'ok' | 'error' | 'open';
  text: string;
  parsed: ParsedObservation;
}

/** A record with the call that answered it: what a finding quotes. */
export interface Fact extends LogRecord {
  call: PastCall;
}

/** A line of outside text with the call that answered it. */
export interface OutsideLine {
  text: string;
  line: string;
  after: LogRecord | undefined;
  call: PastCall;
}

/** Everything the playbook knows: the prompt's blocks and the conversation, read like any model would read them. */
export interface CaseFile {
  /** Which tokens of an error text mean what. */
  words: ErrorWords;
  alert: Record<string, string>;
  alertLines: string[];
  owner: string;
  pipelines: { dag: string; owner: string; schedule: string; sources: string[] }[];
  tasks: TaskFact[];
  settings: SettingFact[];
  metrics: { name: string; meaning: string }[];
  calls: PastCall[];
}

/** Reads a case out of the messages of an investigation. What is missing there is missing here: nothing is made up. */
export function readCase(messages: readonly BaseMessage[], words: ErrorWords): CaseFile {
  const prompt = messages.find((message) => message.getType() === 'system')?.text ?? '';
  const incident = parseObservation(section(prompt, '# The incident', '# The platform'));
  const platform = parseObservation(section(prompt, '# The platform', undefined));
  const of = (record: string): Record<string, string>[] =>
    platform.records.filter((line) => line.record === record).map((line) => line.fields);
  const first = (record: string): Record<string, string> =>
    incident.records.find((line) => line.record === record)?.fields ?? {};
  const labels = incident.records
    .filter((line) => line.record === 'label')
    .map(({ fields }) => [fields['name'] ?? '', fields['value'] ?? ''] as const);
  return {
    words,
    alert: { ...Object.fromEntries(labels), ...first('alert') },
    alertLines: incident.free.map((line) => line.text),
    owner: first('incident')['owner'] ?? '',
    pipelines: of('pipeline').map((fields) => ({
      dag: fields['dag'] ?? '',
      owner: fields['owner'] ?? '',
      schedule: fields['schedule'] ?? '',
      sources: list(fields['sources']),
    })),
    tasks: of('task').map(taskFact),
    settings: of('config').map(settingFact),
    metrics: of('metric').map((fields) => ({ name: fields['name'] ?? '', meaning: fields['meaning'] ?? '' })),
    calls: callsOf(messages),
  };
}

/** The lines of a prompt between two of its headings. */
export function section(prompt: string, from: string, to: string | undefined): string {
  const start = prompt.lastIndexOf(`\n${from}\n`);
  if (start === -1) return '';
  const rest = prompt.slice(start + from.length + 2);
  const end = to === undefined ? -1 : rest.lastIndexOf(`\n${to}\n`);
  return end === -1 ? rest : rest.slice(0, end);
}

function taskFact(fields: Record<string, string>): TaskFact {
  return {
    dag: fields['dag'] ?? '',
    id: fields['id'] ?? '',
    after: list(fields['after']),
    reads: list(fields['reads']),
    writes: list(fields['writes']),
    mode: fields['mode'] ?? 'none',
    sparkApp: fields['spark_app'],
    queryUser: fields['query_user'],
    code: fields['code'],
  };
}

function settingFact(fields: Record<string, string>): SettingFact {
  return {
    path: fields['path'] ?? '',
    component: fields['component'] ?? '',
    file: fields['file'] ?? '',
    key: fields['key'] ?? '',
    cap: fields['cap'] === undefined ? undefined : Number(fields['cap']),
  };
}

export function list(joined: string | undefined): string[] {
  return (joined ?? '').split(',').filter((item) => item !== '');
}

function callsOf(messages: readonly BaseMessage[]): PastCall[] {
  const answers = new Map<string, ToolMessage>();
  for (const message of messages) if (ToolMessage.isInstance(message)) answers.set(message.tool_call_id, message);
  return messages.flatMap((message) => {
    if (!AIMessage.isInstance(message)) return [];
    return (message.tool_calls ?? []).flatMap((call) => {
      const answer = answers.get(call.id ?? '');
      if (answer === undefined) return [];
      const text = answer.text;
      const status = answer.status === 'error' ? 'error' : 'ok';
      const args = splitReasoning(call.args).args;
      return [{ id: call.id ?? '', tool: call.name, args, status, text, parsed: parseObservation(text) } as const];
    });
  });
}

/** All records of one kind, in the order in which they were learned. */
export function factsOf(file: CaseFile, tool: string, record: string): Fact[] {
  return file.calls
    .filter((call) => call.tool === tool)
    .flatMap((call) => call.parsed.records.filter((line) => line.record === record).map((line) => ({ ...line, call })));
}

/** All lines of outside text that the tools showed. */
export function outsideLines(file: CaseFile, tools?: readonly string[]): OutsideLine[] {
  return file.calls
    .filter((call) => tools === undefined || tools.includes(call.tool))
    .flatMap((call) => call.parsed.free.map((line) => ({ ...line, call })));
}
