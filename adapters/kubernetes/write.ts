import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { HttpClient, KubernetesWriter } from '../../src/domain/platform-ports.js';
import { checkedName } from './names.js';
import { resourceOf, SPARK_API, SparkApplication } from './shapes.js';

/**
 * Patches SparkApplications with a token that may do nothing else. A stored change of `spec` makes the operator kill and re-run
 * the application. Sent once; `timeout` means that the resource must be read to know.
 */
export function createKubernetesWriter(deps: { http: HttpClient }): KubernetesWriter {
  return {
    async patchSparkApplication(namespace, name, patch, dryRun) {
      if (patch.resourceVersion === '') {
        // Without it the patch would win over any change made in between.
        throw new AppError('precondition', {
          safeText: 'A patch must name the version of the resource it was made for.',
        });
      }
      const query = `${dryRun ? 'dryRun=All&' : ''}fieldValidation=Strict&fieldManager=countersign`;
      const answer = await deps.http.request({
        method: 'PATCH',
        path: `${SPARK_API}/namespaces/${checkedName(namespace)}/sparkapplications/${checkedName(name)}?${query}`,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ metadata: { resourceVersion: patch.resourceVersion }, spec: patch.spec }),
        accept: [409],
      });
      if (answer.status === 409) {
        throw new AppError('conflict', {
          retryable: false,
          safeText: 'Somebody changed the SparkApplication meanwhile; nothing was patched.',
        });
      }
      return readOutcome('Kubernetes', () => resourceOf(readJson('Kubernetes', answer, SparkApplication)));
    },
  };
}
