import { shellQuote } from './context.ts';

/** nbdkit's file plugin serving `file`, with `command` run against it as $uri. */
export function nbdkit(
  file: string,
  command: string,
  options: { readonly delayReadMs?: number; readonly writable?: boolean } = {},
): string {
  const filter = options.delayReadMs === undefined ? '' : '--filter=delay';
  const parameter = options.delayReadMs === undefined ? '' : `rdelay=${options.delayReadMs}ms`;
  const mode = options.writable === true ? '' : '-r';
  return `nbdkit -U - ${mode} ${filter} file ${shellQuote(file)} ${parameter} --run ${shellQuote(command)}`;
}
