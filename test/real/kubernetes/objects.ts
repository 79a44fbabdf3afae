import { parse } from 'yaml';
import { type Admin, create } from './admin.js';

export const NAMESPACE = 'spark-jobs';
export const USERS = { reader: 'countersign-reader', repairer: 'countersign-repairer' };

const SPARK = ['sparkapplications', 'scheduledsparkapplications'];
const SEES = [
  { apiGroups: ['sparkoperator.k8s.io'], resources: SPARK, verbs: ['get', 'list', 'watch'] },
  {
    apiGroups: [''],
    resources: ['pods', 'pods/log', 'events', 'resourcequotas', 'limitranges'],
    verbs: ['get', 'list', 'watch'],
  },
];
const PATCHES = { apiGroups: ['sparkoperator.k8s.io'], resources: SPARK, verbs: ['patch'] };

/** What the docs tell people to make: one role that sees, one that may patch Spark applications beside it, both in one namespace. */
export async function prepareCluster(admin: Admin, definitions: string[]): Promise<void> {
  for (const yaml of definitions)
    await create(admin, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', parse(yaml));
  for (const name of [NAMESPACE, 'elsewhere']) await create(admin, '/api/v1/namespaces', { metadata: { name } });
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
  for (const [name, rules] of Object.entries({
    [USERS.reader]: SEES,
    [USERS.repairer]: [...SEES, PATCHES],
  })) {
    await create(admin, `${rbac}/roles`, { metadata: { name }, rules });
    await create(admin, `${rbac}/rolebindings`, {
      metadata: { name },
      subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { kind: 'Role', name, apiGroup: 'rbac.authorization.k8s.io' },
    });
  }
}
