import { expect, it } from 'vitest';
import { forbidTracing } from './tracing.js';

it('takes away whatever would send prompts to a hosted service, and nothing else', () => {
  const env = { LANGSMITH_TRACING: 'true', LANGCHAIN_TRACING_V2: 'true', LANGCHAIN_TRACING: '1', PATH: '/bin' };
  forbidTracing(env);
  expect(env).toEqual({ PATH: '/bin' });
});
