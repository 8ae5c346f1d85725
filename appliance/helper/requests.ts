import { z } from 'zod';
import { ColdframeError } from '#core/error.ts';
import type { HelperInput, HelperVerb } from '#core/helper.ts';
import { nfsShareProblem, nfsVersions, type NfsShare } from '#core/nfs.ts';

/** Directly below /srv: there nothing of the system lies. */
const mountPoint = z.string().regex(/^\/srv\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);

const share: z.ZodType<NfsShare> = z
  .strictObject({
    server: z.string(),
    port: z.number().exactOptional(),
    path: z.string(),
    version: z.enum(nfsVersions),
  })
  .superRefine((value, context) => {
    const problem = nfsShareProblem(value);
    if (problem !== undefined) context.addIssue(problem);
  });

/** A file in one of the VMs' folders of a repository on a disk of ours. */
const archive = z
  .string()
  .max(2000)
  .regex(/^\/(?:var\/lib\/coldframe|srv)\/(?:[^/\0]+\/)+[^/\0]+\.tar(?:\.[a-z0-9.]+)?$/)
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'));

const words = z.array(z.string().max(253)).max(8);

const schemas: { readonly [V in HelperVerb]: z.ZodType<HelperInput<V>> } = {
  'mount-nfs': z.strictObject({ mountPoint, share }),
  'unmount-nfs': z.strictObject({ mountPoint }),
  protect: z.strictObject({ path: archive, untilMs: z.int().positive() }),
  unprotect: z.strictObject({ path: archive }),
  'set-network': z.strictObject({
    hostname: z.string().max(253).exactOptional(),
    fixed: z
      .strictObject({ address: z.string().max(60), gateway: z.string().max(60).exactOptional() })
      .exactOptional(),
    dns: words,
    search: words,
  }),
  'set-time-servers': z.strictObject({ servers: words }),
  power: z.strictObject({ action: z.enum(['restart', 'off', 'restart-service']) }),
};

const envelope = z.strictObject({
  verb: z.enum(Object.keys(schemas) as [HelperVerb, ...HelperVerb[]]),
  input: z.unknown(),
});

/** A request that is allowed by its form; throws 'invalid-input'. */
export type HelperRequest = {
  [V in HelperVerb]: { readonly verb: V; readonly input: HelperInput<V> };
}[HelperVerb];

export function parseRequest(line: string): HelperRequest {
  const outer = envelope.safeParse(json(line));
  if (!outer.success) throw refused('it is no request', outer.error);
  const { verb, input } = outer.data;
  const inner = schemas[verb].safeParse(input);
  if (!inner.success) {
    const issue = inner.error.issues[0];
    throw refused(`${verb}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, inner.error);
  }
  return { verb, input: inner.data } as HelperRequest;
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw refused('it is no JSON', cause);
  }
}

function refused(why: string, cause: unknown): ColdframeError {
  return new ColdframeError('invalid-input', `The helper refuses the request: ${why.trim()}.`, {
    cause,
  });
}
