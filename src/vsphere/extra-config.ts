import { listAt, textAt, type VimValue } from './value.ts';

/** extraConfig key under which a VM made by coldframe carries its journal marker. */
export const markerKey = 'coldframe.marker';

/** One option's value; empty and absent are the same. */
export function extraValue(options: VimValue | undefined, key: string): string | undefined {
  const option = listAt({ options }, 'options').find((entry) => textAt(entry, 'key') === key);
  const value = textAt(option, 'value');
  return value === '' ? undefined : value;
}
