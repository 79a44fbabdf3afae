// The rules of docs/architecture.md, "What may import what", as machine-checked rules.
const FEATURES = 'intake|investigate|approve|repair|pipelines|views|evaluate|deliver';
const feature = `^src/(${FEATURES})/`;
const test = '\\.test\\.tsx?$|^test/';

/** A vendor has one home; everywhere else it is reached through a port. */
const home = (vendor, modules, rooms) => ({
  name: `one-home-${vendor}`,
  comment: `${vendor} is imported in ${rooms} only`,
  severity: 'error',
  from: { pathNot: `${rooms}|${test}` },
  to: { path: `(^|/)node_modules/(${modules})(/|$)` },
});

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-is-the-floor',
      comment: 'src/domain imports itself, zod and node:crypto',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: test },
      to: { pathNot: '^src/domain/|(^|/)node_modules/zod/|^(node:)?crypto$' },
    },
    {
      name: 'features-never-meet',
      severity: 'error',
      from: { path: feature, pathNot: test },
      to: { path: feature, pathNot: '^src/$1/' },
    },
    {
      name: 'features-stay-inside',
      comment: 'a feature imports itself, domain, log and packages',
      severity: 'error',
      from: { path: feature, pathNot: test },
      to: { path: '^(adapters|tools|queues|fixtures|test)/|^src/(roles/|config)' },
    },
    {
      name: 'tools-import-domain',
      severity: 'error',
      from: { path: '^tools/', pathNot: test },
      to: { path: '^(adapters|queues|fixtures|test)/|^src/', pathNot: '^src/domain/' },
    },
    {
      name: 'only-the-registry-opens-tools',
      severity: 'error',
      from: { pathNot: `^tools/registry\\.ts$|^tools/(diagnose|propose)/|${test}` },
      to: { path: '^tools/(diagnose|propose)/' },
    },
    {
      name: 'only-roles-open-the-registry',
      severity: 'error',
      from: { pathNot: `^src/roles/|${test}` },
      to: { path: '^tools/registry\\.ts$' },
    },
    {
      name: 'adapters-never-meet',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/', pathNot: test },
      to: {
        path: '^(adapters|tools|queues|fixtures|test)/|^src/',
        pathNot: '^adapters/$1/|^src/domain/|^src/log\\.ts$',
      },
    },
    {
      name: 'queues-import-features',
      severity: 'error',
      from: { path: '^queues/', pathNot: test },
      to: { path: '^(adapters|tools|fixtures|test)/|^src/(roles/|config)' },
    },
    {
      name: 'nobody-imports-roles',
      severity: 'error',
      from: { pathNot: `^src/roles/|${test}` },
      to: { path: '^src/roles/' },
    },
    {
      name: 'only-roles-read-config',
      severity: 'error',
      from: { pathNot: `^src/roles/|^src/config\\.ts$|${test}` },
      to: { path: '^src/config\\.ts$' },
    },
    {
      name: 'writers-belong-to-the-repairer',
      comment: 'write adapters and repair tools are reachable from roles/repairer only',
      severity: 'error',
      from: { path: '^src/roles/(?!repairer|local)|^src/(?!roles/)|^adapters/|^queues/', pathNot: test },
      to: { path: '^adapters/[^/]+/write\\.ts$|^tools/repair/', reachable: true },
    },
    {
      name: 'the-repairer-has-no-model',
      severity: 'error',
      from: { path: '^src/roles/repairer\\.ts$' },
      to: {
        path: '^src/investigate/|^adapters/models/|^tools/(diagnose|propose)/|(^|/)node_modules/(langchain|@langchain)/',
        reachable: true,
      },
    },
    {
      name: 'the-web-role-has-no-platform',
      severity: 'error',
      from: { path: '^src/roles/web\\.ts$' },
      to: {
        path: '^adapters/(airflow|spark|delta|trino|kyuubi|schema-registry|prometheus|kubernetes|git|object-store|models)/|^tools/|^src/investigate/|(^|/)node_modules/(langchain|@langchain)/',
        reachable: true,
      },
    },
    {
      name: 'only-the-web-role-has-chats',
      severity: 'error',
      from: { path: '^src/roles/(investigator|repairer|sealer)\\.ts$' },
      to: {
        path: '^adapters/(slack|teams|web)/|^src/deliver/|(^|/)node_modules/(@slack/|botbuilder|botframework)',
        reachable: true,
      },
    },
    {
      name: 'production-never-imports-tests',
      severity: 'error',
      from: { path: '^(src|adapters|tools|queues)/', pathNot: test },
      to: { path: '^(test|fixtures)/' },
    },
    home('langchain', 'langchain|@langchain', '^src/investigate/|^adapters/models/'),
    home('bullmq', 'bullmq', '^queues/'),
    home('ioredis', 'ioredis', '^adapters/redis/|^queues/'),
    home('slack', '@slack', '^adapters/slack/'),
    {
      name: 'one-home-ws',
      comment: "WebSockets are the simulated Slack's; Bolt brings its own",
      severity: 'error',
      from: { pathNot: '^test/support/slack/|^test/contract/slack-[^/]+\\.test\\.ts$' },
      to: { path: '(^|/)node_modules/(ws|@types/ws)(/|$)' },
    },
    home('botbuilder', 'botbuilder', '^adapters/teams/'),
    home('aws', '@aws-sdk|@smithy', '^adapters/object-store/'),
    home('azure', '@azure', '^adapters/object-store/'),
    home('croner', 'croner', '^src/pipelines/graph/'),
    home('parquet', 'hyparquet|hyparquet-compressors', '^adapters/delta/'),
    {
      name: 'no-orphans',
      comment: 'every module has a reader',
      severity: 'error',
      from: { orphan: true, pathNot: `${test}|^src/roles/|^fixtures/platform/main\\.ts$|\\.d\\.ts$` },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
