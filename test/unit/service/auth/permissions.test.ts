import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  asksPasswordAgain,
  isWrittenDown,
  pageRouteOf,
  roleNeeded,
} from '#service/auth/permissions.ts';
import { onlyPermitted } from '#service/web/permitted.ts';

test('what nobody has named is open for looking and closed for changing', () => {
  assert.equal(roleNeeded('api', 'GET', '/new/thing'), 'viewer');
  for (const method of ['POST', 'PATCH', 'DELETE'] as const)
    assert.equal(roleNeeded('api', method, '/new/thing'), 'administrator');
});

const needs = [
  ['api', 'GET', '/metrics', 'metrics'],
  ['api', 'GET', '/restore-points', 'viewer'],
  ['api', 'POST', '/restores', 'operator'],
  ['api', 'DELETE', '/restore-points/:id', 'administrator'],
  ['api', 'GET', '/file-mounts/:id/content', 'operator'],
  ['api', 'GET', '/config', 'administrator'],
  ['page', 'POST', '/restore-points/:id/restore', 'operator'],
  ['page', 'POST', '/restore-points/:id/remove', 'administrator'],
  ['page', 'POST', '/account/password', 'viewer'],
] as const;
for (const [door, method, route, role] of needs)
  test(`${method} ${route} at the ${door} takes ${role}`, () => {
    assert.equal(roleNeeded(door, method, route), role);
  });

test('finds the route of a path', () => {
  assert.equal(pageRouteOf('POST', '/jobs/abc/run'), '/jobs/:id/run');
  assert.equal(pageRouteOf('POST', '/jobs/abc/run/x'), '/jobs/abc/run/x');
  assert.equal(pageRouteOf('GET', '/jobs/new'), '/jobs/new');
});

test('asks again before it overwrites or deletes, and writes down what leaves a backup', () => {
  assert.equal(asksPasswordAgain('/restore-points/:id/restore'), true);
  assert.equal(asksPasswordAgain('/vms/back-up'), false);
  assert.equal(isWrittenDown('GET', '/file-mounts/:id/content'), true);
  assert.equal(isWrittenDown('GET', '/runs'), false);
  assert.equal(isWrittenDown('POST', '/anything'), true);
});

test('takes out of a page what its reader may not use, and nothing else', () => {
  const form = (action: string, rest = '') =>
    `<form${rest} method="post" action="${action}"><button>x</button></form>`;
  const page = `<p>a</p>${form('/vms/back-up')}${form('/repositories', ' class="fields"')}<form method="get" action="/vms"></form><a class="button" href="/jobs/new">New</a><a class="button plain" href="/runs">Runs</a>`;
  assert.equal(onlyPermitted(page, 'administrator'), page);
  const operator = onlyPermitted(page, 'operator');
  assert.ok(operator.includes('/vms/back-up') && !operator.includes('action="/repositories"'));
  assert.match(operator, /Your role \(operator\) does not include this/);
  const viewer = onlyPermitted(page, 'viewer');
  assert.ok(!viewer.includes('method="post"') && !viewer.includes('/jobs/new'));
  assert.ok(viewer.includes('<p>a</p>') && viewer.includes('method="get"'));
  assert.ok(viewer.includes('href="/runs"'));
});
