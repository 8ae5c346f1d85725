import { ColdframeError } from '#core/error.ts';

/** Name of the vSphere fault behind an error; '' when it is none. */
export function faultName(error: unknown): string {
  const fault = error instanceof ColdframeError ? error.details['fault'] : undefined;
  return typeof fault === 'string' ? fault : '';
}
