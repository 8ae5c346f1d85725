import type { CertificateView, EndpointList, EndpointTest } from '#core/api.ts';
import type { Endpoint } from '#core/config.ts';
import { ColdframeError } from '#core/error.ts';

import type { Command, CommandInput } from '../command.ts';
import { count } from '../format.ts';
import { given } from '../order-options.ts';
import { printable } from '../output.ts';
import { usageError } from '../parse-command-line.ts';
import { confirm, readPassword } from '../prompt.ts';
import { endpointRoleCommand, showGaps } from './endpoint-role.ts';

const name = { name: 'NAME', summary: 'name or id of the endpoint' };

export const endpointCommands: readonly Command[] = [
  {
    name: 'endpoint add',
    summary: 'Log in to a vCenter Server or ESXi host and save it',
    arguments: [{ name: 'NAME', summary: 'what you want to call it' }],
    options: {
      address: { value: 'HOST[:PORT]', summary: 'host name or address (default: NAME)' },
      user: { value: 'USER', summary: 'account, such as backup@vsphere.local' },
      'password-file': {
        value: 'PATH',
        summary: 'password from the first line of a file; - is standard input',
      },
      thumbprint: {
        value: 'SHA256',
        summary: 'the certificate that you expect; nothing is asked then',
      },
      'trust-authority': {
        summary: 'the certificate is signed by an authority that this machine knows',
      },
    },
    examples: [
      'coldframe endpoint add lab --address vcenter.example.com --user backup@vsphere.local',
      'coldframe endpoint add lab --address 10.0.0.5 --user root --password-file - --thumbprint 4F:00:…',
    ],
    notes: [
      'Without --thumbprint and --trust-authority the certificate is shown and you are asked whether it is\nthe right one. The endpoint is saved only when the login works.',
    ],
    async run(input) {
      const address = input.text('address') ?? input.argument('NAME');
      const user = input.text('user');
      if (user === undefined) throw usageError('--user is missing.');
      const said = givenThumbprint(input);
      const thumbprint = said === undefined ? await confirmThumbprint(input, address) : said;
      const password = await readPassword(input, `Password of ${user}: `);
      const added = await input.client.post<EndpointTest>('/endpoints', {
        name: input.argument('NAME'),
        address,
        user,
        // The one way of the password: the body of a request over the service's own socket.
        password: password.reveal(),
        ...(thumbprint === null ? {} : { thumbprint }),
      });
      showTest(input, added, `Added ${added.endpoint.name}.`);
      return undefined;
    },
  },
  {
    name: 'endpoint list',
    summary: 'List endpoints',
    examples: ['coldframe endpoint list'],
    async run({ client, output }) {
      const { endpoints } = await client.get<EndpointList>('/endpoints');
      if (output.json) output.document(endpoints);
      else if (endpoints.length === 0)
        output.note('There is no endpoint yet. Add one with: coldframe endpoint add');
      else
        output.table(
          [{ title: 'NAME' }, { title: 'ADDRESS' }, { title: 'USER' }, { title: 'CERTIFICATE' }],
          endpoints.map((endpoint) => [
            endpoint.name,
            endpoint.address,
            endpoint.user,
            trustText(endpoint),
          ]),
        );
      return undefined;
    },
  },
  {
    name: 'endpoint test',
    summary: 'Log in to a saved endpoint and look',
    arguments: [name],
    examples: ['coldframe endpoint test lab'],
    async run(input) {
      const path = `/endpoints/${encodeURIComponent(input.argument('NAME'))}/test`;
      const tested = await input.client.post<EndpointTest>(path);
      showTest(input, tested, `${tested.endpoint.name} works.`);
      return undefined;
    },
  },
  {
    name: 'endpoint update',
    summary: 'Change address, account, password or certificate of a saved endpoint',
    arguments: [name],
    options: {
      address: { value: 'HOST[:PORT]', summary: 'another name or address of the same server' },
      user: { value: 'USER', summary: 'another account' },
      'new-password': { summary: 'ask for the password' },
      'password-file': {
        value: 'PATH',
        summary: 'new password from the first line of a file; - is standard input',
      },
      'new-certificate': { summary: 'show the certificate that the server has now, and ask' },
      thumbprint: { value: 'SHA256', summary: 'the certificate that you expect from now on' },
      'trust-authority': {
        summary: 'the certificate is signed by an authority that this machine knows',
      },
    },
    examples: [
      'coldframe endpoint update lab --new-password',
      'coldframe endpoint update lab --new-certificate',
    ],
    notes: [
      'Saved only when the login works, and only for the server that the endpoint always was.',
    ],
    async run(input) {
      const wanted = input.argument('NAME');
      const { endpoints } = await input.client.get<EndpointList>('/endpoints');
      const saved = endpoints.find((each) => each.id === wanted || each.name === wanted);
      if (saved === undefined)
        throw new ColdframeError(
          'not-found',
          `There is no endpoint "${wanted}". See: coldframe endpoint list`,
        );
      const thumbprint = input.flag('new-certificate')
        ? await confirmThumbprint(input, input.text('address') ?? saved.address)
        : givenThumbprint(input);
      const wantsPassword = input.flag('new-password') || input.text('password-file') !== undefined;
      const password = wantsPassword ? await readPassword(input, 'New password: ') : undefined;
      const changed = await input.client.patch<EndpointTest>(
        `/endpoints/${saved.id}`,
        given({
          address: input.text('address'),
          user: input.text('user'),
          thumbprint,
          password: password?.reveal(),
        }),
      );
      showTest(input, changed, `Changed ${changed.endpoint.name}.`);
      return undefined;
    },
  },
  {
    name: 'endpoint remove',
    summary: 'Forget an endpoint and its password',
    arguments: [name],
    examples: ['coldframe endpoint remove lab'],
    notes: ['Restore points of its VMs stay.'],
    async run({ client, output, argument }) {
      await client.delete(`/endpoints/${encodeURIComponent(argument('NAME'))}`);
      output.note(`Removed ${argument('NAME')}.`);
      return undefined;
    },
  },
  endpointRoleCommand,
];

