import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../processes.js';
import type { Place } from '../system.js';

/** Staging repositories (k8s.io/api, …) carry the same release as v0.x. */
const RELEASE = '35.4';
export const KUBERNETES_VERSION = `v1.${RELEASE}`;
const OPERATOR = 'github.com/kubeflow/spark-operator/v2@v2.5.2';
const CRD_FOLDER = 'charts/spark-operator-chart/crds';

/** Ten minutes of compiling on two quiet cores, an hour on busy ones. */
const BUILD_MS = 3_600_000;

export function apiserverProgram(place: Place): string {
  return join(place.cache, `kube-apiserver-${KUBERNETES_VERSION}`, 'kube-apiserver');
}

/**
 * Builds kube-apiserver from the modules of the Go proxy. `go install` refuses it, because its go.mod leads to folders that are not
 * in the module: a module of our own that requires the same versions leads to the published ones instead.
 */
export async function buildApiserver(place: Place): Promise<void> {
  const program = apiserverProgram(place);
  if (existsSync(program)) return;
  const source = await moduleFolder(`k8s.io/kubernetes@${KUBERNETES_VERSION}`);
  const folder = join(place.cache, `kube-apiserver-${KUBERNETES_VERSION}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'go.mod'), wrapperModule(readFileSync(join(source, 'go.mod'), 'utf8')));
  writeFileSync(join(folder, 'go.sum'), readFileSync(join(source, 'go.sum')));
  writeFileSync(
    join(folder, 'main.go'),
    'package main\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver/app"\n\nfunc main() {}\n',
  );
  const version = `-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION} -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${RELEASE.split('.')[0]}`;
  const partial = `${program}.partial`;
  await runToEnd(
    {
      program: 'nice',
      args: ['-n', '19', 'go', 'build', '-trimpath', '-ldflags', `-s -w ${version}`, '-o', partial].concat(
        'k8s.io/kubernetes/cmd/kube-apiserver',
      ),
      cwd: folder,
      env: { GOFLAGS: '-p=1 -mod=mod -buildvcs=false', CGO_ENABLED: '0' },
    },
    BUILD_MS,
  );
  renameSync(partial, program);
}

function wrapperModule(original: string): string {
  const [required = '', replaced = ''] = original.split('replace (');
  return [
    required
      .replace(/^module .*$/m, 'module countersign-kube-apiserver')
      .replace('require (', `require (\n\tk8s.io/kubernetes ${KUBERNETES_VERSION}`),
    replaced.replaceAll(/=> \.\/staging\/src\/(\S+)/g, `=> $1 v0.${RELEASE}`),
  ].join('replace (');
}

/** Folder of a module in Go's own cache, fetched when it is not there. */
async function moduleFolder(module: string): Promise<string> {
  const found = await runToEnd({ program: 'go', args: ['mod', 'download', '-json', module], cwd: '/' });
  return (JSON.parse(found) as { Dir: string }).Dir;
}

/** The CustomResourceDefinitions of the Spark operator, as YAML. The operator itself is not run. */
export async function sparkDefinitions(): Promise<string[]> {
  const folder = join(await moduleFolder(OPERATOR), CRD_FOLDER);
  return ['sparkapplications', 'scheduledsparkapplications'].map((name) =>
    readFileSync(join(folder, `sparkoperator.k8s.io_${name}.yaml`), 'utf8'),
  );
}
