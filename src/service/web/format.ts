/** Figures as people read them. Binary units, since disks and memory are sized in them. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function rate(bytesDone: number, elapsedMs: number): string {
  return elapsedMs <= 0 ? '–' : `${bytes((bytesDone / elapsedMs) * 1000)}/s`;
}

/** "3 s", "4 min 10 s", "2 h 5 min", "3 d 4 h". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400)
    return two(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
  return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

function two(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}

/** "5 min ago", "in 2 h". */
export function ago(epochMs: number, nowMs: number): string {
  const distance = nowMs - epochMs;
  if (Math.abs(distance) < 5000) return 'now';
  const rough = duration(Math.abs(distance)).split(' ').slice(0, 2).join(' ');
  return distance > 0 ? `${rough} ago` : `in ${rough}`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** "Mon 23 Nov 2026, 22:00" as the clocks of `timeZone` show it. */
export function moment(epochMs: number, timeZone = 'UTC'): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  return format.format(epochMs);
}
