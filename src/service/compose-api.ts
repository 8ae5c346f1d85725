import type { Operations } from './compose-operations.ts';
import type { BoundRoute } from './http/route.ts';
import { archiveFileRoutes } from './http/routes/archive-files.ts';
import { withDescription } from './http/routes/description.ts';
import { configRoutes } from './http/routes/config.ts';
import { endpointRoutes } from './http/routes/endpoints.ts';
import { fileMountRoutes } from './http/routes/file-mounts.ts';
import { healthRoutes } from './http/routes/health.ts';
import { jobRoutes } from './http/routes/jobs.ts';
import { journalRoutes } from './http/routes/journal.ts';
import { metricsRoutes } from './http/routes/metrics.ts';
import { notificationRoutes } from './http/routes/notifications.ts';
import { orderRoutes } from './http/routes/orders.ts';
import { archiveKeyRoutes } from './http/routes/archive-keys.ts';
import { repositoryRoutes } from './http/routes/repositories.ts';
import { repositoryEncryptionRoutes } from './http/routes/repository-encryption.ts';
import { repositoryProtectionRoutes } from './http/routes/repository-protection.ts';
import { repositoryVerificationRoutes } from './http/routes/repository-verification.ts';
import { restorePointCareRoutes } from './http/routes/restore-point-care.ts';
import { restorePointRoutes } from './http/routes/restore-points.ts';
import { runRoutes } from './http/routes/runs.ts';
import { auditRoutes, tokenRoutes, userRoutes } from './http/routes/users.ts';
import { signingKeyRoutes } from './http/routes/signing-key.ts';
import { strayRoutes } from './http/routes/strays.ts';
import { vddkRoutes } from './http/routes/vddk.ts';
import { vmCheckRoutes } from './http/routes/vm-checks.ts';

/** Every route of the API. */
export function apiRoutes(operations: Operations): readonly BoundRoute[] {
  const { clock, catalog, adapters, endpoints, repositories, vddk, queue, events, logs } =
    operations;
  const { health, orders, care, jobDefinitions, strays, useCases, serviceLog } = operations;
  return withDescription([
    ...healthRoutes(health),
    ...endpointRoutes(endpoints, adapters.probe),
    ...repositoryRoutes(repositories),
    ...repositoryEncryptionRoutes(operations.encryption),
    ...repositoryProtectionRoutes(operations.protections),
    ...repositoryVerificationRoutes(operations.verificationPlans),
    ...signingKeyRoutes(operations.publicKey),
    ...archiveKeyRoutes(operations.keys),
    ...configRoutes(operations.configFiles),
    ...vddkRoutes(vddk),
    ...vmCheckRoutes(orders),
    ...strayRoutes(strays),
    ...orderRoutes({ ...orders, log: serviceLog }),
    ...runRoutes({ store: catalog, queue, events, logs }),
    ...restorePointRoutes(catalog),
    ...fileMountRoutes(operations.fileMounts),
    ...archiveFileRoutes({ repositories, restorePoints: catalog, useCases }),
    ...restorePointCareRoutes(care),
    ...jobRoutes(jobDefinitions, { ...orders, jobs: catalog, store: catalog, clock }),
    ...journalRoutes(catalog.journal, useCases),
    ...notificationRoutes(operations.notifications, catalog),
    ...metricsRoutes(operations.metrics),
    ...userRoutes(operations.auth.users),
    ...tokenRoutes(operations.auth.tokens),
    ...auditRoutes(operations.auth.audit),
  ]);
}
