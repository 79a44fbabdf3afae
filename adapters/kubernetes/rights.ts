import { z } from 'zod';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient } from '../../src/domain/platform-ports.js';
import type { WriteRight } from '../../src/domain/rights.js';
import { checkedName } from './names.js';

const Review = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) });
const SPARK = 'sparkoperator.k8s.io';
/** Verb, group, resource: what a repair needs first, then what no login of ours should have. */
const PATCH = ['patch', SPARK, 'sparkapplications'] as const;
const BEYOND = [
  ['create', SPARK, 'sparkapplications'],
  ['delete', SPARK, 'sparkapplications'],
  ['create', '', 'pods'],
  ['delete', '', 'pods'],
  ['create', '', 'pods/exec'],
  ['get', '', 'secrets'],
  ['create', 'rbac.authorization.k8s.io', 'rolebindings'],
  ['*', '*', '*'],
] as const;

/** Asks the API server itself (SelfSubjectAccessReview, which stores nothing) what this token may do in each namespace. */
export async function mayWrite(deps: { http: HttpClient; namespaces: string[] }): Promise<WriteRight> {
  const allowed = async (
    namespace: string,
    [verb, group, named]: readonly [string, string, string],
  ): Promise<boolean> => {
    const [resource = '', subresource] = named.split('/');
    const resourceAttributes = { namespace: checkedName(namespace), verb, group, resource, subresource };
    const answer = await deps.http.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes },
      }),
    });
    return readJson('Kubernetes', answer, Review).status.allowed;
  };
  const patches: string[] = [];
  const beyond = new Set<string>();
  for (const namespace of deps.namespaces) {
    if (await allowed(namespace, PATCH)) patches.push(namespace);
    for (const right of BEYOND) if (await allowed(namespace, right)) beyond.add(`${right[0]} ${right[2]}`);
  }
  const more = beyond.size === 0 ? '' : `; and more than any login of ours needs: ${[...beyond].join(', ')}`;
  const missing = deps.namespaces.filter((namespace) => !patches.includes(namespace));
  if (patches.length === 0) {
    const words = `may not patch SparkApplications${more}`;
    return { may: beyond.size === 0 ? 'refused' : 'allowed', words };
  }
  const where = missing.length === 0 ? '' : `, but not in ${missing.join(', ')}`;
  return { may: 'allowed', words: `may patch SparkApplications in ${patches.join(', ')}${where}${more}` };
}
