import type { LabControl } from './lab-control.ts';

/** The control methods of a lab in another process. */
export function remoteControl(controlUrl: string): LabControl {
  const call = async (method: string, argument: unknown): Promise<unknown> => {
    const response = await fetch(`${controlUrl}/${method}`, {
      method: 'POST',
      ...(argument === undefined ? {} : { body: JSON.stringify(argument) }),
    });
    const result: unknown = await response.json();
    if (!response.ok) throw new Error((result as { error: string }).error);
    return result === null ? undefined : result;
  };
  return new Proxy({} as LabControl, {
    // `then` must stay unset or awaiting the proxy would call the lab.
    get: (_, method) =>
      typeof method === 'string' && method !== 'then'
        ? async (argument?: unknown) => await call(method, argument)
        : undefined,
  });
}
