import { toErrorRecord } from '#core/error.ts';
import type { CustomValue } from '#core/vm.ts';
import { listAt, numberAt, textAt, type VimValue } from './value.ts';
import { vmRef, type Vim } from './vim.ts';

/** Custom attributes out of the properties `customValue` and `availableField` of a VM. */
export function customValuesOf(values: Readonly<Record<string, VimValue>>): readonly CustomValue[] {
  const names = new Map(
    listAt(values, 'availableField').map((field) => [
      numberAt(field, 'key'),
      textAt(field, 'name'),
    ]),
  );
  return listAt(values, 'customValue').flatMap((each) => {
    const name = names.get(numberAt(each, 'key'));
    const value = textAt(each, 'value') ?? '';
    return name === undefined || value === '' ? [] : [{ name, value }];
  });
}

/**
 * Sets custom attributes by name. One that the endpoint does not define, or that the account may
 * not set, is told and no failure.
 */
export async function setCustomValues(
  vim: Vim,
  { vmMoref, values }: { readonly vmMoref: string; readonly values: readonly CustomValue[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const { name, value } of values)
    try {
      const parameters = { _this: vmRef(vmMoref), key: name, value };
      await vim.connection.call('setCustomValue', parameters, { signal });
    } catch (error) {
      signal.throwIfAborted();
      missed.push(
        `The custom attribute "${name}" was not brought back: ${toErrorRecord(error).message}`,
      );
    }
  return missed;
}
