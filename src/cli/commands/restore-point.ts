import type { RepositoryView, RestorePointList, RestorePointView } from '#core/api.ts';
import type { Damage, Pin } from '#core/restore-point-marks.ts';

import type { Command, CommandInput } from '../command.ts';
import { bytesText, count, durationText, timeText } from '../format.ts';
import { usageError } from '../parse-command-line.ts';

/** Of the API. */
const mostAPage = 1000;

export const restorePointCommands: readonly Command[] = [
  {
    name: 'restore-point list',
    summary: 'List restore points, newest first',
    options: {
      vm: { value: 'NAME', summary: 'only of this VM (name or instance UUID)' },
      repository: { value: 'NAME', summary: 'only of this repository' },
      limit: { value: 'N', summary: 'at most so many (default 100)' },
    },
    examples: ['coldframe restore-point list', 'coldframe restore-point list --vm demo-app'],
    async run(input) {
      const { output, text } = input;
      const vm = text('vm');
      const { restorePoints, next } = await collect(input, wantedCount(text('limit')));
      if (output.json) output.document(restorePoints);
      else if (restorePoints.length === 0)
        output.note(vm === undefined ? 'There is no restore point yet.' : `None of ${vm}.`);
      else table(input, restorePoints);
      if (next !== undefined) output.note('There are more; raise --limit.');
      return undefined;
    },
  },
  {
    name: 'restore-point show',
    summary: 'Everything about one restore point',
    arguments: [{ name: 'ID', summary: 'id from the list' }],
    examples: ['coldframe restore-point show k3v7q2m5xw4hzabc'],
    async run(input) {
      const { client, output, argument } = input;
      const path = `/restore-points/${encodeURIComponent(argument('ID'))}`;
      const point = await client.get<RestorePointView>(path);
      if (output.json) output.document(point);
      else show(input, point);
      return undefined;
    },
  },
];

/** Page by page, since the service gives a thousand at most. */
async function collect({ client, text }: CommandInput, wanted: number): Promise<RestorePointList> {
  const query = new URLSearchParams();
  const vm = text('vm');
  const repository = text('repository');
  if (vm !== undefined) query.set('vm', vm);
  if (repository !== undefined) {
    const path = `/repositories/${encodeURIComponent(repository)}`;
    query.set('repository', (await client.get<RepositoryView>(path)).id);
  }
  const restorePoints: RestorePointView[] = [];
  for (;;) {
    query.set('limit', String(Math.min(mostAPage, wanted - restorePoints.length)));
    const page = await client.get<RestorePointList>(`/restore-points?${query.toString()}`);
    restorePoints.push(...page.restorePoints);
    if (page.next === undefined || restorePoints.length >= wanted)
      return page.next === undefined ? { restorePoints } : { restorePoints, next: page.next };
    query.set('after', page.next);
  }
}

function wantedCount(limit: string | undefined): number {
  if (limit === undefined) return 100;
  if (!/^[1-9][0-9]{0,8}$/.test(limit)) throw usageError('--limit takes a number from 1 on.');
  return Number(limit);
}

function table({ output }: CommandInput, points: readonly RestorePointView[]): void {
  output.table(
    [
      { title: 'TIME' },
      { title: 'VM' },
      { title: 'KIND' },
      { title: 'CONSISTENCY' },
      { title: 'DISKS', align: 'right' },
      { title: 'ARCHIVE', align: 'right' },
      { title: 'PROVEN' },
      { title: 'STATE' },
      { title: 'ID' },
    ],
    points.map(({ header, archiveBytes, pin, damage, provenAtMs }) => [
      timeText(header.createdAtMs),
      header.vm.name,
      header.kind,
      header.consistency,
      String(header.disks.length),
      bytesText(archiveBytes),
      provenAtMs === undefined ? 'never' : timeText(provenAtMs),
      [damage && 'damaged', pin && 'pinned'].filter(Boolean).join(', '),
      header.id,
    ]),
  );
}

function show({ output }: CommandInput, point: RestorePointView): void {
  const { header } = point;
  output.facts([
    ['VM', `${header.vm.name} (${header.vm.instanceUuid})`],
    ['Time', timeText(header.createdAtMs)],
    ['Took', durationText(point.finishedAtMs - header.createdAtMs)],
    ['Kind', header.parent === null ? kindText(header) : `${header.kind} on ${header.parent.id}`],
    ['Consistency', header.consistency],
    ['Archive', `${point.path} (${bytesText(point.archiveBytes)})`],
    ['Seal', point.seal],
    ['Proven', point.provenAtMs === undefined ? 'never, verify it' : timeText(point.provenAtMs)],
    ...(point.damage === undefined ? [] : [['Damaged', damageText(point.damage)] as const]),
    ...(point.pin === undefined ? [] : [['Pinned', pinText(point.pin)] as const]),
  ]);
  output.line();
  output.table(
    [
      { title: 'DISK' },
      { title: 'NAME' },
      { title: 'SIZE', align: 'right' },
      { title: 'MAPPED', align: 'right' },
      { title: 'MODE' },
      { title: 'TRANSPORT' },
      { title: 'WHY' },
    ],
    header.disks.map((disk) => [
      disk.label,
      disk.deviceLabel,
      bytesText(disk.capacityBytes),
      bytesText(point.disks.find(({ label }) => label === disk.label)?.mappedBytes ?? 0),
      disk.mode,
      disk.transport,
      disk.modeReason,
    ]),
  );
  for (const { deviceLabel, reason } of header.skippedDisks)
    output.note(`Not in it: ${deviceLabel}, ${reason}`);
  if (header.warnings.length > 0)
    output.note(`${count(header.warnings.length, 'warning')}: ${header.warnings.join(' ')}`);
}

function damageText({ atMs, path, message }: Damage): string {
  return `found ${timeText(atMs)} in ${path}: ${message}`;
}

function pinText({ atMs, note }: Pin): string {
  return `since ${timeText(atMs)}${note === '' ? '' : `: ${note}`}`;
}

function kindText({ kind, replaces }: RestorePointView['header']): string {
  return replaces === undefined ? kind : `${kind}, in the place of ${replaces.restorePointId}`;
}
