import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

import { ColdframeError } from '#core/error.ts';
import type { ManifestSignature } from '#core/restore-point.ts';
import type { Secret } from '#core/secret.ts';

import { damaged } from './damage.ts';

/**
 * Ed25519 signatures of seals. Signed are the bytes of manifest.json without its last key,
 * "signature", so that the archive's file and a public key are all that a check needs.
 */

/** Makes the signature of a manifest's bytes. */
export type SignManifest = (unsigned: Uint8Array) => ManifestSignature;

const begin = ',\n  "signature": {\n';

/** `key`: a PKCS #8 private key in PEM. */
export function manifestSigner(key: Secret): SignManifest {
  const privateKey = createPrivateKey(key.reveal());
  const keyId = keyIdOf(createPublicKey(privateKey));
  return (unsigned) => ({
    algorithm: 'ed25519',
    keyId,
    value: sign(null, unsigned, privateKey).toString('base64'),
  });
}

/** The public key in PEM, for people to keep elsewhere, and its short name. */
export function publicKeyOf(key: Secret): { readonly pem: string; readonly keyId: string } {
  const publicKey = createPublicKey(key.reveal());
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    keyId: keyIdOf(publicKey),
  };
}

/** Throws 'invalid-input' unless the text is an Ed25519 public key in PEM. */
export function parsePublicKey(pem: string, source: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw noKey(source, cause);
  }
  if (key.asymmetricKeyType !== 'ed25519' || pem.includes('PRIVATE')) throw noKey(source);
  return key;
}

/** Throws 'archive-damaged' unless `manifest` (its bytes in the archive) carries a good signature by the key. */
export function checkSignature(
  {
    manifest,
    signature,
  }: { readonly manifest: Buffer; readonly signature: ManifestSignature | undefined },
  key: KeyObject,
  file: string,
): void {
  if (signature === undefined)
    throw damaged(file, 'it carries no signature, so nothing shows who made it');
  const wanted = keyIdOf(key);
  const unsigned = unsignedBytes(manifest);
  const isGood =
    unsigned !== undefined && verify(null, unsigned, key, Buffer.from(signature.value, 'base64'));
  if (isGood) return;
  throw damaged(
    file,
    signature.keyId === wanted
      ? `its signature by the key ${wanted} is wrong: it was changed after it was made`
      : `it was signed with the key ${signature.keyId} and not with ${wanted}`,
  );
}

/** The bytes that were signed; undefined when nothing of that form is there. */
function unsignedBytes(manifest: Buffer): Buffer | undefined {
  const text = manifest.toString('latin1');
  const at = text.lastIndexOf(begin);
  const rest =
    /^ {4}"algorithm": "ed25519",\n {4}"keyId": "[0-9a-f]{16}",\n {4}"value": "[A-Za-z0-9+/=]{88}"\n {2}\}\n\}\n$/;
  if (at < 0 || !rest.test(text.slice(at + begin.length))) return undefined;
  return Buffer.concat([manifest.subarray(0, at), Buffer.from('\n}\n')]);
}

function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

function noKey(source: string, cause?: unknown): ColdframeError {
  return new ColdframeError(
    'invalid-input',
    `${source} is not an Ed25519 public key in PEM. Print it on the appliance with: coldframe signing-key`,
    cause === undefined ? {} : { cause },
  );
}
