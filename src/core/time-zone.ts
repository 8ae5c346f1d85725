/** Whether this is an IANA name that the machine knows. */
export function isTimeZone(name: string): boolean {
  if (name === '') return false;
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
