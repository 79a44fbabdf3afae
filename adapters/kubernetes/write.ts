import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type {
  HttpAnswer,
  HttpClient,
  KubernetesWriter,
  SparkApplicationResource,
} from '../../src/domain/platform-ports.js';
import { checkedName } from './names.js';
import { resourceOf, ScheduledSparkApplication, SPARK_API, SparkApplication, scheduledResourceOf } from './shapes.js';
import { checkSpecValues } from './spec-values.js';

/** How often the operator may note a new state between our reading and our patching before we give up. */
const MOST_TRIES = 4;

/**
 * Patches SparkApplications with a token that may do nothing else. A stored change of `spec` makes the operator kill and re-run
 * the application. Sent once, but for a 409 that proves nothing was done; `timeout` means that the resource must be read to know.
 */
export function createKubernetesWriter(deps: { http: HttpClient }): KubernetesWriter {
  const resource = (answer: HttpAnswer, scheduled: boolean): SparkApplicationResource =>
    scheduled
      ? scheduledResourceOf(readJson('Kubernetes', answer, ScheduledSparkApplication))
      : resourceOf(readJson('Kubernetes', answer, SparkApplication));

  return {
    async patchSparkApplication(namespace, name, patch, dryRun) {
      if (patch.resourceVersion === '') {
        // Without it the patch would win over any change made in between.
        throw new AppError('precondition', {
          safeText: 'A patch must name the version of the resource it was made for.',
        });
      }
      checkSpecValues(patch.spec);
      const { specVersion, scheduled = false } = patch;
      const kind = scheduled ? 'scheduledsparkapplications' : 'sparkapplications';
      const path = `${SPARK_API}/namespaces/${checkedName(namespace)}/${kind}/${checkedName(name)}`;
      const query = `${dryRun ? 'dryRun=All&' : ''}fieldValidation=Strict&fieldManager=countersign`;
      const spec = scheduled ? { template: patch.spec } : patch.spec;
      let { resourceVersion } = patch;
      for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
        const answer = await deps.http.request({
          method: 'PATCH',
          path: `${path}?${query}`,
          headers: { 'content-type': 'application/merge-patch+json' },
          body: JSON.stringify({ metadata: { resourceVersion }, spec }),
          accept: [409],
        });
        if (answer.status !== 409) return readOutcome('Kubernetes', () => resource(answer, scheduled));
        const now =
          specVersion === undefined ? undefined : resource(await deps.http.request({ method: 'GET', path }), scheduled);
        if (now === undefined || now.specVersion !== specVersion) {
          throw new AppError('conflict', {
            retryable: false,
            safeText: 'Somebody changed the SparkApplication meanwhile; nothing was patched.',
          });
        }
        resourceVersion = now.resourceVersion;
      }
      throw new AppError('conflict', {
        retryable: true,
        safeText: 'The state of the SparkApplication changes too fast to patch it; nothing was patched.',
      });
    },
  };
}
