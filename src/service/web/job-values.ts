import { z } from 'zod';

import { ColdframeError } from '#core/error.ts';
import { fullsFrom, placeKinds, type Job, type PlaceRule, type VmRule } from '#core/job.ts';
import { parsePlace } from '#core/vm-places.ts';

import { fromForm, type Form } from './form-body.ts';

/** The job form's fields as typed, so that a form with a mistake is shown again as it was. */
export interface JobValues {
  readonly name: string;
  readonly endpoint: string;
  readonly repository: string;
  readonly every: boolean;
  /** One a line. */
  readonly patterns: string;
  readonly folders: string;
  /** One a line: "cluster: path". */
  readonly places: string;
  readonly vms: readonly { readonly instanceUuid: string; readonly name: string }[];
  /** One a line: pattern # reason. */
  readonly exclude: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly missed: string;
  readonly enabled: boolean;
  readonly keep: Readonly<Record<'last' | 'daily' | 'weekly' | 'monthly' | 'yearly', string>>;
  readonly compression: string;
  readonly onQuiesceFailure: string;
  readonly maxChainLength: string;
  readonly fulls: string;
  readonly activeFullDays: string;
}

export function newJobValues(timeZone: string): JobValues {
  return {
    name: 'Every night',
    endpoint: '',
    repository: '',
    every: true,
    patterns: '',
    folders: '',
    places: '',
    vms: [],
    exclude: '',
    cron: '0 22 * * *',
    timeZone,
    missed: 'run-once',
    enabled: true,
    keep: { last: '0', daily: '7', weekly: '4', monthly: '12', yearly: '0' },
    compression: 'zstd',
    onQuiesceFailure: 'crash-consistent',
    maxChainLength: '30',
    fulls: 'active',
    activeFullDays: '0',
  };
}

export function valuesOfJob(job: Job): JobValues {
  const { include, exclude } = job.selection;
  const number = (value: number | undefined): string => String(value ?? 0);
  const { last, daily, weekly, monthly, yearly } = job.retention;
  return {
    name: job.name,
    endpoint: job.endpointId,
    repository: job.repositoryId,
    every: include.some(({ by }) => by === 'all'),
    patterns: include.flatMap((r) => (r.by === 'name' ? [r.pattern] : [])).join('\n'),
    folders: include.flatMap((r) => (r.by === 'folder' ? [r.path] : [])).join('\n'),
    places: include.flatMap((r) => (isPlaceRule(r) ? [placeLine(r)] : [])).join('\n'),
    vms: include.flatMap((r) => (r.by === 'vm' ? [r] : [])),
    exclude: exclude
      .flatMap(({ rule, reason }) => {
        const line = isPlaceRule(rule) ? placeLine(rule) : rule.by === 'name' ? rule.pattern : '';
        return line === '' ? [] : [`${line} # ${reason}`];
      })
      .join('\n'),
    cron: job.schedule?.cron ?? '',
    timeZone: job.schedule?.timeZone ?? job.retention.timeZone,
    missed: job.schedule?.missed ?? 'run-once',
    enabled: job.enabled,
    keep: {
      last: number(last),
      daily: number(daily),
      weekly: number(weekly),
      monthly: number(monthly),
      yearly: number(yearly),
    },
    compression: job.compression,
    onQuiesceFailure: job.onQuiesceFailure,
    maxChainLength: String(job.maxChainLength),
    fulls: job.fulls ?? 'active',
    activeFullDays: number(job.activeFullDays),
  };
}

/** `nameOf` finds the name of a VM that was ticked. */
export function valuesOfForm(form: Form, nameOf: (instanceUuid: string) => string): JobValues {
  return {
    name: form.text('name'),
    endpoint: form.text('endpoint'),
    repository: form.text('repository'),
    every: form.ticked('every'),
    patterns: form.lines('patterns').join('\n'),
    folders: form.lines('folders').join('\n'),
    places: form.lines('places').join('\n'),
    vms: form.all('vm').map((instanceUuid) => ({ instanceUuid, name: nameOf(instanceUuid) })),
    exclude: form.lines('exclude').join('\n'),
    cron: form.text('cron'),
    timeZone: form.text('timeZone'),
    missed: form.text('missed'),
    enabled: form.ticked('enabled'),
    keep: {
      last: form.text('last'),
      daily: form.text('daily'),
      weekly: form.text('weekly'),
      monthly: form.text('monthly'),
      yearly: form.text('yearly'),
    },
    compression: form.text('compression'),
    onQuiesceFailure: form.text('onQuiesceFailure'),
    maxChainLength: form.text('maxChainLength'),
    fulls: form.text('fulls'),
    activeFullDays: form.text('activeFullDays'),
  };
}

