import assert from 'node:assert/strict';
import { it } from 'node:test';

import { ColdframeError } from '#core/error.ts';
import { checkNewName, endpointWords, pick, repositoryWords } from '#service/operations/pick.ts';

const lab = { id: 'id1', name: 'lab' };
const plant = { id: 'id2', name: 'plant' };

function code(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ColdframeError);
    return `${error.code}: ${error.message}`;
  }
  return 'nothing thrown';
}

it('finds by id and by name, and takes the only one without either', () => {
  assert.equal(pick([lab, plant], 'id2', endpointWords), plant);
  assert.equal(pick([lab, plant], 'lab', endpointWords), lab);
  assert.equal(pick([lab], undefined, endpointWords), lab);
});

it('lets an id win over another one that has it as its name', () => {
  const confusing = { id: 'id3', name: 'id1' };
  assert.equal(pick([confusing, lab], 'id1', endpointWords), lab);
});

it('asks back when it cannot know, and names the command that helps', () => {
  assert.match(
    code(() => pick([lab, plant], undefined, endpointWords)),
    /^invalid-input: .*--endpoint: lab, plant/,
  );
  assert.match(
    code(() => pick([], undefined, repositoryWords)),
    /^not-found: .*coldframe repository add/,
  );
  assert.match(
    code(() => pick([lab], 'labb', endpointWords)),
    /^not-found: There is no endpoint "labb"/,
  );
});

it('keeps names apart', () => {
  assert.match(
    code(() => checkNewName([lab], 'lab', endpointWords)),
    /^invalid-input: There is already/,
  );
  assert.equal(
    code(() => checkNewName([lab], 'Lab 2', endpointWords)),
    'nothing thrown',
  );
});
