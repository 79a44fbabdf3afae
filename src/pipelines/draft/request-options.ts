import type { PipelineCatalog } from '../catalog.js';
import type { PipelineConfig } from '../config.js';

export interface RequestOptions {
  catalog: PipelineCatalog;
  /** Pipelines that exist: what they write can be read, and is then waited for. */
  portfolio: readonly PipelineConfig[];
  /** Who asks: they own what is drafted unless the request says otherwise. */
  author: { team: string; contact: string } | undefined;
}
