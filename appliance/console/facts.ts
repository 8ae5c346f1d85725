import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '#cli/api-client.ts';
import type { HealthReport } from '#core/api.ts';
import type { RunRecord } from '#core/run.ts';
import { version } from '#core/version.ts';
import type { Run } from '../helper/run.ts';
import type { StatusFacts } from './status.ts';

/** The screen must not wait for a service that hangs. */
const answerMs = 4000;

/** Never throws: what cannot be learnt is shown as that. */
export async function gatherFacts(dataDir: string, run: Run): Promise<StatusFacts> {
  const [service, inStep, fingerprint, health, runs] = await Promise.all([
    run(['systemctl', 'show', '--property=ActiveState', '--value', 'coldframe.service']).catch(
      () => 'unknown',
    ),
    run(['timedatectl', 'show', '--property=NTPSynchronized', '--value']).catch(() => undefined),
    certificateFingerprint(dataDir),
    ask<HealthReport>(dataDir, '/health'),
    ask<{ readonly runs: readonly RunRecord[] }>(dataDir, '/runs?limit=1'),
  ]);
  const [last] = runs?.runs ?? [];
  return {
    hostname: hostname(),
    version,
    addresses: ownAddresses(),
    fingerprint,
    service: service.trim(),
    clockInStep: inStep === undefined ? undefined : inStep.trim() === 'yes',
    checks: health?.checks ?? [],
    lastRun: last === undefined ? undefined : runText(last),
    nowMs: Date.now(),
  };
}

function runText({ kind, state, createdAtMs }: RunRecord): string {
  return `${kind} of ${new Date(createdAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${state}`;
}

async function ask<T>(dataDir: string, path: string): Promise<T | undefined> {
  const client = createApiClient({ dataDir, signal: AbortSignal.timeout(answerMs) });
  return client.get<T>(path).catch(() => undefined);
}

async function certificateFingerprint(dataDir: string): Promise<string | undefined> {
  try {
    return new X509Certificate(await readFile(join(dataDir, 'tls/server.crt'))).fingerprint256;
  } catch {
    return undefined;
  }
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
}
