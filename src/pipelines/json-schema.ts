import { z } from 'zod';
import { PipelineConfig } from './config.js';

/** The format as JSON Schema, as an author writes it: keys with a default may be left out. Editors read it from docs/. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(PipelineConfig, { io: 'input', target: 'draft-7' });
  return { $schema, title: 'pipelines/v1', ...schema };
}