const wholeNumber = z
  .string()
  .regex(/^\d{0,4}$/, 'it must be a whole number from 0 to 1000')
  .transform(Number)
  .pipe(z.number().max(1000, 'it must be a whole number from 0 to 1000'));

const schema = z.object({
  name: z.string().min(1, 'it is missing').max(60, 'it has more than 60 characters'),
  missed: z.enum(['run-once', 'skip']),
  compression: z.enum(['zstd', 'none']),
  onQuiesceFailure: z.enum(['crash-consistent', 'fail']),
  timeZone: z
    .string()
    .refine(isTimeZone, 'there is no such time zone; an example is Europe/Berlin'),
  maxChainLength: wholeNumber,
  fulls: z.enum(fullsFrom),
  activeFullDays: wholeNumber,
  keep: z.object({
    last: wholeNumber,
    daily: wholeNumber,
    weekly: wholeNumber,
    monthly: wholeNumber,
    yearly: wholeNumber,
  }),
});

export type JobSettings = Omit<Job, 'id' | 'createdAtMs'>;

/** `old`: the job as it was; what the form cannot show is kept. */
export function settingsOf(values: JobValues, old: Job | undefined): JobSettings {
  const { keep, missed, timeZone, ...plain } = fromForm(schema, values);
  const include = rulesOf(values);
  if (include.length === 0)
    throw new ColdframeError(
      'invalid-input',
      'It is not said which VMs: tick "Every VM", or give patterns, folders or single VMs.',
    );
  const { cron } = values;
  return {
    ...plain,
    endpointId: values.endpoint,
    repositoryId: values.repository,
    enabled: values.enabled,
    selection: { include, exclude: exclusionsOf(values, old) },
    ...(cron === '' ? {} : { schedule: { cron, timeZone, missed } }),
    retention: { ...old?.retention, ...keep, timeZone },
  };
}

function rulesOf(values: JobValues): readonly VmRule[] {
  const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  return [
    ...(values.every ? [{ by: 'all' } as const] : []),
    ...lines(values.patterns).map((pattern) => ({ by: 'name', pattern }) as const),
    ...lines(values.folders).map((path) => ({ by: 'folder', path }) as const),
    ...lines(values.places).map(placeOf),
    ...values.vms.map(({ instanceUuid, name }) => ({ by: 'vm', instanceUuid, name }) as const),
  ];
}

function exclusionsOf(values: JobValues, old: Job | undefined): Job['selection']['exclude'] {
  const kept =
    old?.selection.exclude.filter(({ rule }) => ['vm', 'folder'].includes(rule.by)) ?? [];
  const named = values.exclude
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [what = '', ...rest] = line.split('#');
      const pattern = what.trim();
      const place = parsePlace(pattern);
      const said = rest.join('#').trim();
      if (place !== undefined) return { rule: place, reason: said || placeLine(place) };
      return { rule: { by: 'name', pattern }, reason: said || `named like ${pattern}` } as const;
    });
  return [...kept, ...named];
}

function placeOf(line: string): PlaceRule {
  const place = parsePlace(line);
  if (place !== undefined) return place;
  throw new ColdframeError(
    'invalid-input',
    `"${line}" names no place. Say which kind and which one, such as "cluster: Datacenter/host/Cluster" (${placeKinds.join(', ')}).`,
  );
}

function isPlaceRule(rule: VmRule): rule is PlaceRule {
  return placeKinds.some((kind) => kind === rule.by);
}

function placeLine({ by, path }: PlaceRule): string {
  return `${by}: ${path}`;
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
