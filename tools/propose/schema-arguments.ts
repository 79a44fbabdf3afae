import { z } from 'zod';
import type { SchemaOperation } from '../../src/domain/proposal.js';

const Column = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'a column name of letters, digits and _');
const Type = z.string().min(1).max(500);
const Feature = z.strictObject({
  feature: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/, 'a table feature such as deletionVectors'),
});

/** What `arg` must be for each operation. */
export const ARGUMENTS: Record<SchemaOperation, z.ZodObject> = {
  add_column: z.strictObject({ name: Column, type: Type, comment: z.string().max(300).optional() }),
  rename: z.strictObject({ from: Column, to: Column }),
  set_type: z.strictObject({ column: Column, type: Type }),
  revert_type: z.strictObject({ column: Column, type: Type }),
  set_property: z.strictObject({
    key: z.string().regex(/^[A-Za-z][\w.-]{0,99}$/, 'a property key'),
    value: z.union([z.string().min(1).max(300), z.number(), z.boolean()]),
  }),
  add_feature: Feature,
  drop_feature: Feature,
  set_reader_schema: z.strictObject({ version: z.number().int().min(1) }),
};

export type SchemaArg = Record<string, string | number | boolean>;

/** `arg` checked for its operation, or the field at fault in our words. */
export function readArgument(op: SchemaOperation, arg: unknown): { arg: SchemaArg } | { refused: string } {
  const read = ARGUMENTS[op].safeParse(arg);
  if (read.success)
    return {
      arg: Object.fromEntries(Object.entries(read.data).filter(([, value]) => value !== undefined)) as SchemaArg,
    };
  const shape = Object.keys(ARGUMENTS[op].shape).join(', ');
  const faults = read.error.issues
    .slice(0, 3)
    .map((issue) =>
      issue.code === 'unrecognized_keys'
        ? 'an argument that this operation does not have'
        : `arg.${issue.path.join('.')}: ${issue.message}`,
    );
  return { refused: `${op} needs arg {${shape}}: ${faults.join('; ')}.` };
}
