import { resolve } from 'node:path';

import type {
  FolderProof,
  RebuildResult,
  RepositoryAdded,
  RepositoryList,
  RepositoryView,
  RepositoryDifferences,
} from '#core/api.ts';
import type { RepositoryConfig } from '#core/config.ts';
import { defaultNfsVersion, nfsOptions, nfsSource, nfsVersions } from '#core/nfs.ts';

import type { Command, CommandInput } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { bytesText, count } from '../format.ts';
import { printable } from '../output.ts';
import { differencesCode, showDifferences } from '../show-differences.ts';

const name = { name: 'NAME', summary: 'name or id of the repository' };

export const repositoryCommands: readonly Command[] = [
  {
    name: 'repository add',
    summary: 'Begin a repository in an empty folder, or take over one that is there',
    arguments: [
      { name: 'NAME', summary: 'what you want to call it' },
      {
        name: 'FOLDER',
        summary: 'local folder, or nfs://server/export for the appliance to mount',
      },
    ],
    options: {
      'nfs-version': { value: nfsVersions.join('|'), summary: `default ${defaultNfsVersion}` },
    },
    examples: [
      'coldframe repository add main /srv/backup',
      'coldframe repository add nas nfs://nas.example.com/backup',
    ],
    notes: [
      'A marker file is put into the folder. coldframe writes nowhere that lacks its marker, so that an\nunmounted NFS folder does not fill the system disk. A folder that another coldframe filled is\ntaken over with all its restore points.',
    ],
    async run(input) {
      const folder = input.argument('FOLDER');
      const version = input.text('nfs-version');
      const place = folder.startsWith('nfs://')
        ? { nfs: folder, ...(version === undefined ? {} : { version }) }
        : { root: resolve(folder) };
      const added = await input.client.post<RepositoryAdded>('/repositories', {
        name: input.argument('NAME'),
        ...place,
      });
      showRebuild(input, added, `Added ${added.repository.name} (${placeText(added.repository)}).`);
      if (!input.output.json) input.output.line(proofText(added.proof));
      return added.unreadable.length > 0 ? exitCodes.warnings : exitCodes.ok;
    },
  },
  {
    name: 'repository list',
    summary: 'List repositories with their space',
    examples: ['coldframe repository list'],
    async run({ client, output }) {
      const { repositories } = await client.get<RepositoryList>('/repositories');
      if (output.json) output.document(repositories);
      else if (repositories.length === 0)
        output.note('There is no repository yet. Add one with: coldframe repository add');
      else
        output.table(
          [
            { title: 'NAME' },
            { title: 'FREE', align: 'right' },
            { title: 'SIZE', align: 'right' },
            { title: 'STATE' },
            { title: 'FOLDER' },
          ],
          repositories.map((repository) => [
            repository.name,
            sizeText(repository.freeBytes),
            sizeText(repository.totalBytes),
            repository.error === undefined ? output.good('good') : output.bad('unusable'),
            placeText(repository),
          ]),
        );
      for (const { name: which, error } of repositories)
        if (error !== undefined) output.note(`${which}: ${error.message}`);
      return repositories.some(({ error }) => error !== undefined)
        ? exitCodes.warnings
        : exitCodes.ok;
    },
  },
  {
    name: 'repository check',
    summary: 'Check that the folder is usable, and compare it with the catalog',
    arguments: [name],
    examples: ['coldframe repository check main'],
    notes: [
      'Archives are compared by name and size and not opened. Nothing is changed; the exit code is 3 when\nthey differ.',
    ],
    async run({ client, output, argument }) {
      const path = `/repositories/${encodeURIComponent(argument('NAME'))}`;
      const repository = await client.get<RepositoryView>(path);
      const differences = await client.get<RepositoryDifferences>(`${path}/differences`);
      if (output.json) output.document({ ...repository, differences });
      else {
        output.line(
          `${repository.name} is good: ${sizeText(repository.freeBytes)} of ${sizeText(repository.totalBytes)} free in ${placeText(repository)}.`,
        );
        showDifferences(output, differences);
      }
      return differencesCode(differences);
    },
  },
  {
    name: 'repository rebuild',
    summary: 'Find the restore points in the archives again',
    arguments: [name],
    options: {
      all: { summary: 'read every archive, not only those that are new or of another size' },
      'forget-missing': { summary: 'take restore points out whose archives are gone' },
    },
    examples: ['coldframe repository rebuild main'],
    notes: [
      'For archives that were copied in or deleted by hand, and after a lost catalog. What the folder lacks\nis shown and stays in the catalog, unless --forget-missing is given.',
    ],
    async run(input) {
      const path = `/repositories/${encodeURIComponent(input.argument('NAME'))}/rebuild`;
      const rebuilt = await input.client.post<RebuildResult>(path, {
        all: input.flag('all'),
        forgetMissing: input.flag('forget-missing'),
      });
      showRebuild(input, rebuilt, `Read ${rebuilt.repository.name}.`);
      const isWhole = rebuilt.unreadable.length === 0 && (rebuilt.missing ?? []).length === 0;
      return isWhole ? exitCodes.ok : exitCodes.warnings;
    },
  },
  {
    name: 'repository remove',
    summary: 'Forget a repository; its archives stay',
    arguments: [name],
    examples: ['coldframe repository remove main'],
    async run({ client, output, argument }) {
      await client.delete(`/repositories/${encodeURIComponent(argument('NAME'))}`);
      output.note(`Removed ${argument('NAME')}; the archives are still in its folder.`);
      return undefined;
    },
  },
];

function showRebuild({ output }: CommandInput, result: RebuildResult, headline: string): void {
  if (output.json) {
    output.document(result);
    return;
  }
  output.line(headline);
  output.line(
    `${count(result.found, 'restore point')} in it: ${result.added} new to the catalog, ${result.removed} no longer there.`,
  );
  for (const path of result.missing ?? []) output.note(`Missing: ${printable(path)}`);
  for (const { path, message } of result.unreadable)
    output.note(`Unreadable: ${printable(path)}: ${printable(message)}`);
}

function placeText({ root, nfs }: RepositoryConfig): string {
  return nfs === undefined ? root : `${root}, ${nfsSource(nfs)} with ${nfsOptions(nfs)}`;
}

function proofText({ writeBytesPerSecond, readBytesPerSecond, keepsHoles }: FolderProof): string {
  const speed = `Tried: ${bytesText(writeBytesPerSecond)}/s written durably, ${bytesText(readBytesPerSecond)}/s read back.`;
  return keepsHoles
    ? speed
    : `${speed} Files there cannot have holes: uncompressed archives take the room of the whole disk.`;
}

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? '?' : bytesText(bytes);
}
