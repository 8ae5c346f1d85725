import { columns, rows, wrapped, type Page } from './terminal.ts';

/** What the screen shows of the appliance; undefined: it could not be learnt. */
export interface StatusFacts {
  readonly hostname: string;
  readonly version: string;
  readonly addresses: readonly string[];
  /** SHA-256 of the page's certificate, upper-case colon hex. */
  readonly fingerprint: string | undefined;
  readonly service: string;
  readonly clockInStep: boolean | undefined;
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly message: string;
  }[];
  readonly lastRun: string | undefined;
  readonly nowMs: number;
}

/** The screen that is always on, in the manner of a hypervisor's. */
export function statusPage(facts: StatusFacts): Page {
  const { hostname, version, addresses, fingerprint, checks } = facts;
  const [first, second] = halves(fingerprint);
  const where =
    addresses.length === 0
      ? ['no address yet: check the network, or log in and set one']
      : addresses.map((address) => `https://${address.includes(':') ? `[${address}]` : address}/`);
  const lines = [
    '',
    'Admin page',
    ...where.slice(0, 4).map((each) => `  ${each}`),
    '',
    'Certificate (SHA-256), to compare with what the browser shows',
    `  ${first}`,
    `  ${second}`,
    '',
    'Health',
    line(facts.service === 'active', 'service', facts.service),
    line(addresses.length > 0, 'network', addresses.length > 0 ? 'has an address' : 'no address'),
    line(facts.clockInStep, 'time', clockText(facts)),
    lastRunLine(facts),
    // What is wrong first: there may be more than fits.
    ...checks.toSorted((a, b) => Number(a.ok) - Number(b.ok)).flatMap(checkLines),
  ];
  return {
    title: `coldframe ${version}   ${hostname}`,
    footer: 'L log in   R restart the service   P power',
    lines: lines.slice(0, rows - 2),
  };
}

function lastRunLine({ lastRun }: StatusFacts): string {
  const bad = /failed|interrupted/;
  return line(
    lastRun === undefined ? undefined : !bad.test(lastRun),
    'last run',
    lastRun ?? 'none yet',
  );
}

const nameColumn = 29;

function checkLines({ name, ok, message }: StatusFacts['checks'][number]): readonly string[] {
  const [start = '', next] = wrapped(message, columns - nameColumn - 2);
  const more = ok || next === undefined ? [] : [' '.repeat(nameColumn) + next];
  return [line(ok, name, start), ...more];
}

function line(ok: boolean | undefined, name: string, text: string): string {
  const mark = ok === undefined ? '-' : ok ? 'ok' : 'BAD';
  return `  ${mark.padStart(4)}  ${name.slice(0, 19).padEnd(19)}  ${text}`;
}

function clockText({ clockInStep, nowMs }: StatusFacts): string {
  const now = `${new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return clockInStep === true ? now : `${now}, no time server answers`;
}

function halves(fingerprint: string | undefined): readonly [string, string] {
  if (fingerprint === undefined) return ['not made yet', ''];
  const middle = Math.ceil(fingerprint.length / 2);
  return [fingerprint.slice(0, middle), fingerprint.slice(middle)];
}
