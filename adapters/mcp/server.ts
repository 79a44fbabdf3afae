import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { ServedCase } from './served-case.js';

const ALERT_URI = 'countersign://alert.json';
const GET_ALERT = 'get_alert';
const SUBMIT = 'submit_answer';

/**
 * An MCP server of one case for one client. The tools' schemas are served as they are, so the protocol's own server is used and not the
 * one that makes schemas: arguments are checked where our own agent's are, in words that name the field.
 */
export function createMcpServer(served: ServedCase): Server {
  const server = new Server(
    { name: 'countersign', version: served.version },
    { capabilities: { tools: {}, resources: {} }, instructions: served.instructions },
  );
  const tools = toolsOf(served);
  server.oninitialized = () => served.contact();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: [{ uri: ALERT_URI, name: 'alert.json', mimeType: 'application/json', description: ALERT_TEXT }],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => {
    if (params.uri !== ALERT_URI) throw new McpError(ErrorCode.InvalidParams, `There is only ${ALERT_URI}.`);
    served.contact();
    return { contents: [{ uri: ALERT_URI, mimeType: 'application/json', text: alertText(served) }] };
  });
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => {
    if (!tools.some((tool) => tool.name === params.name)) {
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${params.name.slice(0, 60)}.`);
    }
    served.contact();
    if (params.name === GET_ALERT) return { content: [text(alertText(served))] };
    if (params.name === SUBMIT) return submit(served, params.arguments);
    return call(served, params.name, params.arguments, signal);
  });
  return server;
}

const ALERT_TEXT =
  'The alert, the platform it is about, the closed lists of the answer and the budget. Costs no call of the budget.';

function toolsOf({ tools, answerSchema }: ServedCase): Tool[] {
  const reading = { readOnlyHint: true, openWorldHint: false };
  const object = (schema: Record<string, unknown>): Tool['inputSchema'] => ({ ...schema, type: 'object' });
  return [
    { name: GET_ALERT, description: ALERT_TEXT, inputSchema: { type: 'object' }, annotations: reading },
    ...tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: object(inputSchema),
      annotations: reading,
    })),
    {
      name: SUBMIT,
      description:
        'Ends the case with one answer: causes, evidence, plan. Fields at fault are named and the answer may be corrected; an answer ' +
        'that is accepted is final. Costs no call of the budget.',
      inputSchema: object(answerSchema),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
  ];
}

const text = (said: string): { type: 'text'; text: string } => ({ type: 'text', text: said });

function alertText(served: ServedCase): string {
  return JSON.stringify(served.alert, null, 2);
}

/** The stored answer stands alone in the first part, so that it can be quoted byte for byte; the second part is ours. */
async function call(served: ServedCase, name: string, args: unknown, signal: AbortSignal): Promise<CallToolResult> {
  const { text: said, note, failed } = await served.call(name, args ?? {}, signal);
  return { content: note === '' ? [text(said)] : [text(said), text(note)], isError: failed };
}

async function submit(served: ServedCase, answer: unknown): Promise<CallToolResult> {
  const { faults } = await served.submit(answer ?? {});
  if (faults.length === 0) return { content: [text('accepted')] };
  const lines = faults.map(({ field, message }) => `${field}: ${message}`);
  return { content: [text(`The answer was not accepted:\n${lines.join('\n')}`)], isError: true };
}
