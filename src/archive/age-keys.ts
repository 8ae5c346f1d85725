import { ColdframeError } from '#core/error.ts';
import { Secret } from '#core/secret.ts';

import { loadAge, makeAgeStart } from './age-header.ts';

const recipientPattern = /^age1[02-9ac-hj-np-z]{58}$/;
const identityPattern = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;

/** Throws 'invalid-input' unless each is an X25519 public key of age that can be encrypted to. */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  for (const recipient of recipients) {
    if (!recipientPattern.test(recipient)) throw badRecipient(recipient);
    try {
      await makeAgeStart([recipient]);
    } catch (cause) {
      throw badRecipient(recipient, cause);
    }
  }
}

/**
 * The keys in an identity file as age-keygen writes it: one a line, "#" before remarks. Throws
 * 'invalid-input', which never repeats a line of the file.
 */
export async function parseIdentities(text: string, source: string): Promise<readonly Secret[]> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw badIdentity(source, 'it holds no key');
  const identities = lines.map((line) => new Secret(line));
  for (const [index, line] of lines.entries()) {
    if (!identityPattern.test(line)) throw badIdentity(source, `line ${index + 1} of it is no key`);
    await recipientOf(identities[index]!).catch(() => {
      throw badIdentity(source, `key ${index + 1} of it is mistyped`);
    });
  }
  return identities;
}

/** The public key that belongs to an identity. */
export async function recipientOf(identity: Secret): Promise<string> {
  const { identityToRecipient } = await loadAge();
  return identityToRecipient(identity.reveal());
}

function badRecipient(text: string, cause?: unknown): ColdframeError {
  const what = /^AGE-SECRET-KEY/i.test(text) ? 'That' : JSON.stringify(text.slice(0, 80));
  return new ColdframeError(
    'invalid-input',
    `${what} is not a public key of age. Give one as "age-keygen -y" prints it: age1 and 58 characters more.`,
    cause === undefined ? {} : { cause },
  );
}

function badIdentity(source: string, what: string): ColdframeError {
  return new ColdframeError(
    'invalid-input',
    `${source} is not an identity file of age: ${what}. Keys begin with AGE-SECRET-KEY-1; decrypt the file first when it has a passphrase.`,
  );
}

/** A new key pair. */
export async function newIdentity(): Promise<{
  readonly identity: Secret;
  readonly recipient: string;
}> {
  const { generateX25519Identity } = await loadAge();
  const identity = new Secret(await generateX25519Identity());
  return { identity, recipient: await recipientOf(identity) };
}
