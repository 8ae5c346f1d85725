import { ColdframeError } from '#core/error.ts';

export interface Pickable {
  readonly id: string;
  readonly name: string;
}

/** Finds by id or name; without either, the only one there is. `what` names the kind and the list command. */
export function pick<T extends Pickable>(
  all: readonly T[],
  wanted: string | undefined,
  what: { readonly word: string; readonly command: string },
): T {
  const { word, command } = what;
  if (wanted !== undefined) {
    const found = all.find(({ id }) => id === wanted) ?? all.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    throw new ColdframeError(
      'not-found',
      `There is no ${word} "${wanted}". See: coldframe ${command} list`,
    );
  }
  if (all.length === 1) return all[0]!;
  throw all.length === 0
    ? new ColdframeError(
        'not-found',
        `There is no ${word} yet. Add one with: coldframe ${command} add`,
      )
    : new ColdframeError(
        'invalid-input',
        `There are ${all.length} of the kind "${word}"; say which one with --${command}: ${all.map(({ name }) => name).join(', ')}.`,
      );
}

/** Refuses a name that is taken or unusable. */
export function checkNewName(
  all: readonly Pickable[],
  name: string,
  what: { readonly word: string; readonly command: string },
): void {
  if (all.some((other) => other.name === name))
    throw new ColdframeError(
      'invalid-input',
      `There is already a ${what.word} "${name}". Choose another name, or remove that one first.`,
    );
}

export const endpointWords = { word: 'endpoint', command: 'endpoint' } as const;
export const jobWords = { word: 'job', command: 'job' } as const;
export const repositoryWords = { word: 'repository', command: 'repository' } as const;
