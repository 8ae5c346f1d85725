import { ColdframeError } from '#core/error.ts';

import { restoreOrderSchema, type RestoreOrder } from '../operations/restores.ts';
import { fromForm, type Form } from './form-body.ts';
import { transportsOf } from './form-parts.ts';

const toolsMs = 10 * 60_000;

/** The order that the restore form asks for. */
export function restoreOrderOf(restorePoint: string, form: Form): RestoreOrder {
  const inPlace = ['in-place', 'rollback'].includes(form.text('target'));
  return fromForm(restoreOrderSchema, {
    restorePoint,
    ...filled(form, { endpoint: 'endpoint' }),
    target: inPlace ? inPlaceTarget(form) : newVmTarget(form),
    ...(inPlace ? { disks: form.all('disk') } : {}),
    powerOn: form.ticked('powerOn'),
    ...(form.ticked('waitForTools') ? { waitForToolsMs: toolsMs } : {}),
    readBack: form.text('readBack') || 'full',
    transports: transportsOf(form),
  });
}

function inPlaceTarget(form: Form): object {
  return {
    kind: 'in-place',
    powerOff: form.ticked('powerOff'),
    ...mapped(form, { diskTargets: 'diskTargets' }),
    ...(form.text('target') === 'rollback' ? { rollback: true } : {}),
  };
}

function newVmTarget(form: Form): object {
  return {
    kind: 'new-vm',
    name: form.required('name', 'The name of the new VM'),
    keepIdentity: form.ticked('keepIdentity'),
    ...filled(form, {
      folderPath: 'folder',
      host: 'host',
      cluster: 'cluster',
      resourcePool: 'pool',
      datastoreName: 'datastore',
      provisioning: 'provisioning',
    }),
    ...mapped(form, { networkMap: 'networks' }),
    ...(form.ticked('keepMac') ? { keepMacAddresses: true } : {}),
    ...(form.ticked('connect') ? { connectNetworks: true } : {}),
    ...(form.ticked('withoutTpm') ? { withoutTpm: true } : {}),
    onFailure: form.ticked('keepFailed') ? 'keep' : 'destroy',
  };
}

/** Values of the fields that are not empty, under the names that the order has for them. */
function filled(form: Form, fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .map(([name, field]) => [name, form.text(field)] as const)
      .filter(([, value]) => value !== ''),
  );
}

/** Fields of lines "old = new" that are not empty, under the names that the order has for them. */
function mapped(
  form: Form,
  fields: Readonly<Record<string, string>>,
): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields)
      .map(([name, field]) => [name, form.lines(field)] as const)
      .filter(([, lines]) => lines.length > 0)
      .map(([name, lines]) => [name, Object.fromEntries(lines.map(pairOf))]),
  );
}

function pairOf(line: string): readonly [string, string] {
  const [from = '', to = ''] = line.split('=', 2).map((part) => part.trim());
  if (from === '' || to === '')
    throw new ColdframeError(
      'invalid-input',
      `"${line}" does not say where to: write "old = new". Go back and change it.`,
    );
  return [from, to];
}
