import { ColdframeError } from '#core/error.ts';

/** The error for anything in an archive that is not as it was written. `file` is named for people. */
export function damaged(file: string, what: string, cause?: unknown): ColdframeError {
  const advice = 'Use another copy of this archive or another restore point.';
  return new ColdframeError('archive-damaged', `${file} is damaged: ${what}. ${advice}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { file },
  });
}
