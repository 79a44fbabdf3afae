const TRACING = [
  'LANGSMITH_TRACING',
  'LANGSMITH_TRACING_V2',
  'LANGCHAIN_TRACING',
  'LANGCHAIN_TRACING_V2',
  'LANGCHAIN_VERBOSE',
  'OPENAI_LOG',
];

/**
 * LangChain sends every prompt to a hosted service when one of these variables is set. An investigator never does:
 * nobody configured that address here, and prompts hold a company's logs.
 */
export function forbidTracing(env: NodeJS.ProcessEnv): void {
  for (const name of TRACING) delete env[name];
}
