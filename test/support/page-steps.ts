import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

import type { PageBench } from './page-bench.ts';
import type { PageAnswer, PageClient } from './page-client.ts';

/** What a page is told about its surroundings. */
export interface Surroundings extends Pick<PageBench, 'repositoryRoot'> {
  readonly lab: Pick<PageBench['lab'], 'address' | 'user' | 'password' | 'thumbprintSha256'>;
}

/** Adds the lab as an endpoint through the page's two steps, and the repository. */
export async function setUpThroughPages(bench: Surroundings, client: PageClient): Promise<void> {
  const { address, user, password } = bench.lab;
  const asked = await client.post('/settings/endpoints/look', { name: 'lab', address, user });
  const [, thumbprint = ''] = /name="thumbprint" value="([^"]+)"/.exec(asked.body) ?? [];
  assert.equal(thumbprint, bench.lab.thumbprintSha256);
  const fields = { name: 'lab', address, user, password, thumbprint };
  const added = await client.post('/settings/endpoints', fields);
  assert.equal(added.path, '/vms', added.body);
  const stored = await client.post('/repositories', { name: 'main', root: bench.repositoryRoot });
  assert.equal(stored.status, 200, stored.body);
}

/** Path of the VM's page. */
export async function vmPath(client: PageClient, name: string): Promise<string> {
  const { body } = await client.get(`/vms?q=${encodeURIComponent(name)}`);
  const [, path] = new RegExp(`href="(/vms/[^"]+)"><bdi>${name}<`).exec(body) ?? [];
  assert.ok(path, `no VM ${name} in ${body}`);
  return path;
}

/** Orders a backup from the VM's page, to the first repository when none is named; returns the run's path. */
export async function backUpThroughPage(
  client: PageClient,
  name: string,
  repository?: string,
): Promise<string> {
  const { body } = await client.get(await vmPath(client, name));
  const field = (key: string): string =>
    new RegExp(`name="${key}"(?: value="([^"]+)"|><option value="([^"]+)")`)
      .exec(body)
      ?.slice(1)
      .find((value) => value !== undefined) ?? '';
  const [, named = ''] = new RegExp(`value="([^"]+)"[^>]*>${repository}</option>`).exec(body) ?? [];
  const answer = await client.post('/vms/back-up', {
    endpoint: field('endpoint'),
    vm: field('vm'),
    repository: repository === undefined ? field('repository') : named,
    quiesce: 'preferred',
    transport: 'auto',
  });
  assert.match(answer.path, /^\/runs\//, answer.body);
  return answer.path;
}

/** Reloads a run's page until its run has ended. */
export async function untilEnded(client: PageClient, path: string): Promise<PageAnswer> {
  for (let i = 0; i < 600; i++) {
    const answer = await client.get(path);
    if (!answer.body.includes('data-live')) return answer;
    await delay(200);
  }
  throw new Error(`${path} has not ended`);
}