/** null = by authority; undefined = nothing was said. */
function givenThumbprint(input: CommandInput): string | null | undefined {
  const given = input.text('thumbprint');
  if (given !== undefined && input.flag('trust-authority'))
    throw usageError('Give --thumbprint or --trust-authority, not both.');
  return input.flag('trust-authority') ? null : given;
}

async function confirmThumbprint(input: CommandInput, address: string): Promise<string> {
  if (!input.environment.interactive)
    throw usageError(
      'There is no terminal to ask whether the certificate is right. Give --thumbprint SHA256, or --trust-authority.',
    );
  const seen = await input.client.post<CertificateView>('/endpoint-certificates', { address });
  process.stderr.write(
    [
      `The certificate of ${address}:`,
      `  for      ${printable(seen.subject)}`,
      `  by       ${printable(seen.issuer)}`,
      `  valid    ${seen.validFrom.slice(0, 10)} to ${seen.validTo.slice(0, 10)}`,
      `  SHA-256  ${seen.sha256}`,
      '',
    ].join('\n'),
  );
  if (await confirm(input, 'Is this the right one?')) return seen.sha256;
  throw new ColdframeError(
    'certificate-changed',
    'The certificate was not confirmed; nothing was saved.',
  );
}

function showTest({ output }: CommandInput, test: EndpointTest, headline: string): void {
  if (output.json) {
    output.document(test);
    return;
  }
  output.line(headline);
  output.facts([
    ['Product', `${test.product} (API ${test.apiVersion})`],
    ['Account', `${test.endpoint.user} sees ${count(test.vmCount, 'VM')}`],
    ['Certificate', trustText(test.endpoint)],
    ['Privileges', privilegesText(test)],
  ]);
  showGaps(output, test.privilegeGaps ?? []);
}

function privilegesText({ privilegeGaps, privilegesUnknown }: EndpointTest): string {
  if (privilegeGaps === undefined) return `not known: ${printable(privilegesUnknown ?? '')}`;
  const needed = privilegeGaps.filter(({ optional }) => !optional).length;
  return needed === 0 ? 'all that is needed' : `${needed} missing`;
}

function trustText({ thumbprint }: Endpoint): string {
  return thumbprint === undefined ? 'by authority' : `pinned ${thumbprint.slice(0, 23)}…`;
}
