import type { EncryptionView } from '#core/api.ts';

const rule = '-'.repeat(76);

/** One page for the safe: what to do with archives and a private key when nothing else is left. */
export function recoverySheet({ repository, recipients }: EncryptionView, now: Date): string[] {
  const keys = recipients.flatMap(({ recipient }, index) => [
    '',
    `Public key ${index + 1}:  ${recipient}`,
    'Its private key (AGE-SECRET-KEY-1 and 58 characters), or where it is kept:',
    '',
    `  ${'_'.repeat(72)}`,
  ]);
  return [
    `RECOVERY SHEET of the backup repository "${repository.name}"`,
    `printed ${now.toISOString().slice(0, 10)} by coldframe`,
    rule,
    `Folder:         ${repository.root}`,
    `Repository id:  ${repository.id}`,
    ...(recipients.length === 0
      ? ['', 'New archives in this repository are not encrypted; no key is needed for them.']
      : [
          '',
          'The archives in this repository are encrypted. Without one of the private keys below nobody can',
          'read them: not coldframe, not its makers. Keep this sheet where the storage cannot burn with it.',
          ...keys,
        ]),
    '',
    rule,
    'To restore without coldframe (needs: age, zstd, tar, a POSIX shell)',
    '',
    '1. Write the private key into a file:                key.txt',
    '2. Decrypt each archive of the chain (see the names: *_full_*, then *_incr_* in order of time):',
    '     age -d -i key.txt -o A.tar.zst A.tar.zst.age',
    '3. Take the script out of the full archive, and run it over all of them, the full one first:',
    '     zstd -dc FULL.tar.zst | tar -xf - restore.sh',
    '     sh restore.sh OUTPUT-FOLDER FULL.tar.zst INCREMENTAL-1.tar.zst ...',
    '   A full archive alone:  age -d -i key.txt FULL.tar.zst.age | zstd -dc | tar -xf -',
    '   Each disk becomes a raw image that qemu-img, losetup and dd take.',
    '',
    'To restore with coldframe',
    '',
    '1. coldframe repository add NAME FOLDER       finds all restore points; no key is needed',
    '2. coldframe key add NAME --file key.txt      the key, until the service ends (--keep: for good)',
    '3. coldframe restore ...                      as ever',
    '   On single files, without a service:        coldframe tool extract --identity key.txt ...',
  ];
}
